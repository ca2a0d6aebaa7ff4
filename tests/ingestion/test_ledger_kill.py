"""The ledger after `kill -9` at any moment: nothing acknowledged is lost, nothing is there twice."""

import random
import subprocess
import sys
import time
from pathlib import Path

from ingestion import Ledger

REPOSITORY = Path(__file__).resolve().parents[2]
KILLS = 8
WORK = """
import hashlib, sys
from pathlib import Path
from core.blob import Blob, Fault, Outcome
from ingestion import Ledger, Received, Result

def received(path):
    return Received(path, Blob(hashlib.sha256(path.encode()).hexdigest(), len(path)))

def result(arrival):
    child = () if "!/" in arrival.path else (received(arrival.path + "!/inner"),)
    if arrival.id % 7 == 0:
        return Result(arrival.id, Outcome.QUARANTINED, fault=Fault("preparation", "bad", "mend"))
    return Result(arrival.id, Outcome.STORED, "other", rows=2, children=child)

ledger = Ledger(Path(sys.argv[1]))
turn = sys.argv[2]
ledger.recover()
for batch in ledger.open_batches():
    ledger.close_batch(batch.id, {"other": batch.id}, [result(each) for each in batch.arrivals])
print("ready", flush=True)
number = 0
while True:
    items = [received(f"{turn}/{number + n}") for n in range(5)]
    ledger.receive(items)
    for item in items:
        print("received", item.path, flush=True)
    number += 5
    claimed = ledger.claim(6)
    batch = ledger.open_batch([each.id for each in claimed])
    results = [result(each) for each in claimed]
    ledger.close_batch(batch, {"other": batch}, results)
    for each in claimed:
        print("done", each.path, flush=True)
"""


def test_no_kill_loses_or_repeats_an_arrival(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    chance = random.Random(11)  # noqa: S311 - moments to kill at, not a secret
    told: set[tuple[str, str]] = set()
    for turn in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", WORK, str(path), str(turn)], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 0.25))
        process.kill()
        lines = process.communicate()[0].splitlines()
        told |= {(words[0], words[1]) for words in map(str.split, lines) if len(words) == 2}
        with Ledger.open_reader(path) as reader:
            assert reader.audit_books() == []
    with Ledger(path) as ledger:
        everything = ledger.recent(1_000_000)
        paths = [each.path for each in everything]
        assert len(paths) == len(set(paths))
        assert {name for kind, name in told if kind == "received"} <= set(paths)
        finished = {each.path for each in everything if each.is_finished}
        assert {name for kind, name in told if kind == "done"} <= finished
        parents = {each.path for each in everything if each.state == "stored" and "!/" not in each.path}
        assert {f"{name}!/inner" for name in parents} <= set(paths)
        assert ledger.books()["balanced"]
    assert len(told) > KILLS
