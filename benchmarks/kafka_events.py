"""Sends events to a topic at a steady pace, in a process of its own; tells when how many had been sent.

    python kafka_events.py CLIENT TOPIC PER_SECOND SECONDS > TICKS

`CLIENT` is the configuration of a client of librdkafka as JSON; each line of the answer is a time and a count.
"""

import json
import sys
import time
from datetime import UTC, datetime

from confluent_kafka import Producer

TICK_SECONDS = 0.01
SENSORS = 200
PARTITIONS = 2


def event(number: int, now: float) -> bytes:
    """A reading of some 190 bytes, made now."""
    reading = {
        "sensor_id": f"hall-{number % SENSORS:03d}",
        "timestamp": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
        "temperature": 18 + number % 97 / 10,
        "humidity": 35 + number % 41 / 2,
        "pressure": 990 + number % 53 / 2,
        "battery": 100 - number % 60,
        "status": "ok" if number % 50 else "calibrating",
    }
    return json.dumps(reading).encode()


def send(client: dict[str, str], topic: str, per_second: int, seconds: float) -> list[tuple[float, int]]:
    """Sends, and gives when how many had been sent."""
    producer = Producer(client | {"linger.ms": 5, "queue.buffering.max.messages": 1_000_000})
    ticks: list[tuple[float, int]] = []
    sent, started = 0, time.time()
    while (now := time.time()) < started + seconds:
        due = int((now - started) * per_second)
        for number in range(sent, due):
            producer.produce(topic, event(number, now), partition=number % PARTITIONS)
        if due > sent:
            ticks.append((now, due))
        sent = due
        producer.poll(0)
        time.sleep(max(0.0, now + TICK_SECONDS - time.time()))
    producer.flush()
    return ticks


if __name__ == "__main__":
    for at, count in send(json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])):
        print(at, count)
