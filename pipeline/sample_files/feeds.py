"""Sensor readings and network traffic: series with anomalies that a careful eye finds."""

import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from pipeline.sample_files import columnar
from pipeline.sample_files.sample import NOW, Row, Sample, csv_bytes, lines_bytes, ndjson_bytes, seeded

ROOMS = ("cellar", "hall", "roof", "lab")
HOSTS = ("edge-1", "edge-2", "db-1", "mail")
SERVICES = {443: "TCP", 80: "TCP", 53: "UDP", 22: "TCP", 3306: "TCP", 123: "UDP"}


class Wave(NamedTuple):
    """The usual course of a series over a day."""

    level: float
    swing: float


def feeds() -> Iterator[Sample]:
    """What machines send."""
    yield from _sensors()
    yield from _network()


def _sensors() -> Iterator[Sample]:
    path = "sensors/boiler_pressure.csv"
    rng = seeded(path)
    rows = [
        {"timestamp": f"{at:%Y-%m-%d %H:%M:%S}", "value": round(value, 4)}
        for at, value in _series(rng, 1500, timedelta(minutes=5), Wave(6.2, 0.4), spikes=(700, 701, 702, 1310))
    ]
    yield Sample(path, "sensor_reading", csv_bytes(rows))

    path = "sensors/greenhouse.csv"
    rng = seeded(path)
    warm = list(_series(rng, 900, timedelta(minutes=10), Wave(71.0, 9.0), spikes=(430, 431)))
    damp = [value for _, value in _series(rng, 900, timedelta(minutes=10), Wave(58.0, 12.0))]
    heavy = [value for _, value in _series(rng, 900, timedelta(minutes=10), Wave(1013.0, 6.0))]
    rows = [
        {
            "Time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "Temperature (°F)": round(value, 1),
            "Humidity (%)": round(wet, 1),
            "Pressure (hPa)": round(weight, 1),
        }
        for (at, value), wet, weight in zip(warm, damp, heavy, strict=True)
    ]
    yield Sample(path, "sensor_reading", csv_bytes(rows))

    path = "sensors/rooms.ndjson"
    yield Sample(path, "sensor_reading", ndjson_bytes(_room_readings(path, 400)))
    for suffix, write in columnar.WRITERS.items():
        path = f"sensors/building.{suffix}"
        yield Sample(path, "sensor_reading", write(_room_readings(path, 150)))


def _series(
    rng: random.Random, count: int, step: timedelta, wave: Wave, spikes: tuple[int, ...] = ()
) -> Iterator[tuple[datetime, float]]:
    """A daily wave with noise, up to `NOW`; at `spikes` it leaves its range."""
    a_day = timedelta(days=1) / step
    for index in range(count):
        value = wave.level + wave.swing * math.sin(2 * math.pi * index / a_day) + rng.gauss(0, wave.swing / 10)
        yield NOW - step * (count - index), value + (4 * wave.swing if index in spikes else 0)


def _room_readings(path: str, per_room: int) -> list[Row]:
    rng = seeded(path)
    rows: list[Row] = []
    for number, room in enumerate(ROOMS):
        series = _series(rng, per_room, timedelta(minutes=15), Wave(20.0 + number, 2.5), spikes=(per_room // 2,))
        rows += [
            {
                "sensor_id": f"{room}-temperature",
                "timestamp": at.isoformat(),
                "temperature": round(value, 2),
                "unit": "°C",
                "location": room,
            }
            for at, value in series
        ]
    return rows


def _network() -> Iterator[Sample]:
    path = "network/flows.csv"
    rng = seeded(path)
    yield Sample(path, "network_log", csv_bytes([_flow(rng, at) for at in _moments(rng, 1400, hours=36)]))

    path = "network/firewall.csv"
    rng = seeded(path)
    yield Sample(path, "network_log", csv_bytes([_blocked(rng, at) for at in _moments(rng, 300, hours=12)], ";"))

    path = "network/dns.ndjson"
    rng = seeded(path)
    yield Sample(path, "network_log", ndjson_bytes(_lookup(rng, at) for at in _moments(rng, 260, hours=6)))

    path = "network/router.log"
    rng = seeded(path)
    yield Sample(path, "network_log", lines_bytes(_bsd_line(rng, at) for at in _moments(rng, 420, hours=24)))

    path = "network/gateway_rfc5424.log"
    rng = seeded(path)
    yield Sample(path, "network_log", lines_bytes(_structured_line(rng, at) for at in _moments(rng, 240, hours=8)))


def _moments(rng: random.Random, count: int, *, hours: int) -> list[datetime]:
    """Moments of the last hours, in order, busier by day."""
    return sorted(NOW - timedelta(hours=hours) * rng.betavariate(1.4, 2.0) for _ in range(count))


def _inside(rng: random.Random) -> str:
    return f"10.20.{rng.randint(0, 3)}.{rng.randint(2, 250)}"


def _outside(rng: random.Random) -> str:
    """An address of the blocks that are kept for documentation."""
    return f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randint(1, 254)}"


def _flow(rng: random.Random, at: datetime) -> Row:
    port, protocol = rng.choice(list(SERVICES.items()))
    is_attack = rng.random() < 0.04
    return {
        "timestamp": f"{at:%Y-%m-%d %H:%M:%S}",
        "src_ip": _outside(rng) if is_attack else _inside(rng),
        "dst_ip": _inside(rng) if is_attack else _outside(rng),
        "src_port": rng.randint(1024, 65_535),
        "dst_port": 22 if is_attack else port,
        "protocol": "TCP" if is_attack else protocol,
        "bytes_sent": int(rng.lognormvariate(9 if is_attack else 7, 1.2)),
        "bytes_received": int(rng.lognormvariate(8, 1.5)),
        "duration_seconds": round(rng.expovariate(0.4), 3),
        "label": "attack" if is_attack else "normal",
    }


def _blocked(rng: random.Random, at: datetime) -> Row:
    return {
        "Time": f"{at:%d.%m.%Y %H:%M:%S}",
        "Action": rng.choice(("DROP", "DROP", "ACCEPT")),
        "Source IP": _outside(rng),
        "Destination IP": _inside(rng),
        "Destination Port": rng.choice((22, 23, 445, 3389, 443)),
        "Protocol": "TCP",
        "Severity": rng.choice(("low", "medium", "high")),
    }


def _lookup(rng: random.Random, at: datetime) -> Row:
    name = rng.choice(("mail", "www", "cdn", "updates", "xk3jq9"))
    return {
        "time": at.timestamp(),
        "client_ip": _inside(rng),
        "dst_ip": "10.20.0.53",
        "dst_port": 53,
        "protocol": "UDP",
        "query": f"{name}.example.net",
        "status": rng.choice(("NOERROR", "NOERROR", "NXDOMAIN")),
    }


def _message(rng: random.Random) -> tuple[str, str]:
    port = rng.randint(30_000, 60_000)
    return rng.choice(
        (
            ("sshd", f"Failed password for invalid user admin from {_outside(rng)} port {port} ssh2"),
            ("sshd", f"Accepted publickey for deploy from {_inside(rng)} port {port} ssh2"),
            ("kernel", f"DROP IN=eth0 SRC={_outside(rng)} DST={_inside(rng)} PROTO=TCP DPT=445"),
            ("dhcpd", f"DHCPACK on {_inside(rng)} to 02:00:5e:00:53:{rng.randint(16, 99)} via eth1"),
            ("ntpd", "synchronized to 192.0.2.123, stratum 2"),
        )
    )


def _bsd_line(rng: random.Random, at: datetime) -> str:
    program, text = _message(rng)
    return f"{at:%b} {at.day:>2} {at:%H:%M:%S} {rng.choice(HOSTS)} {program}[{rng.randint(200, 9000)}]: {text}"


def _structured_line(rng: random.Random, at: datetime) -> str:
    program, text = _message(rng)
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    priority = rng.choice((34, 38, 86, 165))
    return f"<{priority}>1 {stamp} {rng.choice(HOSTS)} {program} {rng.randint(200, 9000)} ID47 - {text}"
