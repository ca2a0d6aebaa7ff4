"""From tables as they were read to rows of datasets."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import polars as pl

from core.dataset import BLOB_COLUMN, ROW_COLUMN, ColumnType, Dataset
from core.frames import prepared_schema
from core.personal_names import personal_by_name
from core.prepared import Classification, Rejection, Table, TableMatch
from preparation.catalog import Catalog
from preparation.classifying import OTHER, POST, SENSOR, Verdict, classify_table
from preparation.column_values import NUMERIC, TIMES, ColumnLook, Look, look_of_value, looks_of
from preparation.corrections import Correction
from preparation.encoding_json import encodable
from preparation.explaining import shape_of_table, table_match
from preparation.extraction import Limits, RawTable
from preparation.fact_rows import fact_row
from preparation.forms import FormBook
from preparation.known_exports import export_of
from preparation.matching import Matcher
from preparation.moments import Joined, day_among, filled, join_moments
from preparation.normalizing import Provenance, normalize, normalize_piece
from preparation.sentiment import sentiment_of
from preparation.table_shapes import one_row_a_reading, with_whole_header, without_totals
from preparation.validating import Failure, by_row, failures_of

_MISTAKEN = 0.5  # a column of which more values fail than this was taken for what it is not
_MAX_ROUNDS = 4
_MAX_MATCHES = 20
_MAX_TEXT_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Interpreted:
    """One raw table as rows of a dataset.

    Attributes:
        table: The rows and the refused.
        classification: Why that dataset.
    """

    table: Table
    classification: Classification


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided on the head of a table, to hold for all of it.

    Attributes:
        classification: The dataset, and why.
        renames: Incoming column → column of the dataset.
        is_guess: Whether a column may turn out to have been mistaken for another.
    """

    classification: Classification
    renames: Mapping[str, str]
    is_guess: bool


@dataclass(frozen=True, slots=True)
class _Fitted:
    rows: pl.DataFrame
    failures: list[Failure]
    renames: dict[str, str]


class Interpreter:
    """Turns the tables of one blob into rows.

    Args:
        catalog: The datasets.
        sha256: The blob.
        limits: How many rejections are kept in full.
    """

    def __init__(self, catalog: Catalog, sha256: str, limits: Limits) -> None:
        self._catalog = catalog
        self._matcher = matcher_of(catalog)
        self._sha256 = sha256
        self._limits = limits
        self._looked_at: tuple[pl.DataFrame, list[ColumnLook]] | None = None
        self.matches: list[TableMatch] = []  # of the tables interpreted so far, the first few

    @property
    def forms(self) -> FormBook:
        """The forms known."""
        return self._catalog.forms

    def verdict(self, table: RawTable) -> Verdict:
        """The dataset of a table: as its reader says, or by its headers and values."""
        if table.dataset is not None:
            return Verdict(Classification(table.dataset, 0.99, table.why or "its format says so"))
        if said := self._said(table):
            return Verdict(Classification(said.dataset, 1.0, said.why))
        return classify_table(table, self._matcher, self._looks(table.frame))

    def interpret(self, table: RawTable, declared: str | None = None) -> Interpreted:
        """Rows of the declared dataset, of the one recognised, or of `other` where no row would satisfy it."""
        table = with_whole_header(table)
        if declared is not None:
            why = Classification(declared, 1.0, "declared by the folder it was put in")
            return self._noted(table, declared, why, is_guess=False)
        found = self.verdict(table).classification
        is_guess = table.dataset is None and self._said(table) is None
        interpreted = self._noted(table, found.dataset, found, is_guess=is_guess)
        rows = interpreted.table
        if is_guess and found.dataset != OTHER and rows.frame.height == 0 and table.frame.height:
            reason = rows.rejections[0].reason if rows.rejections else "no row satisfies it"
            reason_for_other = f"looked like {found.dataset} ({found.why}), but every row was refused: {reason}"
            return Interpreted(self._other(table), Classification(OTHER, 0.5, reason_for_other))
        return interpreted

    def _noted(self, table: RawTable, name: str, why: Classification, *, is_guess: bool) -> Interpreted:
        """The rows of a table, with a note of what became of its columns."""
        if name == OTHER:
            self._note(table, OTHER, {})
            return Interpreted(self._other(table), why)
        if table.dataset is not None and table.frame.height == 1 and table.positions is None:  # a mail
            row = self._plain_row(name, table.frame.row(0, named=True))
            if row is not None:
                self._note(table, name, self._renames(table, name))
                return Interpreted(self._sifted(name, table, row, {}), why)
        given, table = table, without_totals(table)
        if name == SENSOR:
            table = self._lengthened(table)
        fitted = self._fitted(table, self._joined(table, name), name, is_guess=is_guess)
        self._note(table, name, fitted.renames, given)
        return Interpreted(self._sifted(name, table, fitted.rows, by_row(fitted.failures)), why)

    def plan(self, head: RawTable, declared: str | None = None) -> Plan | None:
        """How `interpret` would go about a table that begins so; None where only the whole of it can decide."""
        if with_whole_header(head) is not head:
            return None
        found = self.verdict(head).classification
        if declared is not None:
            found = Classification(declared, 1.0, "declared by the folder it was put in")
        if found.dataset == OTHER:
            self._note(head, OTHER, {})
            return Plan(found, {}, is_guess=False)
        if found.dataset == POST:  # whether its sentiment is given or derived
            return None
        is_guess = declared is None and head.dataset is None and self._said(head) is None
        joined = self._joined(head, found.dataset)
        if joined.frame is not head.frame:
            return None
        renames = self._fitted(head, joined, found.dataset, is_guess=is_guess).renames
        self._note(head, found.dataset, renames)
        return Plan(found, renames, is_guess)

    def numbers(self, plan: Plan) -> frozenset[str]:
        """The incoming columns that a plan takes for doubles."""
        dataset = self._catalog.dataset(plan.classification.dataset)
        return frozenset(
            incoming for incoming, name in plan.renames.items() if dataset.column(name).type is ColumnType.NUMBER
        )

    def piece(self, table: RawTable, plan: Plan) -> Table | None:
        """The rows of a piece; None where it does not fit the plan, so that only the whole table can be interpreted."""
        name = plan.classification.dataset
        if name == OTHER:
            return self._other(table)
        dataset = self._catalog.dataset(name)
        shaped = normalize_piece(table.frame, plan.renames, dataset, self._provenance(table))
        if shaped is None:
            return None
        shaped = self._with_derived(shaped, name)
        failures = failures_of(shaped, self._catalog.model(name), dataset)
        if plan.is_guess and _mistaken(shaped, failures, dataset):
            return None
        return self._sifted(name, table, shaped, by_row(failures))

    def facts(self, name: str, values: Mapping[str, object]) -> Table:
        """One row of a dataset out of facts by column name; facts it does not know are rescued."""
        row = self._plain_row(name, values)
        if row is not None:
            return Table(name, row)
        frame = pl.DataFrame({key: [value] for key, value in values.items()})
        return self._rows(RawTable(frame, dataset=name), name, is_guess=True)

    def _plain_row(self, name: str, values: Mapping[str, object]) -> pl.DataFrame | None:
        """The row that these values are; None where one of them fails, or a table has to be made of them."""
        dataset = self._catalog.dataset(name)
        row = fact_row(values, dataset, self._sha256)
        if row is None:
            return None
        row = self._with_derived(row, name)
        return None if failures_of(row, self._catalog.model(name), dataset) else row

    def matched_facts(self, name: str, found: Mapping[str, str], known: Mapping[str, object]) -> Table:
        """One row out of the fields of a form, by their labels, and of facts by column name, which win."""
        values = {**found, **known}
        looks = [look_of_value(value) for value in values.values()]
        match = self._matcher.match(list(values), looks, name)
        renames = {pair.header: pair.column for pair in match.pairs if pair.renames and pair.column not in known}
        named = {pair: column for pair, column in renames.items() if pair not in known} | {key: key for key in known}
        dataset = self._catalog.dataset(name)
        placed = day_among(list(values), looks, named, dataset)
        row = None if placed is None else self._matched_row(dataset, values, placed)
        if row is not None:
            return Table(name, row)
        frame = pl.DataFrame({key: [value] for key, value in values.items()} or {"_": [None]})
        return self._rows(RawTable(frame, dataset=name), name, is_guess=True, renames=named)

    def _matched_row(
        self, dataset: Dataset, values: Mapping[str, object], renames: Mapping[str, str]
    ) -> pl.DataFrame | None:
        """The row of values with the columns that take them, value by value; None where it takes a table to make it.

        A tax return has three hundred values, of which ten have a column: as a table of so many columns it took 25 ms.
        """
        is_like_table = any(key in dataset and key not in renames for key in values)
        if is_like_table or any(dataset.column(column).unit for key, column in renames.items() if key != column):
            return None
        facts = {renames.get(key, key): value for key, value in values.items()}
        row = fact_row(facts, dataset, self._sha256, is_timed=True)
        if row is None or any(row.get_column(column).item() is None for column in renames.values()):
            return None
        row = self._with_derived(row, dataset.name)
        return None if failures_of(row, self._catalog.model(dataset.name), dataset) else row

    def whole(self, text: str, facts: Mapping[str, object]) -> Table:
        """One `other` row for data in which there are no records."""
        frame = pl.DataFrame({"record": [_as_json(facts)], "text": [text]})
        return self._rows(
            RawTable(frame, dataset=OTHER), OTHER, is_guess=True, renames={"record": "record", "text": "text"}
        )

    def _rows(self, table: RawTable, name: str, *, is_guess: bool, renames: dict[str, str] | None = None) -> Table:
        if name == OTHER and renames is None:
            return self._other(table)
        fitted = self._fitted(table, self._joined(table, name, renames), name, is_guess=is_guess)
        return self._sifted(name, table, fitted.rows, by_row(fitted.failures))

    def _joined(self, table: RawTable, name: str, renames: dict[str, str] | None = None) -> Joined:
        """The table with its moments in one column each, and the place of each column."""
        dataset = self._catalog.dataset(name)
        renames = self._renames(table, name) if renames is None else renames
        if dataset.event_time is None:
            return Joined(table.frame, renames)
        looks = self._looks(table.frame)
        stand_ins = self._catalog.recognition(name).falls_back_on.get(dataset.event_time or "", ())
        return join_moments(table.frame, looks, renames, dataset, stand_ins if table.dataset is None else ())

    def _fitted(self, table: RawTable, joined: Joined, name: str, *, is_guess: bool) -> _Fitted:
        """Its rows in the dataset's columns, without those that were mistaken for what they are not."""
        dataset, model = self._catalog.dataset(name), self._catalog.model(name)
        renames = joined.renames
        for _ in range(_MAX_ROUNDS):
            rows = self._with_derived(normalize(joined.frame, renames, dataset, self._provenance(table)), name)
            fitted = _Fitted(rows, failures_of(rows, model, dataset), renames)
            mistaken = _mistaken(rows, fitted.failures, dataset) if is_guess else frozenset()
            if not mistaken:
                break
            renames = {incoming: column for incoming, column in renames.items() if column not in mistaken}
        return fitted

    def _renames(self, table: RawTable, name: str) -> dict[str, str]:
        dataset = self._catalog.dataset(name)
        if table.dataset is not None:
            return {column: column for column in table.frame.columns if column in dataset}
        if not table.has_header:
            return self._by_position(table, dataset)
        match = self._matcher.match(table.frame.columns, self._looks(table.frame), name)
        renames = {pair.header: pair.column for pair in match.pairs if pair.renames}
        said = self._said(table)
        return said.applied(renames, table.frame.columns) if said and said.dataset == name else renames

    def _said(self, table: RawTable) -> Correction | None:
        """What a person said of tables with its headers; nothing of those whose format says what they are."""
        can_be = table.dataset is None and table.has_header
        if not can_be:
            return None
        return self._catalog.correction(table.frame.columns) or export_of(table.frame.columns)

    def _looks(self, frame: pl.DataFrame) -> list[ColumnLook]:
        """Of the columns of a table, which is asked several times of one table after the other."""
        if self._looked_at is None or self._looked_at[0] is not frame:
            self._looked_at = frame, looks_of(frame)
        return self._looked_at[1]

    def _lengthened(self, table: RawTable) -> RawTable:
        """A series of sensors, a column each, as one row a reading."""
        moments = [
            name
            for name, each in zip(table.frame.columns, self._looks(table.frame), strict=True)
            if each.look in TIMES and table.has_header
        ]
        return one_row_a_reading(table, moments[0]) if len(moments) == 1 and table.dataset is None else table

    def _note(self, table: RawTable, name: str, renames: Mapping[str, str], given: RawTable | None = None) -> None:
        """Remembers what became of the columns, for people to read; `given` is the table before it was reshaped."""
        if len(self.matches) < _MAX_MATCHES:
            shape_of = given or table
            found = table_match(table, self._catalog.dataset(name), renames, self._said(shape_of))
            self.matches.append(replace(found, shape=shape_of_table(shape_of)))

    def _by_position(self, table: RawTable, dataset: Dataset) -> dict[str, str]:
        """Without headers: the column of times is the event time; the only number beside it is the value."""
        looks = dict(zip(table.frame.columns, self._looks(table.frame), strict=True))
        times = [name for name, each in looks.items() if each.look in TIMES]
        renames = {times[0]: dataset.event_time} if times and dataset.event_time else {}
        numbers = [name for name, each in looks.items() if each.look in NUMERIC and name not in renames]
        prose = [name for name, each in looks.items() if each.look is Look.PROSE]
        addresses = [name for name, each in looks.items() if each.look is Look.IP]
        if len(numbers) == 1 and "value" in dataset:
            renames[numbers[0]] = "value"
        if prose and "text" in dataset:
            renames[prose[0]] = "text"
        targets = [name for name in ("source_ip", "destination_ip", "ip_address") if name in dataset]
        return renames | dict(zip(addresses, targets, strict=False))

    def _with_derived(self, frame: pl.DataFrame, name: str) -> pl.DataFrame:
        frame = filled(frame, self._catalog.recognition(name).falls_back_on, self._catalog.dataset(name))
        if name != POST or frame.get_column("text").null_count() == frame.height:
            return frame
        given = frame.get_column("sentiment_score")
        if given.null_count() < frame.height:
            return frame
        return frame.with_columns(sentiment_of(frame.get_column("text")).alias("sentiment_score"))

    def _sifted(self, name: str, table: RawTable, shaped: pl.DataFrame, reasons: Mapping[int, str]) -> Table:
        refused = list(reasons)
        good = shaped
        rejections: list[Rejection] = []
        if refused:
            is_bad = pl.int_range(shaped.height).is_in(refused)
            good = shaped.filter(~is_bad)
            shown = refused[: self._limits.max_rejections]
            rows = shaped.get_column(ROW_COLUMN)
            records = table.frame.filter(pl.int_range(table.frame.height).is_in(shown)).iter_rows(named=True)
            rejections = [
                Rejection(rows[index], reasons[index], _as_json(record))
                for index, record in zip(shown, records, strict=True)
            ]
        all_rejections = sorted((*table.rejections, *rejections), key=lambda each: each.row)
        return Table(
            name, good, tuple(all_rejections[: self._limits.max_rejections]), table.rejected_rows + len(refused)
        )

    def _other(self, table: RawTable) -> Table:
        """Every record whole, as a JSON object under its own names, and its words as text.

        Values that their names call personal stay out of the text, where nothing could tell that they are.
        """
        frame = encodable(table.frame)
        told = [name for name, kind in frame.schema.items() if _is_wordy(kind) and not _is_personal(name)]
        words = [pl.col(name).cast(pl.String, strict=False) for name in told]
        text = pl.concat_str(words, separator=" ", ignore_nulls=True).str.head(_MAX_TEXT_CHARS) if words else pl.lit("")
        record = pl.struct(pl.all()).struct.json_encode() if frame.width else pl.lit(None, pl.String)
        own = {"record": record, "text": pl.when(text != "").then(text)}
        rows = pl.int_range(pl.len(), dtype=pl.Int64) if table.positions is None else table.positions.cast(pl.Int64)
        schema = prepared_schema(self._catalog.dataset(OTHER))
        given = {BLOB_COLUMN: pl.lit(self._sha256), ROW_COLUMN: rows, **own}
        shaped = frame.select(**{name: given.get(name, pl.lit(None, kind)) for name, kind in schema.items()})
        return Table(OTHER, shaped, table.rejections[: self._limits.max_rejections], table.rejected_rows)

    def _provenance(self, table: RawTable) -> Provenance:
        return Provenance(self._sha256, table.positions)


@lru_cache(maxsize=2)
def matcher_of(catalog: Catalog) -> Matcher:
    """The matcher of a catalog; building one takes 20 ms, and every blob of a worker needs it."""
    return Matcher(catalog)


def _mistaken(frame: pl.DataFrame, failures: Sequence[Failure], dataset: Dataset) -> frozenset[str]:
    counts: dict[str, int] = {}
    for failure in failures:
        counts[failure.column] = counts.get(failure.column, 0) + 1
    return frozenset(
        name
        for name, count in counts.items()
        if not dataset.column(name).required and count > _MISTAKEN * frame.get_column(name).drop_nulls().len()
    )


def _is_personal(name: str) -> bool:
    return personal_by_name(name, plain_names=False) is not None


def _is_wordy(kind: pl.DataType) -> bool:
    return not kind.is_nested() and kind not in (pl.Binary, pl.Object, pl.Null)


def _as_json(record: Mapping[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False, default=str)
