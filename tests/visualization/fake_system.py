"""A system in memory with the methods of `pipeline.System`, for pages to be drawn from."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from core.dataset import Column, ColumnType, Dataset, PersonalData
from core.errors import NotFoundError
from core.settings import Settings

SENSORS = Dataset(
    name="sensor_reading",
    description="One measurement of one sensor.",
    columns=(
        Column("sensor_id", ColumnType.KEYWORD, "Which sensor.", required=True),
        Column("measured_at", ColumnType.TIMESTAMP, "When it was measured.", required=True),
        Column("quantity", ColumnType.KEYWORD, "What was measured."),
        Column("value", ColumnType.NUMBER, "The measured value.", unit="Cel", checks=("is finite",)),
    ),
    identity=("sensor_id", "measured_at"),
    event_time="measured_at",
)
CLAIMS = Dataset(
    name="insurance_claim",
    description="One claim against a policy.",
    columns=(
        Column("claim_id", ColumnType.KEYWORD, "The claim's number.", required=True),
        Column("claimant_name", ColumnType.KEYWORD, "Who claims.", personal=PersonalData.PERSON_NAME),
        Column("state", ColumnType.KEYWORD, "Where it happened."),
        Column("severity", ColumnType.KEYWORD, "How bad it was."),
        Column("claim_amount", ColumnType.MONEY, "What is claimed.", unit="USD", checks=("at least 0",)),
    ),
    identity=("claim_id",),
)
CATALOGUE = Dataset(
    name="blob",
    description="The catalogue: one row for each stored blob.",
    columns=(
        Column("sha256", ColumnType.KEYWORD, "The content's SHA-256.", required=True),
        Column("media_type", ColumnType.KEYWORD, "What it is."),
        Column("size", ColumnType.INTEGER, "How large it is.", unit="By"),
    ),
    identity=("sha256",),
)
DATASETS = (SENSORS, CLAIMS, CATALOGUE)
_VIEWS = (
    {
        "view": "sensor_readings_by_hour",
        "dataset": "sensor_reading",
        "description": "Readings and mean value by sensor and hour",
        "version": 3,
        "rows": 144,
        "window": "1h",
        "dimensions": ["sensor_id"],
        "metrics": [
            {"name": "readings", "label": "Readings", "unit": "1"},
            {"name": "mean_value", "label": "Mean value", "unit": "Cel"},
        ],
    },
    {
        "view": "claims_by_state_and_severity",
        "dataset": "insurance_claim",
        "description": "Claims by state and severity",
        "version": 1,
        "rows": 12,
        "window": None,
        "dimensions": ["state", "severity"],
        "metrics": [
            {"name": "claims", "label": "Claims", "unit": "1"},
            {"name": "amount", "label": "Claimed", "unit": "USD"},
        ],
    },
    {
        "view": "claims_by_state",
        "dataset": "insurance_claim",
        "description": "Claims by state",
        "version": 1,
        "rows": 4,
        "window": None,
        "dimensions": ["state"],
        "metrics": [{"name": "claims", "label": "Claims", "unit": "1"}],
    },
    {
        "view": "claims_in_all",
        "dataset": "insurance_claim",
        "description": "All claims",
        "version": 1,
        "rows": 1,
        "window": None,
        "dimensions": [],
        "metrics": [
            {"name": "claims", "label": "Claims", "unit": "1"},
            {"name": "amount", "label": "Claimed", "unit": "USD"},
        ],
    },
)


@dataclass
class FakeSystem:
    """Files taken in by hand; `take_in` is the whole pipe.

    Attributes:
        settings: With a home that need not exist.
        running: Whether a `penstock run` is up.
        timeless: Whether no reading has a time.
        asked: What the running system was asked to do.
        read: The blobs whose original was opened.
    """

    settings: Settings
    running: bool = True
    streaming: list[dict[str, Any]] = field(default_factory=list)
    timeless: bool = False
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    _arrivals: list[dict[str, Any]] = field(default_factory=list)
    _records: list[dict[str, Any]] = field(default_factory=list)
    _entries: list[dict[str, Any]] = field(default_factory=list)
    _contents: dict[str, bytes] = field(default_factory=dict)

    def take_in(
        self, path: str, content: bytes, dataset: str, records: Sequence[Mapping[str, Any]], **facts: Any
    ) -> str:
        """Stores a file whose records are given; the same content again is a duplicate."""
        blob = hashlib.sha256(content).hexdigest()
        state = "duplicate" if blob in self._contents else "stored"
        self._contents[blob] = content
        if state == "stored":
            self._records += [
                {"id": f"{blob}-{row}", "dataset": dataset, "blob": blob, "path": path, "record": dict(record)}
                for row, record in enumerate(records)
            ]
        self._arrive(path, blob, state, dataset=dataset, rows=len(records) if state == "stored" else 0, **facts)
        return blob

    def refuse(self, path: str, content: bytes, reason: str, fix: str) -> str:
        """Quarantines a file."""
        blob = hashlib.sha256(content).hexdigest()
        self._contents[blob] = content
        self._arrive(path, blob, "quarantined", reason=reason)
        self._entries.append(
            {
                "id": blob[:12],
                "path": path,
                "blob": blob,
                "layer": "preparation",
                "reason": reason,
                "fix": fix,
                "received_at": self._arrivals[-1]["received_at"],
                "bytes": len(content),
                "attempts": 1,
                "state": "open",
                "because": "",
            }
        )
        return blob

    def _arrive(self, path: str, blob: str, state: str, **facts: Any) -> None:
        unknown = {"dataset": None, "media_type": None, "confidence": None, "why": None, "reason": None, "note": None}
        at = datetime.now(UTC) - timedelta(seconds=max(0, 40 - len(self._arrivals)))
        self._arrivals.append(
            unknown
            | {"id": len(self._arrivals) + 1, "path": path, "source": "inbox", "blob": blob, "state": state}
            | {"bytes": len(self._contents[blob]), "rows": 0, "rejected_rows": 0, "seconds": 0.2}
            | {"received_at": at.isoformat()}
            | facts
        )

    def is_running(self) -> bool:
        return self.running

    def books(self) -> dict[str, Any]:
        counts = {
            state: sum(a["state"] == state for a in self._arrivals) for state in ("stored", "duplicate", "quarantined")
        }
        in_flight = len(self._arrivals) - sum(counts.values())
        datasets: dict[str, dict[str, int]] = {}
        for arrival in self._arrivals:
            if arrival["state"] == "stored":
                count = datasets.setdefault(arrival["dataset"], {"blobs": 0, "rows": 0, "rejected_rows": 0})
                count["blobs"] += 1
                count["rows"] += arrival["rows"]
                count["rejected_rows"] += arrival["rejected_rows"]
        totals = {key: sum(a[key] for a in self._arrivals) for key in ("bytes", "rows", "rejected_rows")}
        return (
            counts
            | totals
            | {
                "received": len(self._arrivals),
                "in_flight": in_flight,
                "balanced": True,
                "datasets": datasets,
            }
        )

    def streams(self) -> list[dict[str, Any]]:
        return self.streaming

    def recent(self, limit: int = 50) -> list[dict[str, Any]]:
        return self._arrivals[::-1][:limit]

    def arrivals_per_minute(self, minutes: int = 60) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for arrival in self._arrivals:
            minute = arrival["received_at"][:16] + "Z"
            entry = found.setdefault(minute, {"minute": minute, "arrivals": 0, "bytes": 0, "rows": 0})
            entry["arrivals"] += 1
            entry["bytes"] += arrival["bytes"]
            entry["rows"] += arrival["rows"]
        return sorted(found.values(), key=lambda entry: entry["minute"])[-minutes:]

    def attention(self) -> list[dict[str, Any]]:
        waiting = sum(entry["state"] == "open" for entry in self._entries)
        if not waiting:
            return []
        return [
            {
                "level": "warning",
                "what": f"{waiting} file(s) in quarantine",
                "do": "See the reason of each, then replay or discard it.",
                "page": "quarantine",
            }
        ]

    def dataset_list(self) -> list[Dataset]:
        return list(DATASETS)

    def dataset(self, name: str) -> Dataset:
        for dataset in DATASETS:
            if dataset.name == name:
                return dataset
        raise NotFoundError(f"There is no dataset {name}.", "See `penstock datasets`.")

    def search(  # noqa: PLR0913, PLR0917 as `pipeline.System` has it
        self,
        words: str = "",
        dataset: str | None = None,
        where: Mapping[str, str] = {},
        limit: int = 20,
        offset: int = 0,
        facets: Sequence[str] = (),
    ) -> dict[str, Any]:
        found = [
            hit
            for hit in self._records
            if (dataset is None or hit["dataset"] == dataset)
            and all(str((hit["record"] | {"_id": hit["id"]}).get(name)) == value for name, value in where.items())
            and (not words or words.lower() in str(hit["record"]).lower())
        ]
        counts: dict[str, dict[str, int]] = {}
        for name in facets:
            counts[name] = {}
            for hit in found:
                value = str(hit["record"].get(name))
                counts[name][value] = counts[name].get(value, 0) + 1
        hits = [hit | {"score": 1.0, "snippet": f"… **{words}** <b>…" if words else ""} for hit in found]
        return {"total": len(found), "facets": counts, "hits": hits[offset : offset + limit]}

    def query(self, sql: str, engine: str = "local") -> pl.DataFrame:
        raise NotImplementedError(sql, engine)

    def view_list(self, dataset: str | None = None) -> list[dict[str, Any]]:
        return [dict(view) for view in _VIEWS if dataset is None or view["dataset"] == dataset]

    def view_rows(self, name: str, engine: str = "local") -> pl.DataFrame:
        del engine
        claims = pl.DataFrame([hit["record"] for hit in self._records if hit["dataset"] == "insurance_claim"])
        if name == "sensor_readings_by_hour":
            hours = _sensor_hours()
            if not self.timeless:
                return hours
            of_sensor = hours.group_by("sensor_id", maintain_order=True).agg(
                pl.col("readings").sum(), pl.col("mean_value").mean()
            )
            return of_sensor.with_columns(window=pl.lit(None, hours.schema["window"]))
        metrics = [pl.len().alias("claims"), pl.col("claim_amount").sum().alias("amount")]
        by = {"claims_by_state_and_severity": ["state", "severity"], "claims_by_state": ["state"], "claims_in_all": []}[
            name
        ]
        return claims.group_by(by).agg(metrics) if by else claims.select(metrics)

    def model_list(self) -> list[dict[str, Any]]:
        common = {"dataset": "insurance_claim", "trained_at": None, "metrics": {}}
        return [
            common
            | {
                "model": "claim_fraud",
                "kind": "predictive",
                "description": "How likely a claim is fraud.",
                "version": 1,
                "trained_at": datetime.now(UTC).isoformat(),
                "metrics": {"auc": 0.8214, "held_out_rows": 210},
            },
            common
            | {"model": "claim_review", "kind": "decision", "description": "What to review first.", "version": None},
        ]

    def model_results(self, name: str) -> pl.DataFrame:
        claims = [hit for hit in self._records if hit["dataset"] == "insurance_claim"][:2]
        if name != "claim_fraud" or not claims:
            return pl.DataFrame()
        return pl.DataFrame(
            {
                "_id": [hit["id"] for hit in claims],
                "_blob": [hit["blob"] for hit in claims],
                "_row": range(len(claims)),
                "fraud_probability": [0.91, 0.07],
                "reasons": [["amount is high", "night"], ["amount is low"]],
            }
        )

    def quarantine(self) -> list[dict[str, Any]]:
        return [dict(entry) for entry in self._entries]

    def preview(self, blob: str, limit: int = 4096) -> bytes:
        self.read.append(blob)
        return self._contents[blob][:limit]

    def original(self, blob: str) -> Iterator[bytes]:
        self.read.append(blob)
        yield self._contents[blob]

    def trace(self, path_or_blob: str) -> list[dict[str, Any]]:
        at = datetime.now(UTC).isoformat()
        return [
            {"at": at, "layer": "ingestion", "step": "received", "detail": path_or_blob, "seconds": 0.004},
            {"at": at, "layer": "preparation", "step": "classified", "detail": "headers match", "seconds": 0.11},
            {"at": at, "layer": "storage", "step": "stored", "detail": "version 3", "seconds": 0.3},
        ]

    def audit(self, limit: int = 100) -> list[dict[str, Any]]:
        return [
            {"at": datetime.now(UTC).isoformat(), "actor": "tester", "action": "read", "subject": blob, "detail": ""}
            for blob in self.read
        ][:limit]

    def upload(self, name: str, content: bytes, dataset: str | None = None) -> Path:
        path = self.settings.home / "inbox" / name
        self.take_in(str(path), content, dataset or "sensor_reading", [])
        return path

    def ask(self, command: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        self.asked.append((command, arguments))
        if not self.running:
            raise NotFoundError("No running system answers for this home.", "Start one with `penstock run`.")
        if command == "discard":
            for entry in self._entries:
                if entry["id"] == arguments["id"]:
                    entry |= {"state": "discarded", "because": arguments["because"]}
            yield {"id": arguments["id"], "state": "discarded"}
        if command == "columns":
            told = [{"header": "Kanal", "column": None, "why": "kept under its own name"}]
            yield {"name": "", "dataset": "sensor_reading", "shape": "0a1b", "columns": told}
        if command == "correct":
            yield {"id": "0a1b", **arguments}
        if command == "replay":
            for identity in arguments["ids"]:
                self._entries = [entry for entry in self._entries if entry["id"] != identity]
                yield {"id": identity, "outcome": "stored"}


def _sensor_hours() -> pl.DataFrame:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    rows = [
        {
            "window": start + timedelta(hours=hour),
            "sensor_id": f"boiler-{sensor}",
            "readings": 60 - sensor,
            "mean_value": 20.0 + sensor * 3 + (hour % 24) / 4,
        }
        for hour in range(48)
        for sensor in range(3)
    ]
    return pl.DataFrame(rows)


def filled_system(home: Path) -> FakeSystem:
    """A system that took in a few files of two datasets, a duplicate and a broken file."""
    system = FakeSystem(Settings(home=home))
    readings = [
        {
            "sensor_id": f"boiler-{n % 3}",
            "measured_at": "2026-03-01T00:00:00Z",
            "quantity": "temperature",
            "value": 20.5 + n,
        }
        for n in range(40)
    ]
    claims = [
        {
            "claim_id": f"C-{n:04}",
            "claimant_name": "J*** D**",
            "state": ("NY", "OH", "VA", "WV")[n % 4],
            "severity": ("minor", "major", "total loss")[n % 3],
            "claim_amount": 1200.5 * (n + 1),
        }
        for n in range(24)
    ]
    system.take_in("/in/boilers.csv", b"sensor,value\n", "sensor_reading", readings, rejected_rows=2)
    system.take_in("/in/claims.csv", b"claim,amount\n", "insurance_claim", claims)
    system.take_in("/in/claims copy.csv", b"claim,amount\n", "insurance_claim", claims)
    system.refuse(
        "/in/<b>broken</b>.pdf",
        b"%PDF-1.7\n\x00\x01 garbage",
        "The PDF ends before its cross-reference table.",
        "Ask the sender for it anew.",
    )
    system.refuse("/in/empty.csv", b"", "The file is empty.", "Ask the sender for it anew, or discard it.")
    return system
