"""`penstock elastic setup`: what it prints, keeps and audits; and the one setting that chooses an index."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from elasticsearch_server import PASSWORD, USER, ElasticsearchServer
from typer.testing import CliRunner, Result

from core.errors import SettingsError
from core.settings import Settings, Storage, load_settings
from pipeline.bootstrap import Parts
from pipeline.cli import app
from pipeline.doctoring import examine
from storage import ElasticsearchIndex, TantivyIndex

CHOICES = {"tantivy": TantivyIndex, "elasticsearch": ElasticsearchIndex}


def variables(home: Path, server: ElasticsearchServer) -> dict[str, str]:
    return {
        "PENSTOCK_HOME": str(home),
        "PENSTOCK_ELASTICSEARCH_URLS": server.url,
        "PENSTOCK_ELASTICSEARCH_PREFIX": "cli",
        "PENSTOCK_TLS_CA_FILE": str(server.certificates.ca),
    }


def set_up(home: Path, server: ElasticsearchServer, *options: str, text: str = "", **more: str) -> Result:
    environment = os.environ | variables(home, server) | more
    return CliRunner().invoke(app, ["elastic", "setup", "--user", USER, *options], input=text, env=environment)


def kept(home: Path, server: ElasticsearchServer) -> dict[str, str]:
    parts = Parts(load_settings(environ=variables(home, server)))
    return {name: parts.secrets.get(name) for name in parts.secrets.names()}


def test_the_keys_are_sealed_in_the_home_and_never_printed(tmp_path: Path, elasticsearch: ElasticsearchServer) -> None:
    told = set_up(tmp_path, elasticsearch, "--json", PENSTOCK_ELASTICSEARCH_PASSWORD=PASSWORD)
    assert told.exit_code == 0, told.output
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert [line["component"] for line in lines] == ["indexer", "searcher", "publisher", "people"]
    keys = kept(tmp_path, elasticsearch)
    assert sorted(keys) == ["elasticsearch/indexer", "elasticsearch/publisher", "elasticsearch/searcher"]
    written = [file.read_text(errors="replace") for file in tmp_path.rglob("*") if file.is_file()]
    for secret in (*keys.values(), PASSWORD):
        assert secret not in told.output
        assert not any(secret in text for text in written)
    audit = (tmp_path / "audit.jsonl").read_text(encoding="utf-8")
    assert all(line["id"] in audit for line in lines if line["id"])


def test_the_password_is_asked_for_where_no_variable_has_it(tmp_path: Path, elasticsearch: ElasticsearchServer) -> None:
    told = set_up(tmp_path, elasticsearch, text=f"{PASSWORD}\n")
    assert told.exit_code == 0, told.output
    assert PASSWORD not in told.output
    assert "penstock reindex" in told.stderr
    assert "elasticsearch/searcher" in kept(tmp_path, elasticsearch)


def test_a_wrong_password_keeps_nothing_and_says_why(tmp_path: Path, elasticsearch: ElasticsearchServer) -> None:
    told = set_up(tmp_path, elasticsearch, PENSTOCK_ELASTICSEARCH_PASSWORD="guess")
    assert told.exit_code == 1
    assert "401" in str(told.exception)
    assert kept(tmp_path, elasticsearch) == {}


def test_a_url_of_the_command_line_is_used_instead_of_the_settings(
    tmp_path: Path, elasticsearch: ElasticsearchServer
) -> None:
    options = {"PENSTOCK_ELASTICSEARCH_URLS": "https://nowhere.invalid:9200"}
    told = set_up(
        tmp_path, elasticsearch, "--url", elasticsearch.url, PENSTOCK_ELASTICSEARCH_PASSWORD=PASSWORD, **options
    )
    assert told.exit_code == 0, told.output


def test_doctor_says_whether_the_cluster_answers(tmp_path: Path, elasticsearch: ElasticsearchServer) -> None:
    def examined() -> dict[str, Any]:
        chosen = variables(tmp_path, elasticsearch) | {"PENSTOCK_STORAGE_INDEX": "elasticsearch"}
        told = {row["capability"]: row for row in examine(load_settings(environ=chosen))}
        return told["elasticsearch"]

    lacking = examined()
    assert (lacking["ok"], lacking["install"]) == (False, "Run `penstock elastic setup`.")
    set_up(tmp_path, elasticsearch, PENSTOCK_ELASTICSEARCH_PASSWORD=PASSWORD)
    answering = examined()
    assert (answering["ok"], answering["install"]) == (True, None)
    assert elasticsearch.url in answering["found"]


@pytest.mark.parametrize("choice", CHOICES)
def test_one_setting_chooses_the_index(tmp_path: Path, choice: str) -> None:
    parts = Parts(Settings(home=tmp_path, storage=Storage(index=choice)))
    assert isinstance(parts.index, CHOICES[choice])


def test_every_index_that_can_be_chosen_can_be_built() -> None:
    with pytest.raises(SettingsError, match="Choose one of tantivy, elasticsearch"):
        load_settings(environ={"PENSTOCK_STORAGE_INDEX": "lucene"})


def test_a_home_without_a_key_says_how_to_get_one(tmp_path: Path) -> None:
    parts = Parts(Settings(home=tmp_path, storage=Storage(index="elasticsearch")))
    parts.home.prepare()
    with pytest.raises(SettingsError, match="penstock elastic setup"):
        parts.index.count("care")
