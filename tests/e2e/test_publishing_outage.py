"""Elasticsearch dies while the pipe works: files are taken in all the same, and all is published afterwards."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from elasticsearch_server import PASSWORD, USER, ElasticsearchFactory, ElasticsearchServer

from core.settings import Elasticsearch, Settings, Storage, Tls
from pipeline import publishing
from pipeline.elastic import setup
from pipeline.intake import walk
from pipeline.system import System, open_system
from pipeline.writer import Writer

pytestmark = pytest.mark.timeout(300)
FILES = 30


@pytest.fixture
def server(elasticsearch_nodes: ElasticsearchFactory) -> Iterator[ElasticsearchServer]:
    node = elasticsearch_nodes.node()
    node.start()
    yield node
    node.kill()


def bills(folder: Path, first: int) -> Path:
    """A folder of small files, none like another; every tenth is broken."""
    folder.mkdir(parents=True)
    for number in range(first, first + FILES):
        rows = "".join(f"B{number}-{row},2024-03-{row + 1:02},Aetna,{number}.50\n" for row in range(5))
        whole = f"bill_id,service_date,payer,billed_amount\n{rows}"
        content = b"%PDF-1.4 broken" + bytes([number]) if number % 10 == 0 else whole.encode()
        (folder / f"{number}.{'pdf' if number % 10 == 0 else 'csv'}").write_bytes(content)
    return folder


def take_in(writer: Writer, folder: Path) -> None:
    """Receives the files, without waiting until they are searchable: the index is down."""

    def refuse(shown: str, refusal: object) -> None:
        pytest.fail(f"{shown}: {refusal}")

    files = walk([(folder.name, str(folder))], "test", leave_out=writer.parts.home.root, refuse=refuse)
    for group in writer.intake.take(files, lambda file, refusal: refuse(file.shown, refusal)):
        writer.wake_preparer(len(group))


def settle(writer: Writer) -> None:
    while writer.ledger.in_flight():
        time.sleep(0.05)


def test_a_kill_in_the_middle_costs_no_row_and_no_wait(
    server: ElasticsearchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(publishing, "RETRY_SECONDS", 0.2)
    prefix = f"outage{token_hex(4)}"
    settings = Settings(
        home=tmp_path / "home",
        tls=Tls(ca_file=str(server.certificates.ca)),
        storage=Storage(index="elasticsearch"),
        elasticsearch=Elasticsearch(urls=(server.url,), prefix=prefix, replicas=0),
    )
    list(setup(settings, USER, PASSWORD))
    with Writer(settings) as writer:
        take_in(writer, bills(tmp_path / "before", 1))
        settle(writer)
        server.kill()
        take_in(writer, bills(tmp_path / "during", 1 + FILES))
        settle(writer)  # the books close without the index
        assert writer.ledger.books()["received"] == 2 * FILES
        writer.parts.audit.record("test", "nothing", "while it was down")
        server.start()
    system = open_system(settings)
    with server.client() as client:

        def shown(name: str) -> list[dict[str, object]]:
            hits = client.search(index=f"{prefix}-{name}", size=10_000)["hits"]["hits"]
            return [hit["_source"] for hit in hits]

        books = system.books()
        assert {name: shown("system-books")[0][name] for name in ("received", "stored", "quarantined")} == {
            "received": 2 * FILES,
            "stored": books["stored"],
            "quarantined": books["quarantined"],
        }
        assert books["quarantined"] > 0
        assert len(shown("system-quarantine")) == books["quarantined"]
        assert _views(system, shown) == {view["view"]: view["rows"] for view in system.view_list()}
        audited = [row["entry"] for row in shown("system-audit")]
        assert sorted(audited) == list(range(len(list(system.parts.audit.entries()))))
    system.close()


def _views(system: System, shown: Callable[[str], list[dict[str, object]]]) -> dict[str, int]:
    return {view["view"]: len(shown(f"view-{view['view']}")) for view in system.view_list()}
