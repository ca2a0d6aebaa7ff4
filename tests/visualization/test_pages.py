"""Every page, on a system that holds something, on an empty one and on one that is stopped."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

Draw = Callable[..., AppTest]
PAGES = ("overview", "explore", "upload_page", "quarantine_page", "models_page", "audit_page")


def html(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def markdown(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


@pytest.mark.parametrize("module", PAGES)
def test_a_page_is_drawn_on_an_empty_home(draw: Draw, empty_system: Any, module: str) -> None:
    draw(module, empty_system)


@pytest.mark.parametrize("module", ["overview", "explore", "quarantine_page", "audit_page"])
def test_an_empty_page_says_what_to_do_or_that_all_is_well(draw: Draw, empty_system: Any, module: str) -> None:
    assert "ps-empty" in html(draw(module, empty_system))


def test_the_empty_overview_names_the_inbox_and_the_samples(draw: Draw, empty_system: Any) -> None:
    shown = html(draw("overview", empty_system))
    assert str(empty_system.settings.home / "inbox") in shown
    assert "penstock samples" in shown


@pytest.mark.parametrize("module", ["overview", "explore", "upload_page", "quarantine_page", "models_page"])
def test_a_stopped_system_is_said_on_the_page(draw: Draw, system: Any, module: str) -> None:
    system.running = False
    page = draw(module, system)
    assert "penstock run" in page.warning[0].value


def test_the_overview_says_how_many_files_need_a_person(draw: Draw, system: Any) -> None:
    assert "2 files need you" in html(draw("overview", system))


def test_the_overview_shows_the_books_as_an_equation(draw: Draw, system: Any) -> None:
    spoken = "5 received = 2 stored + 1 duplicate + 2 quarantined + 0 in flight"
    assert spoken in html(draw("overview", system))


def test_a_file_name_cannot_put_markup_on_a_page(draw: Draw, system: Any) -> None:
    system.take_in("/in/<img src=x onerror=alert(1)>.csv", b"hostile", "sensor_reading", [])
    shown = html(draw("overview", system))
    assert "<img" not in shown
    assert "&lt;img" in shown


def test_the_arrivals_can_be_measured_in_records(draw: Draw, system: Any) -> None:
    page = draw("overview", system)
    page.segmented_control(key="arrivals-measure").set_value("rows").run()
    assert not page.exception


def test_explore_finds_words_and_marks_them_without_markup_of_the_record(draw: Draw, system: Any) -> None:
    page = draw("explore", system)
    page.text_input(key="q").set_value("total loss").run()
    assert not page.exception
    assert "8 records" in markdown(page)
    assert "<mark>total loss</mark> &lt;b&gt;" in html(page)


def test_explore_narrows_by_dataset_and_facet(draw: Draw, system: Any) -> None:
    page = draw("explore", system)
    page.pills(key="dataset").set_value("insurance_claim").run()
    page.pills(key="facet-insurance_claim-state").set_value("OH").run()
    assert not page.exception
    assert "6 records" in markdown(page)


def test_explore_offers_no_facet_of_personal_data(draw: Draw, system: Any) -> None:
    page = draw("explore", system)
    page.pills(key="dataset").set_value("insurance_claim").run()
    assert {pills.key for pills in page.pills} == {
        "dataset",
        "facet-insurance_claim-state",
        "facet-insurance_claim-severity",
    }


def test_explore_offers_facets_of_the_columns_that_part_the_answer(draw: Draw, system: Any) -> None:
    page = draw("explore", system)
    page.pills(key="dataset").set_value("sensor_reading").run()
    assert {pills.key for pills in page.pills} == {"dataset"}  # one quantity, and the sensor is an identity


def test_a_record_opens_with_its_values_its_file_and_its_trace(draw: Draw, system: Any) -> None:
    page = draw("explore", system)
    page.pills(key="dataset").set_value("insurance_claim").run()
    next(button for button in page.button if button.label == "Details").click().run()
    assert not page.exception
    shown = html(page)
    assert "Claimant name · masked" in shown
    assert "J*** D**" in shown
    assert "classified" in shown
    assert page.get("download_button")


def test_opening_a_record_does_not_open_the_original(draw: Draw, system: Any) -> None:
    page = draw("explore", system)
    next(button for button in page.button if button.label == "Details").click().run()
    assert system.read == []


def test_explore_has_pages_of_twenty(draw: Draw, system: Any) -> None:
    page = draw("explore", system)
    assert len([button for button in page.button if button.label == "Details"]) == 20
    page.get("pagination")[0].set_value(4).run()
    assert len([button for button in page.button if button.label == "Details"]) == 4


def test_explore_shows_a_table_on_demand(draw: Draw, system: Any) -> None:
    page = draw("explore", system)
    page.pills(key="dataset").set_value("insurance_claim").run()
    page.segmented_control(key="shape").set_value("Table").run()
    assert not page.exception
    assert "Claim amount" in page.dataframe[0].value.columns


@pytest.mark.parametrize("name", ["sensor_reading", "insurance_claim"])
def test_a_dataset_page_shows_its_views_and_its_columns(draw: Draw, system: Any, name: str) -> None:
    page = draw("dataset_page", system, system.dataset(name))
    assert page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")
    assert "Personal data" in page.get("dataframe")[-2].value.columns


def test_a_dataset_page_can_show_another_measure(draw: Draw, system: Any) -> None:
    page = draw("dataset_page", system, system.dataset("sensor_reading"))
    page.selectbox(key="metric-sensor_readings_by_hour").set_value("mean_value").run()
    assert not page.exception


def test_a_dataset_whose_records_have_no_time_says_so_in_place_of_a_chart(draw: Draw, system: Any) -> None:
    system.timeless = True
    page = draw("dataset_page", system, system.dataset("sensor_reading"))
    assert "No record has a time" in html(page)
    assert "<code>measured_at</code> is empty in every record" in html(page)
    assert not [*page.get("vega_lite_chart"), *page.get("arrow_vega_lite_chart")]
    assert page.dataframe[0].value["Readings"].to_list()


def test_sessions_are_listed_on_the_page_of_their_dataset(draw: Draw, system: Any) -> None:
    metrics = [{"name": "duration_seconds", "label": "Duration", "unit": "s"}, {"name": "entry", "label": "Entry"}]
    listed = {"view": "visits", "dataset": "sensor_reading", "description": "Sessions.", "version": 1, "is_list": True}
    listed |= {"window": None, "dimensions": ["actor"], "metrics": metrics}
    rows = pl.DataFrame(
        {"actor": ["v1", f"user_id={'0123456789abcdef' * 4}"], "duration_seconds": [60.0, 0.0], "entry": ["/a", None]}
    )
    system.view_list = lambda _dataset: [listed]
    system.view_rows = lambda _name: rows
    page = draw("dataset_page", system, system.dataset("sensor_reading"))
    shown = next(each.value for each in page.dataframe if "Entry" in each.value.columns)
    assert shown["Actor"].to_list() == ["v1", "user_id=01234567…"]
    assert shown["Duration (s)"].to_list() == [60.0, 0.0]


def test_a_dataset_without_views_says_so(draw: Draw, empty_system: Any) -> None:
    assert "No view" in html(draw("dataset_page", empty_system, empty_system.dataset("blob")))


def test_a_model_shows_its_quality_and_its_reasons(draw: Draw, system: Any) -> None:
    page = draw("models_page", system)
    assert any(metric.label == "AUC" and metric.value == "0.8214" for metric in page.metric)
    assert "amount is high; night" in page.dataframe[0].value["Reasons"].to_list()
    assert not page.warning


def test_a_model_that_is_not_worth_following_says_so(draw: Draw, system: Any) -> None:
    known = system.model_list()
    system.model_list = lambda: [known[0] | {"caution": "No better than chance."}, *known[1:]]
    assert [each.value for each in draw("models_page", system).warning] == ["No better than chance."]


def test_results_begin_with_what_the_model_says_and_end_with_the_file(draw: Draw, system: Any) -> None:
    page = draw("models_page", system)
    results = page.dataframe[-1].value
    assert list(results.columns) == ["Fraud probability", "Reasons", "File", "Row"]
    assert not any(len(str(name)) == 64 for name in results["File"])


def test_models_can_only_be_trained_while_the_system_runs(draw: Draw, system: Any) -> None:
    system.running = False
    page = draw("models_page", system)
    assert page.button(key="train-claim_fraud").disabled
    assert page.button(key="score-claim_fraud").disabled


def test_training_asks_the_running_system(draw: Draw, system: Any) -> None:
    page = draw("models_page", system)
    page.button(key="train-claim_review").click().run()
    assert ("train", {"model": "claim_review"}) in system.asked


def test_quarantine_shows_reason_and_fix(draw: Draw, system: Any) -> None:
    page = draw("quarantine_page", system)
    assert "cross\\-reference" in page.warning[0].value
    assert "sender" in page.info[0].value


def test_replay_asks_the_running_system_for_that_file(draw: Draw, system: Any) -> None:
    page = draw("quarantine_page", system)
    entry = system.quarantine()[0]["id"]
    page.button(key=f"replay-{entry}").click().run()
    assert system.asked == [("replay", {"ids": [entry]})]
    assert entry not in {left["id"] for left in system.quarantine()}


def test_replaying_all_leaves_discarded_files_alone(draw: Draw, system: Any) -> None:
    first, second = (entry["id"] for entry in system.quarantine())
    system.take_in("/in/x", b"x", "sensor_reading", [])
    system.refuse("/in/third", b"third", "It is broken.", "Mend it.")
    list(system.ask("discard", id=second, because="test"))
    page = draw("quarantine_page", system)
    page.button(key="replay-all").click().run()
    assert system.asked[-1][1]["ids"] == [first, system.asked[-1][1]["ids"][1]]
    assert second not in system.asked[-1][1]["ids"]


def test_a_locked_file_is_replayed_with_a_password_that_the_page_forgets(draw: Draw, system: Any) -> None:
    system.refuse(
        "/in/locked.pdf", b"locked", "It is locked.", "Give it: `penstock quarantine replay 1 --ask-password`."
    )
    locked = system.quarantine()[-1]["id"]
    for entry in system.quarantine()[:-1]:
        list(system.ask("discard", id=entry["id"], because="test"))
    page = draw("quarantine_page", system)
    assert "`penstock quarantine replay 1 --ask-password`" in page.info[0].value
    next(field for field in page.text_input if field.label == "Password").set_value("sesame")
    next(button for button in page.button if button.label == "Replay with the password").click().run()
    assert system.asked[-1] == ("replay", {"ids": [locked], "passwords": ["sesame"]})
    assert "sesame" not in repr(page.session_state)


def test_all_files_of_one_reason_are_replayed_and_no_other(draw: Draw, system: Any) -> None:
    reason = system.quarantine()[0]["reason"]
    system.refuse("/in/alike.pdf", b"alike", reason, "Fetch it anew.")
    page = draw("quarantine_page", system)
    page.button(key="replay-reason").click().run()
    alike = [system.asked[-1][1]["ids"], [1 for entry in system.quarantine() if entry["reason"] == reason]]
    assert [len(each) for each in alike] == [2, 0]
    assert len(system.quarantine()) == 1


def test_discarding_needs_a_reason(draw: Draw, system: Any) -> None:
    page = draw("quarantine_page", system)
    discard = next(button for button in page.button if button.label == "Discard it")
    discard.click().run()
    assert system.asked == []
    assert "Say why" in page.error[0].value


def test_discarding_hands_the_reason_on(draw: Draw, system: Any) -> None:
    page = draw("quarantine_page", system)
    next(field for field in page.text_input if field.label == "Why?").set_value("sent twice")
    next(button for button in page.button if button.label == "Discard it").click().run()
    assert system.asked == [("discard", {"id": system.quarantine()[0]["id"], "because": "sent twice"})]


def test_bytes_are_read_only_when_asked_for_and_once(draw: Draw, system: Any) -> None:
    page = draw("quarantine_page", system)
    assert system.read == []
    blob = system.quarantine()[0]["blob"]
    page.button(key=f"preview-{blob}").click().run()
    page.run()
    assert system.read == [blob]
    assert "25 50 44 46" in html(page)


def test_a_stopped_system_cannot_be_asked_to_replay(draw: Draw, system: Any) -> None:
    system.running = False
    page = draw("quarantine_page", system)
    assert page.button(key=f"replay-{system.quarantine()[0]['id']}").disabled


def test_an_upload_reaches_the_inbox_and_its_fate_is_shown(draw: Draw, system: Any) -> None:
    page = draw("upload_page", system)
    page.get("file_uploader")[0].upload("readings.csv", b"a,b\n1,2\n", "text/csv").run()
    next(button for button in page.button if button.label == "Take in 1 file").click().run()
    assert not page.exception
    shown = html(page)
    assert "readings.csv" in shown
    assert "stored" in shown


def test_the_audit_page_lists_what_was_read(draw: Draw, system: Any) -> None:
    system.preview(system.quarantine()[0]["blob"])
    page = draw("audit_page", system)
    assert page.dataframe[0].value["Did"].to_list() == ["read"]


def test_an_address_that_names_a_blob_opens_that_file(draw: Draw, system: Any) -> None:
    page = draw("explore", system)
    page.query_params["blob"] = system.recent(1)[0]["blob"]
    page.run()
    assert not page.exception
    assert "empty.csv" in html(page)
    assert page.get("download_button")


def test_files_that_share_a_reason_are_counted_and_chosen_together(draw: Draw, system: Any) -> None:
    for number in range(3):
        system.refuse(f"/in/locked-{number}.pdf", f"%PDF {number}".encode(), "The PDF is encrypted.", "Ask for it.")
    page = draw("quarantine_page", system)
    page.pills(key="quarantine-reason").set_value("The PDF is encrypted.").run()
    assert len(page.dataframe[0].value) == 3
    assert "Replay all 3" in {button.label for button in page.button}


def test_a_profile_is_shown_with_the_columns_and_not_among_the_models(draw: Draw, system: Any) -> None:
    columns = ("column", "type", "least", "greatest", "top", "fullest_weekday")
    numbers = ("missing", "distinct", "p25", "median", "p75", "mean", "seasonality_of_hours", "seasonality_of_weekdays")
    row: dict[str, Any] = dict.fromkeys(columns, "severity") | dict.fromkeys(numbers, 0.25)
    row |= {"top": "minor (3)", "fullest_weekday": "Friday", "fullest_hour": 9, "histogram": [1, 2, 3]}
    known = system.model_list()
    profile = known[0] | {"model": "profile_of_insurance_claim", "kind": "descriptive", "version": 1}
    results = system.model_results
    system.model_list = lambda: [*known, profile]
    system.model_results = lambda name: pl.DataFrame([row]) if name.startswith("profile_of_") else results(name)
    system.explain = lambda _: pl.DataFrame({"feature": ["premium"], "other": ["claimed"], "weight": [0.9]})
    page = draw("dataset_page", system, system.dataset("insurance_claim"))
    shown = pl.concat([pl.DataFrame(frame.value) for frame in page.dataframe], how="diagonal_relaxed")
    assert "minor (3)" in shown["Most frequent"].to_list()
    assert "premium" in shown["Column"].to_list()
    told = "\n".join(element.value for element in page.caption)
    assert "the hour explains 25% of how much comes, most at 9:00 UTC, and the weekday explains 25%" in told
    assert "Profile of insurance claim" not in markdown(page)
    assert "Profile of insurance claim" not in markdown(draw("models_page", system))
