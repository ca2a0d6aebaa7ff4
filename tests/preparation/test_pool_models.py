"""Heavy workers: what needs a model goes to them, and takes nothing from the files that need none."""

import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import model_stub
import psutil
import pytest

from core.prepared import Prepared
from core.settings import Preparation
from preparation import Lane, ModelNeededError, Options, Pool, PoolClosedError

READINGS = b"timestamp,sensor_id,temperature\n2026-05-01T00:00:00Z,s1,20.5\n2026-05-01T00:01:00Z,s1,20.6\n"

Opened = Callable[..., Pool]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    pools: list[Pool] = []
    model_stub.install(tmp_path / "schemas")

    def open_pool(**changes: float | bool) -> Pool:
        values = {"workers": 1, "model_workers": 1, "timeout_seconds": 20.0, "model_timeout_seconds": 20.0}
        pools.append(Pool(Preparation(**(values | changes)), tmp_path / "schemas"))  # type: ignore[arg-type]
        return pools[-1]

    yield open_pool
    for pool in pools:
        pool.close()


def given(pool: Pool, content: bytes, lane: Lane | None = None, options: Options | None = None) -> Prepared:
    sha256 = hashlib.sha256(content).hexdigest()
    return pool.prepare([content], name="x.toml", sha256=sha256, lane=lane, options=options)


def test_what_needs_a_model_is_read_where_the_model_is(opened: Opened) -> None:
    pool = opened()
    read = {model: given(pool, model_stub.scan(model)).metadata for model in ("ocr", "speech")}
    assert {facts["use"] for facts in read.values()} == {"here"}
    assert read["ocr"]["pid"] == read["speech"]["pid"]
    assert int(read["ocr"]["nice"]) > 0
    with pytest.raises(ModelNeededError) as caught:
        given(pool, model_stub.scan("speech"), Lane.LIGHT)
    assert caught.value.model == "speech"


def test_without_heavy_workers_nothing_waits_for_one(opened: Opened) -> None:
    assert given(opened(model_workers=0), model_stub.scan("ocr")).metadata["use"] == "off"


def test_a_model_that_is_not_wanted_is_nobodys_need(opened: Opened) -> None:
    pool = opened(ocr=False)
    assert given(pool, model_stub.scan("ocr"), Lane.LIGHT).metadata["use"] == "off"
    assert given(pool, model_stub.scan("speech")).metadata["use"] == "here"


def test_a_light_worker_never_has_a_models_library(opened: Opened) -> None:
    """Forked from the server, it would bring 100 MB to each; in the server, threads that a fork does not survive."""
    assert given(opened(ocr=False), model_stub.scan("ocr"), Lane.LIGHT).metadata["loaded"] == ""


def test_long_scans_keep_no_small_file_waiting(opened: Opened) -> None:
    pool = opened()
    given(pool, model_stub.scan())  # both workers are up
    given(pool, READINGS)
    with ThreadPoolExecutor(1) as executor:
        started = time.monotonic()
        slow = executor.submit(given, pool, model_stub.scan(seconds=4))
        assert all(given(pool, READINGS + b"%d,," % number).fault is None for number in range(20))
        assert time.monotonic() - started < 3.9
        assert not slow.done()
        assert slow.result().fault is None


def test_a_scan_that_takes_too_long_names_the_limit_of_the_heavy_workers(opened: Opened) -> None:
    fault = given(opened(model_timeout_seconds=1.0), model_stub.scan(seconds=30)).fault
    assert fault is not None
    assert "1 seconds" in fault.reason
    assert "preparation.model_timeout_seconds" in fault.fix


def test_a_scan_that_kills_its_worker_takes_nothing_with_it(opened: Opened) -> None:
    pool = opened()
    fault = given(pool, model_stub.scan(signal=11)).fault
    assert fault is not None
    assert "SIGSEGV" in fault.reason
    assert given(pool, model_stub.scan()).fault is None


def test_a_closed_lane_tells_who_waits_for_it_and_leaves_the_other(opened: Opened) -> None:
    """A run that is stopped in the middle of a scan of an hour cannot wait for it."""
    pool = opened()
    given(pool, model_stub.scan())
    with ThreadPoolExecutor(2) as executor:
        busy = [executor.submit(given, pool, model_stub.scan(seconds=60, number=at), Lane.HEAVY) for at in range(2)]
        time.sleep(0.5)
        started = time.monotonic()
        pool.close_lane(Lane.HEAVY)
        for one in busy:
            with pytest.raises(PoolClosedError):
                one.result()
        assert time.monotonic() - started < 5.0
    assert given(pool, READINGS).fault is None


def test_a_heavy_worker_that_has_nothing_to_do_gives_its_memory_back(opened: Opened) -> None:
    pool = opened()
    first = int(given(pool, model_stub.scan()).metadata["pid"])
    pool.end_idle(Lane.HEAVY, 60)
    assert given(pool, model_stub.scan()).metadata["pid"] == first
    pool.end_idle(Lane.HEAVY, 0)
    assert not psutil.pid_exists(first)
    assert given(pool, model_stub.scan()).metadata["pid"] != first


def test_a_password_reaches_the_reader_and_nothing_that_is_shown(opened: Opened) -> None:
    pool = opened()
    options = Options(passwords=("wrong", "opensesame"))
    assert "opensesame" not in repr(options)
    assert given(pool, model_stub.scan(password="opensesame")).fault is not None
    assert given(pool, model_stub.scan(password="opensesame"), options=options).fault is None


@pytest.mark.parametrize("imports", [["tesserocr"], ["rapidocr"], ["faster_whisper"]])
def test_the_models_libraries_load_under_the_limits(opened: Opened, imports: list[str]) -> None:
    prepared = given(opened(memory_bytes=1024 * 2**20), model_stub.scan(imports=imports))
    assert prepared.fault is None
    assert imports[0] in str(prepared.metadata["loaded"])
