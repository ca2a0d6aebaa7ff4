"""The set of identities held in hashes behaves like a set."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.identities import Identities

KEYS = st.lists(st.tuples(st.one_of(st.none(), st.text(max_size=3)), st.integers(0, 5)), max_size=30)


@given(st.lists(KEYS, max_size=20))
@settings(max_examples=60, deadline=None)
def test_new_rows_are_those_a_set_does_not_have(batches: list[list[tuple[str | None, int]]]) -> None:
    held, model = Identities(), set()
    for batch in batches:
        keys = pl.DataFrame(batch, schema={"a": pl.String, "b": pl.Int64}, orient="row")
        expected = []
        for key in batch:
            expected.append(key[0] is None or key not in model)
            if key[0] is not None:
                model.add(key)
        is_new, taken = held.take(keys)
        assert is_new.to_list() == expected
        held.add(taken)
    assert len(held) == len(model)
