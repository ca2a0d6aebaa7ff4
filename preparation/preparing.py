"""One blob, from its bytes to rows of datasets: detect, read, classify, normalise, validate."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import polars as pl

from core.blob import Fault
from core.personal_text import personal_spans
from core.prepared import Classification, Place, Prepared, Table
from preparation.catalog import Catalog
from preparation.classifying import OTHER
from preparation.detect import Detected, detect
from preparation.extraction import Extraction, Limits, Options, RawTable, Source, unreadable
from preparation.form_rows import filled_form, form_in, form_tables, places_of, read_values, with_values
from preparation.forms import Form, FormBook, form_of
from preparation.interpreting import Interpreted, Interpreter
from preparation.language import language_of
from preparation.merging import merged
from preparation.piecewise import streamed
from preparation.readers import read
from preparation.readers.full_text import with_full_text
from preparation.row_files import RowFiles
from preparation.viewing import viewed

_DOCUMENT, _ARCHIVE = "document", "archive"
_SELF_EVIDENT = ("document", "image", "audio", "video", "email")
_OF_KIND = {"log": "network_log", "edi": "medical_bill"} | {kind: kind for kind in _SELF_EVIDENT}
_WITHOUT_TABLES = frozenset(("document", "image", "audio", "video"))
_RECORDINGS = frozenset(("audio", "video"))  # what is said in them is a row a sentence, and never a form
_RENAMED_FACTS = {"container": "format"}
_MIN_PROSE_WORDS = 20
_MAX_FACT_CHARS = 1_000
_SHOWN_REASONS = 3


@dataclass(frozen=True, slots=True)
class _Blob:
    name: str
    size: int
    detected: Detected
    extraction: Extraction
    declared: str | None
    limits: Limits
    source: Source
    places: Mapping[str, Place] = field(default_factory=dict)


def prepare(  # noqa: PLR0913 - all that is known of a blob
    source_path: Path,
    *,
    name: str,
    sha256: str,
    size: int,
    catalog: Catalog,
    declared: str | None = None,
    limits: Limits | None = None,
    options: Options | None = None,
    set_aside: RowFiles | None = None,
) -> Prepared:
    """All that can be got out of one blob.

    Args:
        source_path: Where its bytes can be opened.
        name: The name it arrived under; may tell nothing.
        sha256: Its identity.
        size: Its bytes.
        catalog: The datasets.
        declared: The dataset that a person said it is, or None.
        limits: What it may cost.
        options: How it is read.
        set_aside: Takes the rows of a large table while it is read; they then are in no frame of the answer.

    Returns:
        Its rows by dataset, or a fault. Rows and rejected rows of its tables are the records that were read.

    Raises:
        ModelNeededError: If a model that works elsewhere must read it.
    """
    bounds = limits or Limits()
    detected = detect(source_path, name, size)
    if declared is not None and declared not in catalog:
        known = ", ".join(each.name for each in catalog.datasets())
        fault = Fault("preparation", f"It was declared as {declared}, which is no dataset.", f"Datasets are {known}.")
        return Prepared(detected.media_type, Classification(OTHER, 0.0, detected.why), fault=fault)
    wants_places = partial(_is_form, catalog.forms, declared)
    source = Source(source_path, name, detected.media_type, size, bounds, options or Options(), wants_places)
    if source.options.view:
        return viewed(source, source.options.view)
    interpreter = Interpreter(catalog, sha256, bounds)
    large = streamed(source, interpreter, set_aside, declared) if set_aside and declared not in _SELF_EVIDENT else None
    extraction = large.extraction if large else _read(source)
    if large and source.options.is_full_text:
        extraction = with_full_text(source, extraction)
    blob = _Blob(name, size, detected, extraction, declared, bounds, source)
    if large:
        prepared = _described(blob, large.plan.classification, (large.table,))
    elif extraction.fault:
        prepared = _described(blob, Classification(_dataset_of(blob), 0.9, detected.why), ())
    else:
        prepared = _interpreted(blob, interpreter)
    personal = personal_spans(prepared.text) if source.options.is_full_text else ()
    return replace(prepared, matches=tuple(interpreter.matches), personal=personal)


def _is_form(book: FormBook, declared: str | None, text: str, pages: int) -> bool:
    """Whether a paper will be read as a form."""
    if declared:
        return declared not in _SELF_EVIDENT
    return form_in(text, _DOCUMENT, pages, book) is not None


def _read(source: Source) -> Extraction:
    try:
        return read(source)
    except RecursionError:
        return unreadable("It is nested too deeply to be read.", "Flatten it: take the inner parts out and drop them.")


def _interpreted(blob: _Blob, interpreter: Interpreter) -> Prepared:
    kind = blob.extraction.kind
    if blob.size == 0 and blob.declared is None:
        table = interpreter.facts(_DOCUMENT, {"media_type": blob.detected.media_type, "words": 0})
        return _described(blob, Classification(_DOCUMENT, 1.0, "the file is empty"), (table,))
    if kind == _ARCHIVE:
        members = len(blob.extraction.children)
        return _described(blob, Classification(OTHER, 0.95, f"an archive of {members} members"), ())
    if kind in _WITHOUT_TABLES or blob.declared in _SELF_EVIDENT:
        return _as_document(blob, interpreter)
    if not blob.extraction.tables:
        return _without_table(blob, interpreter)
    return _as_tables(blob, interpreter)


def _as_tables(blob: _Blob, interpreter: Interpreter) -> Prepared:
    found = [interpreter.interpret(table, blob.declared) for table in _positioned(blob.extraction.tables)]
    classification = _foremost(found)
    tables = merged([each.table for each in found], blob.limits)
    if blob.declared and not any(table.frame.height for table in tables):
        refused = sum(table.rejected_rows for table in tables)
        if refused:
            return _refused(blob, classification, tables, refused)
    return _described(blob, classification, _foremost_first(tables, classification.dataset))


def _as_document(blob: _Blob, interpreter: Interpreter) -> Prepared:
    """A document, image or recording: a row of facts, its text, and what form or tables it holds."""
    if blob.declared and blob.declared not in _SELF_EVIDENT:
        return _as_declared(blob, interpreter)
    is_said = blob.extraction.kind in _RECORDINGS
    found = None if blob.declared or is_said else filled_form(blob.extraction, blob.source, interpreter.forms)
    if found:
        form, reading = found
        blob = replace(
            blob,
            extraction=with_values(blob.extraction, form, reading),
            places=places_of(reading, blob.extraction.fields),
        )
        row, *values = form_tables(form, reading, blob.extraction.fields, interpreter)
        rows = [row, *_rows_of_facts(blob, interpreter), *values]
        return _described(blob, Classification(form.dataset, 0.9, form.why), rows)
    own = _own(blob)
    rows = _rows_of_facts(blob, interpreter) + _recognised_sheets(blob.extraction, interpreter)
    why = "declared by the folder it was put in" if blob.declared else blob.detected.why
    return _described(blob, Classification(own, 1.0 if blob.declared else 0.95, why), merged(rows, blob.limits))


def _own(blob: _Blob) -> str:
    kind = blob.declared if blob.declared in _SELF_EVIDENT else blob.extraction.kind
    return kind if kind in _SELF_EVIDENT else _DOCUMENT


def _rows_of_facts(blob: _Blob, interpreter: Interpreter) -> list[Table]:
    """The row of what it is, and one of its text where it is no document but has prose."""
    own = _own(blob)
    rows = [interpreter.facts(own, _facts(blob, own))]
    if own not in (_DOCUMENT, *_RECORDINGS) and len(blob.extraction.text.split()) >= _MIN_PROSE_WORDS:
        rows.append(interpreter.facts(_DOCUMENT, _facts(blob, _DOCUMENT)))
    return rows


def _as_declared(blob: _Blob, interpreter: Interpreter) -> Prepared:
    """A workbook or form that a person said is of a dataset of rows."""
    declared = str(blob.declared)
    why = Classification(declared, 1.0, "declared by the folder it was put in")
    tables = [interpreter.interpret(table, declared).table for table in _positioned(blob.extraction.tables)]
    if not tables and blob.extraction.text:
        form = form_of(blob.extraction.text, interpreter.forms, pages=blob.extraction.pages)
        named = form if form and form.dataset == declared else Form(declared, "", None, why.why)
        named, reading = read_values(named, blob.extraction, blob.source, interpreter.forms)
        blob = replace(
            blob,
            extraction=with_values(blob.extraction, named, reading),
            places=places_of(reading, blob.extraction.fields),
        )
        tables = form_tables(named, reading, blob.extraction.fields, interpreter)
    if not tables:
        reason = f"It was declared as {declared}, but neither a table nor a text is in it."
        return _described(blob, why, (), Fault("preparation", reason, "Drop it into the inbox itself, undeclared."))
    refused = sum(table.rejected_rows for table in tables)
    if refused and not any(table.frame.height for table in tables):
        return _refused(blob, why, tables, refused)
    rows = _rows_of_facts(blob, interpreter)
    return _described(blob, why, _foremost_first(merged([*tables, *rows], blob.limits), declared))


def _recognised_sheets(extraction: Extraction, interpreter: Interpreter) -> list[Table]:
    """The sheets of a workbook that are surely of a dataset; the others are in its text."""
    found = [interpreter.interpret(table) for table in _positioned(extraction.tables)]
    return [each.table for each in found if each.classification.dataset not in (OTHER, *_SELF_EVIDENT)]


def _without_table(blob: _Blob, interpreter: Interpreter) -> Prepared:
    """Data without records: one row that holds its text, or none where it has none."""
    extraction = blob.extraction
    if blob.declared:
        reason = f"It was declared as {blob.declared}, but there is no record in it."
        fix = "Drop it into the inbox itself, undeclared."
        why = Classification(blob.declared, 1.0, "declared by the folder it was put in")
        return _described(blob, why, (), Fault("preparation", reason, fix))
    classification = Classification(_OF_KIND.get(extraction.kind, OTHER), 0.8, f"no records in it; {blob.detected.why}")
    if not extraction.text:
        return _described(blob, classification, ())
    return _described(blob, replace(classification, dataset=OTHER), (interpreter.whole(extraction.text, _named(blob)),))


def _named(blob: _Blob) -> dict[str, object]:
    return {"name": blob.name, "media_type": blob.detected.media_type, **blob.extraction.metadata}


def _positioned(tables: Sequence[RawTable]) -> list[RawTable]:
    """Tables of one blob with positions that do not meet: each counts on from the one before."""
    if len(tables) == 1:
        return list(tables)
    placed, start = [], 0
    for table in tables:
        own = table.positions
        rows = pl.Series(range(table.frame.height), dtype=pl.Int64) if own is None else own.cast(pl.Int64)
        rejections = tuple(replace(each, row=each.row + start) for each in table.rejections)
        placed.append(replace(table, positions=rows + start, rejections=rejections))
        start += table.frame.height + table.rejected_rows
    return placed


def _foremost(found: Sequence[Interpreted]) -> Classification:
    """The dataset of most records; `other` only where nothing else is."""
    named = [each for each in found if each.classification.dataset != OTHER] or list(found)
    counts: Counter[str] = Counter()
    for each in named:
        counts[each.classification.dataset] += each.table.frame.height + each.table.rejected_rows
    dataset = max(counts, key=lambda name: counts[name])
    own = [each for each in named if each.classification.dataset == dataset]
    return max(own, key=lambda each: each.table.frame.height).classification


def _foremost_first(tables: Sequence[Table], dataset: str) -> list[Table]:
    return sorted(tables, key=lambda table: table.dataset != dataset)


def _refused(blob: _Blob, classification: Classification, tables: Sequence[Table], count: int) -> Prepared:
    reasons = Counter(rejection.reason for table in tables for rejection in table.rejections)
    shown = "; ".join(f"{reason} ({times} times)" for reason, times in reasons.most_common(_SHOWN_REASONS))
    reason = f"All {count} records were refused by {classification.dataset}: {shown}."
    fix = "Mend the records, or drop the file into the inbox itself, undeclared."
    return _described(blob, classification, (), Fault("preparation", reason, fix))


def _dataset_of(blob: _Blob) -> str:
    return blob.declared or _OF_KIND.get(blob.extraction.kind, OTHER)


def _facts(blob: _Blob, dataset: str) -> Mapping[str, object]:
    extraction = blob.extraction
    told = {_RENAMED_FACTS.get(key, key): value for key, value in extraction.metadata.items()}
    facts: dict[str, object] = {
        key: value[:_MAX_FACT_CHARS] if isinstance(value, str) else value for key, value in told.items()
    }
    if dataset == "audio" and "audio_codec" in facts:
        facts["codec"] = facts.pop("audio_codec")
    camera = [str(facts.pop(key)) for key in ("camera_make", "camera_model") if key in facts]
    if camera:
        facts["camera"] = " ".join(camera)
    facts["media_type"] = blob.detected.media_type
    if dataset in (*_RECORDINGS, "image"):
        facts["text"] = extraction.text or None
    if dataset == _DOCUMENT:
        text = extraction.text
        facts |= {"text": text or None, "pages": extraction.pages, "words": len(text.split())}
        facts["language"] = language_of(text)
    return facts


def _described(
    blob: _Blob, classification: Classification, tables: Sequence[Table], fault: Fault | None = None
) -> Prepared:
    extraction = blob.extraction
    is_prose = extraction.kind in (*_SELF_EVIDENT, "data")
    note = "The file is empty." if blob.size == 0 else extraction.note
    found = fault or extraction.fault
    return Prepared(
        media_type=blob.detected.media_type,
        classification=classification,
        tables=() if found else tuple(tables),
        children=extraction.children,
        text=extraction.text,
        fields=extraction.fields,
        places=blob.places,
        pages=extraction.pages,
        language=language_of(extraction.text) if is_prose and extraction.text else None,
        metadata=extraction.metadata,
        note=note,
        fault=found,
    )
