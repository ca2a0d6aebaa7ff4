"""Events sent to a topic of Kafka until they are in the view that the page reads, beside Spark alone on such a topic.

The two take turns: Spark's own micro-batches with a function that does nothing but collect the events, then a running
system of ours. Both have the same broker, the same events at the same pace, and a warm-up that does not count.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from measure import Figure, at_most, observed, percentile
from running import running
from samples import NotHereError

sys.path.append(str(Path(__file__).parents[1]))  # before the tests, which have folders of the same names
sys.path.append(str(Path(__file__).parents[1] / "tests"))

from kafka_server import JARS, KafkaServer, MissingPartError, kafka_server

from core.settings import Settings, load_settings
from pipeline import System
from processing import connector_jars

SECONDS = 60.0
PACES = (1_000, 10_000)
PROMISED_SECONDS, PROMISED_RATIO = 1.0, 2.0
VIEW, COUNT = "sensor_readings_by_minute", "readings"
LOOK_SECONDS = 0.02
WARM_EVENTS = 2_000
_WARM_SECONDS, _QUIET_SECONDS = 120.0, 60.0
_HERE = Path(__file__).parent

Seen = list[tuple[float, int]]
"""Times, and how many events were there by then."""


def figures(folder: Path, seconds: float = SECONDS) -> Iterator[Figure]:
    """How long events take, at each pace."""
    try:
        with kafka_server() as server:
            for pace in PACES:
                bare = latencies(*alone(server, folder, pace, seconds))
                ours = latencies(*served(server, folder, pace, seconds))
                yield from compared(pace, ours, bare)
    except MissingPartError as error:
        raise NotHereError(str(error)) from error


def compared(pace: int, ours: Sequence[float], bare: Sequence[float]) -> Iterator[Figure]:
    """The median, and what 95 of 100 events do not exceed."""
    name = f"event to view at {pace:,} events/s"
    half, most = percentile(ours, 0.5), percentile(ours, 0.95)
    bare_half, bare_most = percentile(bare, 0.5), percentile(bare, 0.95)
    yield observed(f"{name}, median of Spark alone", bare_half, "s")
    yield observed(f"{name}, median", half, "s")
    yield observed(f"{name}, 95 % of Spark alone", bare_most, "s")
    yield at_most(f"{name}, 95 %", most, PROMISED_SECONDS, "s")
    yield at_most(f"{name}, 95 %, times that of Spark alone", most / bare_most, PROMISED_RATIO, "times")


def latencies(ticks: Seen, seen: Seen) -> list[float]:
    """How long each event took, by counting: the hundredth was there when a hundred were."""
    found: list[float] = []
    at, before = 0, 0
    for sent, count in ticks:
        while seen[at][1] < count:  # a view that is read while it changes never has fewer than before
            at += 1
        found += [seen[at][0] - sent] * (count - before)
        before = count
    return found


def alone(server: KafkaServer, folder: Path, pace: int, seconds: float) -> tuple[Seen, Seen]:
    """Spark with nothing of ours."""
    topic = server.make_topic(f"alone-{pace}")
    tls = server.tls()
    options = {
        "jars": ",".join(map(str, connector_jars(JARS))),
        "kafka.bootstrap.servers": server.address,
        "kafka.security.protocol": "SSL",
        "kafka.ssl.keystore.type": "PEM",
        "kafka.ssl.keystore.location": str(server.folder / "client.both.pem"),
        "kafka.ssl.truststore.type": "PEM",
        "kafka.ssl.truststore.location": tls.ca_file,
    }
    command = [sys.executable, str(_HERE / "bare_kafka.py"), json.dumps(options), topic, str(folder / f"bare-{pace}")]
    seen: Seen = []
    environment = os.environ | {"PYSPARK_PYTHON": sys.executable}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline().strip() == "ready"
        threading.Thread(target=_listen, args=(process.stdout, seen), daemon=True).start()
        try:
            return _sent(server, topic, seen, pace, seconds), seen
        finally:
            process.stdin.close()


def served(server: KafkaServer, folder: Path, pace: int, seconds: float) -> tuple[Seen, Seen]:
    """A running system of ours."""
    topic = server.make_topic(f"served-{pace}")
    home = folder / f"home-{pace}"
    tls = server.tls()
    variables = {
        "PENSTOCK_KAFKA_SERVERS": server.address,
        "PENSTOCK_KAFKA_TOPICS": f"{topic}=sensor_reading",
        "PENSTOCK_KAFKA_JARS": str(JARS),
        "PENSTOCK_TLS_CA_FILE": tls.ca_file,
        "PENSTOCK_TLS_CERT_FILE": tls.cert_file,
        "PENSTOCK_TLS_KEY_FILE": tls.key_file,
        "PENSTOCK_PROCESSING_TRAIN": "false",
    }
    with running(home, variables), _looking(load_settings(home)) as seen:
        return _sent(server, topic, seen, pace, seconds), seen


def _sent(server: KafkaServer, topic: str, seen: Seen, pace: int, seconds: float) -> Seen:
    """Sends some until they are seen, then all that count; what was sent when, once all of it is seen."""
    _run(server, topic, WARM_EVENTS, 1.0)
    _await(seen, lambda: bool(seen) and seen[-1][1] >= 1, _WARM_SECONDS)
    _run(server, topic, pace, 5.0)
    warm = _settled(seen)
    ticks = _run(server, topic, pace, seconds)
    _await(seen, lambda: seen[-1][1] >= warm + ticks[-1][1], _QUIET_SECONDS)
    return [(at, warm + count) for at, count in ticks]


def _run(server: KafkaServer, topic: str, pace: int, seconds: float) -> Seen:
    words = [json.dumps(server.client()), topic, str(pace), str(seconds)]
    command = [sys.executable, str(_HERE / "kafka_events.py"), *words]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [(float(at), int(count)) for at, count in map(str.split, told.splitlines())]


def _settled(seen: Seen) -> int:
    """How many are there when no more come."""
    before = -1
    while seen[-1][1] != before:
        before = seen[-1][1]
        time.sleep(3.0)
    return before


def _await(seen: Seen, is_reached: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not is_reached():
        if time.monotonic() > until:
            message = f"events are missing: {seen[-1:]} were seen"
            raise RuntimeError(message)
        time.sleep(0.1)


def _listen(lines: Iterable[str], seen: Seen) -> None:
    for line in lines:
        at, count = line.split()
        seen.append((float(at), int(count)))


@contextmanager
def _looking(settings: Settings) -> Iterator[Seen]:
    """Reads the view whenever it has changed, and remembers how many events it had."""
    seen: Seen = []
    ended = threading.Event()
    system = System(settings)

    parts = system.parts
    view = parts.views.view(VIEW)

    def look() -> None:
        before = (0, -1)
        while not ended.wait(LOOK_SECONDS):
            now = (parts.served_views.moment(view.dataset), parts.view_store.version(view))
            if now != before:  # as a page does, whose cache is kept by these two
                before = now
                seen.append((time.time(), int(system.view_rows(VIEW)[COUNT].sum() or 0)))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()
        system.close()


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        for figure in figures(Path(scratch), float(sys.argv[1]) if sys.argv[1:] else SECONDS):
            print(figure, flush=True)
