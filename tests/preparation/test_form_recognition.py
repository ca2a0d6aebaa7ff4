"""Forms as data files, a user's own among them, and the marks that tell which form a text is."""

from pathlib import Path

import pytest

from core.errors import SettingsError
from preparation.catalog import Catalog
from preparation.forms import form_of, load_forms, read_form
from preparation.forms.marks import Mark, Sighting
from preparation.forms.pages import page_of
from preparation.forms.spans import Sheet

USER_FORM = """
name = "Gate pass"
dataset = "tax_form"
marks = [[3.0, 'depot\\s+gate\\s+levy']]

[[fields]]
name = "levy"
kind = "money"
labels = ["Levy due"]
column = "tax_due"
"""


def test_a_form_of_the_user_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "gate_pass.toml").write_text(USER_FORM, encoding="utf-8")
    text = "DEPOT GATE LEVY\nLevy due    $41.20\n"
    form = form_of(text, Catalog(tmp_path).forms)
    assert form is not None
    assert (form.name, form.dataset) == ("Gate pass", "tax_form")
    assert read_form([Sheet(page_of(text))], form.definition).columns() == {"tax_due": "41.20"}


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ('kind = "money"', 'kind = "cash"', "cash"),
        ('column = "tax_due"', 'column = "nothing"', "nothing"),
        ("levy'", "levy('", "gate_pass.toml"),
        ('name = "levy"', 'title = "levy"', "title is no key"),
        ('dataset = "tax_form"', 'dataset = "levies"', "levies"),
    ],
)
def test_a_form_file_with_a_mistake_is_refused_by_name(tmp_path: Path, wrong: str, right: str, said: str) -> None:
    (tmp_path / "gate_pass.toml").write_text(USER_FORM.replace(wrong, right), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Catalog(tmp_path)
    assert said in str(caught.value)


def test_every_form_and_every_mark_can_be_used() -> None:
    book = load_forms()
    assert len({form.name for form in book.forms}) == len(book.forms)
    assert {"W-2", "CMS-1500", "UB-04", "ACORD 25", "1040", "1099-DIV"} <= {form.name for form in book.forms}
    for mark in book.all_marks:  # one that expects nothing of a text is tried on every text
        assert all(len(literal) > 1 for clauses in mark.needed for clause in clauses for literal in clause)
        assert all(mark.needed)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("hospital|clinic", "A Clinic"),
        (r"(?:CPT|HCPCS)", "cpt"),
        (r"itemi[sz]ed\s+(?:patient\s+)?bill", "Itemized bill"),
        (r"employer(?:['\u2019]s)?\s+EIN", "Employers\nEIN".replace("rs", "r")),
        (r"UB-?04|CMS-?1450", "cms1450"),
        (r"date\(?s?\)?\s+of\s+(?:loss|(?:an?\s+)?accident)", "Dates of accident"),
        (r"gate\s+pass(?!\s+refused)", "GATE PASS"),
        (r"(?P<first>gate|door)\s+pass", "Door pass"),
        (r"colou?r+?s*\s{0,2}[\]|]?card{1}", "Color card"),
        (r"\S+LY\s+PAID\b", "fully paid"),
        ("(?m)^form 7$", "A\nForm 7\n"),
    ],
)
def test_no_text_that_a_mark_matches_is_passed_over(pattern: str, text: str) -> None:
    assert Mark(pattern, 1.0, "tax_form").search(text, text.lower())


def test_a_mark_is_shown_as_it_is_printed() -> None:
    text = "The GATE\nPass of \u0130zmir"  # a letter that becomes two in lower case
    mark = Mark(r"gate\s+pass", 1.0, "tax_form")
    assert mark.search(text[:14], text[:14].lower()) == Sighting(mark, 4, 13, "GATE\nPass")
    assert mark.search(text, text.lower()) == Sighting(mark, 4, 13, "gate\npass")


def test_a_mark_does_not_begin_within_a_word() -> None:
    mark = Mark("UB-?04", 1.0, "medical_bill")
    assert mark.search("ddsub040 subtract", "ddsub040 subtract") is None
    assert mark.search("dub04 and UB-04", "dub04 and ub-04") == Sighting(mark, 10, 15, "UB-04")


@pytest.mark.parametrize("text", ["See UB-04 and the rest.\n", "SCHEDULE 1\nThe goods to be delivered\n"])
def test_words_that_two_marks_find_speak_once(text: str) -> None:
    assert form_of(text) is None


def test_words_of_two_marks_tell_a_form_together() -> None:
    form = form_of("UB-04\nStatement covers period\nFrom\nThrough\n")
    assert form is not None
    assert (form.dataset, form.name) == ("medical_bill", "UB-04")
