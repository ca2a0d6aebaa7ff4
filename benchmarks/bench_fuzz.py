"""Broken copies of every sample through the workers: none lost, none hung, and each reason names what is wrong.

``python benchmarks/bench_fuzz.py [SEED [EVERY]]`` prints every class of reasons with an example of each wording; EVERY
= 10 takes each tenth sample.
"""

import hashlib
import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from measure import Figure, at_most, observed
from samples import Sample, samples
from variants import EMPTY, RENAMED, Variant, empty, variants

from core.prepared import Prepared
from core.settings import Preparation
from preparation import Pool

SEED = 1
WORKERS = 2
TIMEOUT_SECONDS = 30.0
MARGIN_SECONDS = 30.0  # what killing a worker and starting the next may take
UNNAMED, CRASHED, TOO_MUCH, LOCKED = "no cause named", "its parser crashed", "too much", "locked"
DAMAGED, REFUSED, UNKNOWN = "damaged", "records refused", "no kind that is read"
_CLASSES: Sequence[tuple[str, str]] = (
    (UNNAMED, r"The parser gave up|Penstock failed|Traceback"),
    (CRASHED, r"died twice|signal SIG"),
    (TOO_MUCH, r"not done after|more than [\d.,]+ \w+ of memory|nested too deeply|unpacks? to|more than may be"
               r"|too large|would take|up to [\d,]+ |too many|pixels"),
    (LOCKED, r"encrypted|password"),
    (REFUSED, r"records were refused"),
    (DAMAGED, r"damaged|truncated|cut off|not well-formed|does not parse|does not decode|cannot be opened|incomplete"
              r"|is missing|expected|breaks off|no transaction set|No line is|occurs more than|has no SE"
              r"|out of order"
              r"|does not match|is not valid|unreadable|no page is left|ends? (?:in|before)|corrupt|empty|invalid"),
    (UNKNOWN, r"unknown (?:format|kind)|no known kind|is not read|not supported|cannot be read|no .* is recognised"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one variant.

    Attributes:
        variant: The variant.
        reason: Why nothing came out of it, or "".
        seconds: How long it took.
    """

    variant: Variant
    reason: str
    seconds: float

    @property
    def cause(self) -> str:
        """The class of the reason; "other" where no class knows its words, "" where there is none."""
        if not self.reason:
            return ""
        return next((name for name, words in _CLASSES if re.search(words, self.reason)), "other")


def figures(folder: Path) -> Iterator[Figure]:
    """At least nine variants of each sample."""
    chosen = samples()
    done = outcomes(list(_all_variants(chosen, SEED)), folder)
    originals = {outcome.variant.sample.name: outcome for outcome in outcomes(_originals(chosen), folder)}
    yield observed("broken and misnamed files through the workers", len(done), "files")
    yield at_most("lost or hung", _expected(chosen) - len(done) + sum(_is_hung(each) for each in done), 0, "files")
    yield at_most("reasons that do not name the cause", sum(is_wrong(each, originals) for each in done), 0, "files")
    for cause, count in Counter(each.cause or "taken in" for each in done).most_common():
        yield observed(f"- {cause}", count, "files")


def outcomes(given: Sequence[Variant], folder: Path) -> list[Outcome]:
    """Prepares all, two at a time, in workers as `run` has them."""
    settings = Preparation(workers=WORKERS, timeout_seconds=TIMEOUT_SECONDS, ocr=False, speech=False)
    pool = Pool(settings, folder / "schemas")
    try:
        with ThreadPoolExecutor(WORKERS) as threads:
            return list(threads.map(lambda variant: _outcome(pool, variant), given))
    finally:
        pool.close()


def is_wrong(outcome: Outcome, originals: dict[str, Outcome]) -> bool:
    """Whether the reason names no cause, or one that what was done to the file cannot have brought about."""
    cause, original = outcome.cause, originals[outcome.variant.sample.name]
    if cause in (UNNAMED, "other"):
        return True
    if outcome.variant.kind == EMPTY:
        return bool(cause)
    if outcome.variant.kind == RENAMED:
        return bool(cause) and cause != original.cause  # without its name, broken JSON is some text
    # a flipped bit may be the one that says "encrypted"; a file that was cut has become no secret by that
    return cause == LOCKED and original.cause != LOCKED and outcome.variant.kind == "truncated"


def main(seed: int, every: int) -> int:
    """Prints the reasons by class and wording."""
    chosen = samples()[seed % every :: every]
    folder = Path(os.devnull)
    done = outcomes(list(_all_variants(chosen, seed)), folder)
    originals = {outcome.variant.sample.name: outcome for outcome in outcomes(_originals(chosen), folder)}
    for cause, group in _by_cause(done).items():
        print(f"{len(group):5d}  {cause or 'taken in'}")
        for wording, same in _by_wording(group).items():
            print(f"       {len(same):5d}  {wording}  | {_shown(same[0])}")
    wrong = [each for each in done if is_wrong(each, originals)]
    for title, each in [*(("wrong cause", each) for each in wrong), *(("slow", each) for each in _slow(done))]:
        print(f"{title}: {_shown(each)}, {each.seconds:.1f} s: {each.reason[:200]}")
    return 1 if wrong else 0


def _all_variants(chosen: Iterable[Sample], seed: int) -> Iterator[Variant]:
    empty_ones = {sample.path.suffix: empty(sample) for sample in chosen}
    return chain(chain.from_iterable(variants(sample, seed) for sample in chosen), empty_ones.values())


def _originals(chosen: Iterable[Sample]) -> list[Variant]:
    return [Variant(sample, "original", sample.path.name, sample.content) for sample in chosen]


def _expected(chosen: Sequence[Sample]) -> int:
    return sum(1 for _ in _all_variants(chosen, SEED))


def _outcome(pool: Pool, variant: Variant) -> Outcome:
    started = time.monotonic()
    digest = hashlib.sha256(variant.content).hexdigest()
    prepared: Prepared = pool.prepare([variant.content], name=variant.name, sha256=digest)
    return Outcome(variant, prepared.fault.reason if prepared.fault else "", time.monotonic() - started)


def _is_hung(outcome: Outcome) -> bool:
    return outcome.seconds > 2 * TIMEOUT_SECONDS + MARGIN_SECONDS


def _slow(done: Iterable[Outcome]) -> list[Outcome]:
    return sorted((each for each in done if each.seconds > 5), key=lambda each: -each.seconds)[:20]


def _by_cause(done: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for each in done:
        groups[each.cause].append(each)
    return dict(sorted(groups.items()))


def _by_wording(group: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for each in group:
        if each.reason:
            groups[re.sub(r"\d+|'[^']*'|\"[^\"]*\"", "#", each.reason)[:110]].append(each)
    return dict(sorted(groups.items(), key=lambda item: -len(item[1])))


def _shown(outcome: Outcome) -> str:
    return f"{outcome.variant.kind}: {outcome.variant.sample.name} as {outcome.variant.name}"


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]] + [SEED, 1][len(sys.argv) - 1 :]
    sys.exit(main(arguments[0], arguments[1]))
