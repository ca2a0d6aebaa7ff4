"""`penstock kibana`, against a server that answers as Kibana's import does."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from kibana_server import API_KEY, PASSWORD, USERNAME, KibanaServer, kibana_server

from core.errors import (
    HandshakeError,
    PenstockError,
    RefusedError,
    SettingsError,
    UnavailableError,
    UsageError,
)
from core.settings import Kibana, Settings, Tls
from pipeline import kibana as command
from pipeline.bootstrap import Parts
from pipeline.kibana import ImportDoor, export, install

DATA_VIEW = {"attributes": {"title": "x"}, "id": "view", "references": [], "type": "index-pattern"}
PANEL = {
    "attributes": {"title": "Panel"},
    "id": "panel",
    "references": [{"id": "view", "name": "layer", "type": "index-pattern"}],
    "type": "lens",
}


@pytest.fixture
def server() -> Iterator[KibanaServer]:
    with kibana_server() as running:
        yield running


@pytest.fixture
def settings(server: KibanaServer, tmp_path: Path) -> Settings:
    server.authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return Settings(
        home=tmp_path / "home",
        tls=Tls(ca_file=str(tmp_path / "ca.pem")),
        kibana=Kibana(api_key=API_KEY, timeout_seconds=5),
    )


@pytest.fixture
def door(server: KibanaServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> ImportDoor:
    monkeypatch.setattr(command, "PAUSE_SECONDS", 0.01)
    return ImportDoor(server.url, settings.kibana, Parts(settings).tls.client_context())


def lines(*objects: dict[str, object]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in objects)


def test_every_object_of_a_home_is_taken_and_every_dashboard_named(server: KibanaServer, settings: Settings) -> None:
    told = list(install(settings, server.url))
    kinds = [kind for _, kind, _ in server.objects]
    assert kinds.count("dashboard") == len(told) > 10
    assert {row["dashboard"] for row in told} == {id for _, kind, id in server.objects if kind == "dashboard"}
    assert all(row["address"].startswith(f"{server.url}/app/dashboards#/view/penstock-") for row in told)
    (asked,) = server.requests
    assert asked.query == {"overwrite": ["true"]}
    assert asked.headers["Authorization"] == f"ApiKey {API_KEY}"


def test_an_installation_is_audited_without_its_key(server: KibanaServer, settings: Settings) -> None:
    list(install(settings, server.url))
    entry = list(Parts(settings).audit.entries())[-1]
    assert (entry["action"], entry["subject"]) == ("install in Kibana", server.url)
    assert API_KEY not in json.dumps(entry)


def test_installing_again_replaces_what_is_there(server: KibanaServer, settings: Settings) -> None:
    list(install(settings, server.url))
    before = dict(server.objects)
    list(install(settings, server.url))
    assert server.objects == before


def test_a_name_and_a_password_do_as_well(server: KibanaServer, settings: Settings) -> None:
    named = replace(settings, kibana=Kibana(username=USERNAME, password=PASSWORD))
    assert list(install(named, server.url))


def test_a_space_and_a_base_path_are_asked_where_they_are(server: KibanaServer, settings: Settings) -> None:
    tls = Parts(settings).tls.client_context()
    ImportDoor(server.url, replace(settings.kibana, space="claims"), tls).take(lines(DATA_VIEW))
    assert ("claims", "index-pattern", "view") in server.objects
    server.scripted = [(200, '{"success": true, "successCount": 1}', {})]
    ImportDoor(f"{server.url}/kibana/", settings.kibana, tls).take(lines(DATA_VIEW))
    assert server.requests[-1].path == "/kibana/api/saved_objects/_import"


def test_what_uses_a_thing_that_is_not_there_is_named(door: ImportDoor) -> None:
    with pytest.raises(PenstockError, match=r"refused 1: lens panel: it uses index-pattern view, which is not there"):
        door.take(lines(PANEL))


def test_each_object_is_named_with_its_own_reason(door: ImportDoor, server: KibanaServer) -> None:
    server.supported = {"index-pattern"}
    with pytest.raises(PenstockError, match="refused 1: lens panel: this Kibana has no such type"):
        door.take(lines(DATA_VIEW, PANEL))
    errors = [
        {"type": "lens", "id": "a", "error": {"type": "conflict"}},
        {"type": "lens", "id": "b", "error": {"type": "unknown", "statusCode": 400, "message": "Bad migration."}},
        *({"type": "lens", "id": f"c{i}", "error": {"type": "unknown", "message": "x"}} for i in range(5)),
    ]
    server.scripted = [(200, json.dumps({"success": False, "successCount": 3, "errors": errors}), {})]
    with pytest.raises(PenstockError) as caught:
        door.take(lines(DATA_VIEW))
    assert "took 3 objects and refused 7" in caught.value.reason
    assert "lens a: another object has its id; lens b: Bad migration" in caught.value.reason
    assert "and 2 more" in caught.value.reason


@pytest.mark.parametrize(
    "busy",
    [
        (503, "Kibana server is not ready yet", {}),
        (409, '{"statusCode": 409, "error": "Conflict", "message": "version conflict, document already exists"}', {}),
        (429, "", {}),
    ],
)
def test_a_busy_kibana_is_asked_again(
    door: ImportDoor, server: KibanaServer, busy: tuple[int, str, dict[str, str]]
) -> None:
    server.scripted = [busy, busy]
    assert door.take(lines(DATA_VIEW)) == 1
    server.scripted = [busy] * command.TRIES
    with pytest.raises(UnavailableError, match=str(busy[0])) as caught:
        door.take(lines(DATA_VIEW))
    assert caught.value.is_retryable


def test_one_who_is_unknown_or_may_not_is_told_so(door: ImportDoor, server: KibanaServer, settings: Settings) -> None:
    stranger = ImportDoor(server.url, Kibana(api_key="wrong"), Parts(settings).tls.client_context())
    with pytest.raises(RefusedError, match="does not know who asks") as caught:
        stranger.take(lines(DATA_VIEW))
    assert "PENSTOCK_KIBANA_API_KEY" in caught.value.fix
    assert "wrong" not in str(caught.value)
    server.scripted = [(403, '{"statusCode": 403, "message": "Unable to bulk_create dashboard"}', {})]
    with pytest.raises(RefusedError, match="403: Unable to bulk_create dashboard"):
        door.take(lines(DATA_VIEW))


def test_nobody_is_sent_on_or_believed_who_is_no_kibana(door: ImportDoor, server: KibanaServer) -> None:
    server.scripted = [(302, "", {"Location": "https://elsewhere.test/login"})]
    with pytest.raises(PenstockError, match=r"is elsewhere: https://elsewhere\.test/login"):
        door.take(lines(DATA_VIEW))
    server.scripted = [(200, "<html>Welcome</html>", {})]
    with pytest.raises(PenstockError, match="answered 200: <html>"):
        door.take(lines(DATA_VIEW))
    assert len(server.requests) == 2


def test_a_kibana_of_another_authority_gets_no_key(server: KibanaServer, settings: Settings, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    other = replace(settings, tls=Tls(ca_file=str(tmp_path / "other.pem")))
    with pytest.raises(HandshakeError, match="not one that we trust"):
        list(install(other, server.url))
    with pytest.raises(HandshakeError):
        list(install(settings, server.url.replace("localhost", "127.0.0.1")))
    assert server.requests == []


def test_a_kibana_that_is_away_is_told_as_such(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "PAUSE_SECONDS", 0.01)
    with pytest.raises(UnavailableError, match="does not answer"):
        list(install(settings, "https://localhost:1"))


@pytest.mark.parametrize(
    "url", ["http://localhost:5601", "localhost:5601", "https://", "ftp://kibana", "https://kibana:http"]
)
def test_nothing_is_sent_in_the_clear(settings: Settings, url: str) -> None:
    with pytest.raises(UsageError, match="asked safely"):
        list(install(settings, url))


def test_without_a_key_nobody_is_asked(server: KibanaServer, settings: Settings) -> None:
    with pytest.raises(SettingsError, match="not told who asks"):
        list(install(replace(settings, kibana=Kibana(username="half")), server.url))
    assert server.requests == []


def test_an_export_names_its_files_and_how_many_objects_they_have(settings: Settings, tmp_path: Path) -> None:
    prefixed = replace(settings, elasticsearch=replace(settings.elasticsearch, prefix="other"))
    told = list(export(prefixed, tmp_path / "out"))
    assert {Path(row["path"]) for row in told} == set((tmp_path / "out").iterdir())
    for row in told:
        text = Path(row["path"]).read_text(encoding="utf-8")
        assert text.count("\n") == row["objects"] > 0
        assert all(json.loads(line)["id"].startswith("other-") for line in text.splitlines())


def test_an_export_to_where_nothing_can_be_written_says_so(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PenstockError, match="could not be made"):
        list(export(settings, tmp_path / "file"))


def test_the_command_exports(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    arguments = ["--home", str(tmp_path / "home"), "kibana", "export", str(folder), "--json"]
    told = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout.splitlines()[0])["path"] == str(folder / "penstock.ndjson")
