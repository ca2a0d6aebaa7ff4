"""What preparation gets out of the samples, against their right answers: words, form values, kinds, rows, log fields.

Every file goes through the workers as `penstock extract` sends it, with the models that are installed: once under its
name, and for its kind once more under a random one.
"""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import fmean

from measure import Figure, at_least, at_most, observed
from samples import Sample, samples
from truths import form_values, found_values, log_fields_right, records_of, word_scores

from core.prepared import Prepared
from core.settings import Preparation
from preparation import Options, Pool

WORKERS = 2
SEED = 5
TABLES = ("wild", "timeseries", "social", "fraud")
Results = Sequence[tuple[Sample, Prepared]]


def figures(folder: Path) -> Iterator[Figure]:
    """All figures of one pass over the samples under their names, and one under random names."""
    chosen = samples()
    named = prepared(chosen, [sample.path.name for sample in chosen], folder)
    yield from _words([pair for pair in named if pair[0].group == "documents" and pair[0].truth])
    yield from _forms([pair for pair in named if pair[0].group == "forms" and pair[0].truth])
    yield from _rows(named)
    yield from _logs([pair for pair in named if pair[0].group == "logs"])
    rng = random.Random(SEED)  # noqa: S311  # the same names each time
    yield from _kinds(prepared(chosen, [f"{rng.getrandbits(40):x}" for _ in chosen], folder))


def prepared(chosen: Sequence[Sample], names: Sequence[str], folder: Path) -> Results:
    """What comes out of each sample under a name."""
    pool = Pool(Preparation(workers=WORKERS), folder / "schemas")
    options = Options(is_full_text=True)
    try:
        with ThreadPoolExecutor(WORKERS) as threads:
            found = threads.map(
                lambda sample, name: pool.prepare([sample.content], name=name, sha256=sample.sha256, options=options),
                chosen,
                names,
            )
            return list(zip(chosen, found, strict=True))
    finally:
        pool.close()


def _words(results: Results) -> Iterator[Figure]:
    scores = [word_scores(result.text, _read(sample.truth)) for sample, result in results]
    yield at_least(f"words of {len(results)} documents found, mean recall", fmean(r for r, _ in scores), 0.93, "")
    yield at_least("the same, mean F1", fmean(f1 for _, f1 in scores), 0.86, "")
    without = [sample.name for sample, result in results if not result.text.strip() and _read(sample.truth).strip()]
    yield at_most(f"documents without a word{_listed(without)}", len(without), 0, "files")


def _forms(results: Results) -> Iterator[Figure]:
    values = [(form_values(sample.truth), result) for sample, result in results if sample.truth]
    count = sum(len(wanted) for wanted, _ in values)
    in_fields = sum(found_values(wanted, result.fields.values()) for wanted, result in values)
    in_text = sum(found_values(wanted, [result.text]) for wanted, result in values)
    yield at_least(f"{count} values of forms, among the fields", in_fields / count, 0.80, "")
    yield at_least("the same, in the text", in_text / count, 0.90, "")


def _kinds(results: Results) -> Iterator[Figure]:
    wrong = [sample for sample, result in results if result.classification.dataset not in sample.accepted]
    of_wild = [sample for sample, _ in results if sample.group == "wild"]
    share = 1 - len(wrong) / len(results)
    yield at_least(f"kind of {len(results)} files under random names", share, 0.97, "")
    wild = 1 - sum(sample.group == "wild" for sample in wrong) / len(of_wild)
    yield at_least(f"kind of the {len(of_wild)} of strangers' tables", wild, 0.95, "")


def _rows(results: Results) -> Iterator[Figure]:
    tables = [(sample, result) for sample, result in results if sample.group in TABLES and sample.path.suffix == ".csv"]
    lost = [sample.name for sample, result in tables if _has_lost(sample, result)]
    yield at_most(f"of {len(tables)} tables, those with a record too few or many{_listed(lost)}", len(lost), 0, "files")


def _logs(results: Results) -> Iterator[Figure]:
    counts = [log_fields_right(sample, result.tables[0].frame) for sample, result in results]
    share = sum(right for right, _ in counts) / sum(asked for _, asked in counts)
    yield at_least(f"fields of {len(results)} system logs right", share, 0.98, "")
    yield observed("fields asked", sum(asked for _, asked in counts), "")


def _has_lost(sample: Sample, result: Prepared) -> bool:
    found = sum(table.frame.height + table.rejected_rows for table in result.tables)
    return found != records_of(sample, has_header=bool(result.metadata.get("has_header", True)))


def _read(truth: Path | None) -> str:
    return truth.read_text(encoding="utf-8", errors="replace") if truth else ""


def _listed(names: Sequence[str]) -> str:
    return f" ({', '.join(names[:5])})" if names else ""
