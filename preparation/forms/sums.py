"""Amounts that must add up."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase

from preparation.forms.definitions import SumDefinition
from preparation.forms.found import FoundField
from preparation.forms.values import amount_of

_TOLERANCE = Decimal("0.05")
_WHOLE_DOLLARS = Decimal("1.00")  # where cents are left out, each amount may be rounded by half a dollar


def discrepancies(sums: Sequence[SumDefinition], found: Sequence[FoundField]) -> list[str]:
    """Where a total is not what its parts add up to, in words."""
    by_name = {each.name: each for each in found}
    return [words for each in sums if (words := _checked(each, by_name))]


def _checked(each: SumDefinition, by_name: Mapping[str, FoundField]) -> str:
    total = _amount(by_name.get(each.total))
    parts = [(sign, _amount(field)) for sign, field in _parts(each.parts, by_name)]
    read = [(sign, amount) for sign, amount in parts if amount is not None]
    if total is None or not read:
        return ""
    amount = sum((sign * part for sign, part in read), Decimal(0))
    is_rounded = all(part == part.to_integral_value() for _, part in read)
    tolerance = _WHOLE_DOLLARS * len(read) / 2 if is_rounded and len(read) > 1 else _TOLERANCE
    if abs(total - amount) <= tolerance:
        return ""
    field = by_name[each.total]
    return f"{field.name} is {total}, but {len(read)} parts of it add up to {amount} (page {field.page})"


def _parts(names: Sequence[str], by_name: Mapping[str, FoundField]) -> list[tuple[int, FoundField]]:
    found = []
    for name in names:
        sign, pattern = (-1, name[1:]) if name.startswith("-") else (1, name)
        found += [(sign, field) for known, field in by_name.items() if fnmatchcase(known, pattern)]
    return found


def _amount(field: FoundField | None) -> Decimal | None:
    return amount_of(field.text) if field else None
