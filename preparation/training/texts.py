"""Made-up papers of an office, of the kinds that the text model tells apart, and of kinds that it must leave alone.

A paper is a random choice of lines that such papers have, in random order, with random names and amounts, among lines
that any paper may have. Near misses weigh most: articles about taxes, brochures of insurers, medical papers, invoices.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files

DOCUMENT = "document"
_KINDS = files("preparation.training") / "kinds.txt"
_FILLS = ("first", "last", "street", "city")
_MIN_LINES, _MAX_LINES = 6, 26
_SHARED_SHARE, _BLEND_SHARE = 0.25, 0.15


def made_texts(count: int, seed: int, *, every: int = 1, held_out: bool = False) -> Iterator[tuple[str, str]]:
    """Pairs of dataset and text; as many of each kind of paper.

    Args:
        count: How many.
        seed: For other texts of the same lines.
        every: One in so many lines of each kind is held out; 1 holds out none.
        held_out: Whether only the held-out lines are used, or only the others.
    """
    chance = random.Random(seed)  # noqa: S311 - words, not keys
    kinds = {
        name: (dataset, [line for at, line in enumerate(lines) if every == 1 or (at % every == 0) == held_out])
        for name, (dataset, lines) in _kinds().items()
    }
    shared = kinds.pop("any")[1]
    given = {name: _kinds()[name][1] for name in _FILLS}
    kinds = {name: kind for name, kind in kinds.items() if name not in _FILLS}
    names = sorted(kinds)
    for at in range(count):
        name = names[at % len(names)]
        dataset, lines = kinds[name]
        chosen = chance.sample(lines, min(len(lines), chance.randint(_MIN_LINES, _MAX_LINES)))
        chosen += chance.choices(shared, k=int(_SHARED_SHARE * len(chosen)) + 1)
        if dataset == DOCUMENT:  # a paper of no kind may mention any of them in passing
            other = kinds[chance.choice(names)][1]
            chosen += chance.choices(other, k=int(_BLEND_SHARE * chance.random() * len(chosen)))
        chance.shuffle(chosen)
        yield dataset, "\n".join(_filled(line, chance, given) for line in chosen)


def _kinds() -> dict[str, tuple[str, list[str]]]:
    """The lines of each kind of paper, and the dataset that it is of."""
    kinds: dict[str, tuple[str, list[str]]] = {}
    for line in _KINDS.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            name, _, dataset = line.removeprefix("== ").partition(" =")
            lines: list[str] = []
            kinds[name] = (dataset.strip(), lines)
        elif line.strip():
            lines.append(line)
    return kinds


def _filled(line: str, chance: random.Random, given: Mapping[str, Sequence[str]]) -> str:
    """A line with its places filled: @n names, @d dates, @a amounts, @i identifiers, @s streets."""
    fills: dict[str, Callable[[], str]] = {
        "@n": lambda: f"{chance.choice(given['first'])} {chance.choice(given['last'])}",
        "@d": lambda: f"{chance.randint(1, 12):02d}/{chance.randint(1, 28):02d}/{chance.randint(2015, 2026)}",
        "@a": lambda: f"{chance.choice(('$', '$', '', '€'))}{chance.randint(5, 9_000):,}.{chance.randint(0, 99):02d}",
        "@i": lambda: f"{chance.choice('ABCKMPX')}{chance.randint(10_000, 9_999_999)}",
        "@s": lambda: f"{chance.randint(1, 900)} {chance.choice(given['street'])} St, {chance.choice(given['city'])}",
    }
    for mark, fill in fills.items():
        while mark in line:
            line = line.replace(mark, fill(), 1)
    return line
