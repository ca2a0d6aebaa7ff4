"""What a person types into a search box, taken apart."""

import re
from dataclasses import dataclass

MAX_QUERY_CHARS = 2_000
MAX_CLAUSES = 40
_CLAUSE = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


@dataclass(frozen=True, slots=True)
class Clause:
    """A word or a quoted phrase that a record must have, or must not."""

    text: str
    is_excluded: bool = False


def clauses(words: str) -> tuple[Clause, ...]:
    """The clauses of a query; never fails: what is no syntax is plain words. Bounded in length and number."""
    found = []
    for minus, phrase, word in _CLAUSE.findall(words[:MAX_QUERY_CHARS]):
        text = (phrase or word).strip('"')
        if any(char.isalnum() for char in text):
            found.append(Clause(text, is_excluded=bool(minus)))
    return tuple(dict.fromkeys(found))[:MAX_CLAUSES]
