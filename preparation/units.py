"""Units in headers, and how values in them become values in the schema's unit."""

import re

import polars as pl

from preparation.header_words import parsed_header

_ALIASES = {
    "Cel": "°c, c, cel, celsius, degc, deg c, degree celsius, ℃, degrees celsius, ºc, oc, grad c",
    "[degF]": "°f, f, fahrenheit, degf, deg f, ℉, degree fahrenheit, ºf",
    "K": "k, kelvin, °k",
    "hPa": "hpa, mbar, mb, millibar, millibars, hectopascal",
    "Pa": "pa, pascal",
    "kPa": "kpa, kilopascal",
    "bar": "bar",
    "[psi]": "psi",
    "mm[Hg]": "mmhg",
    "[in_i'Hg]": "inhg",
    "s": "s, sec, second, seconds",
    "ms": "ms, msec, millisecond, milliseconds, millis",
    "us": "us, µs, μs, microsecond, microseconds",
    "ns": "ns, nanosecond",
    "min": "min, minute, minutes, mins",
    "h": "h, hr, hour, hours, hrs",
    "d": "d, day, days",
    "By": "b, byte, bytes",
    "kBy": "kb, kilobyte, kilobytes, kib",
    "MBy": "mb, megabyte, megabytes, mib",
    "GBy": "gb, gigabyte, gib",
    "m/s": "m/s, ms-1, mps, meter per second",
    "km/h": "km/h, kmh, kph, kmph",
    "[mi_i]/h": "mph, mi/h",
    "[kn_i]": "kn, knot, knots, kt, kts",
    "W": "w, watt, watts",
    "kW": "kw, kilowatt, kilowatts",
    "MW": "megawatt, megawatts",
    "V": "v, volt, volts",
    "mV": "mv, millivolt, millivolts",
    "kV": "kv, kilovolt",
    "A": "a, amp, amps, ampere, amperes",
    "mA": "ma, milliamp, milliampere",
    "Wh": "wh",
    "kWh": "kwh, kwh/hh",
    "MWh": "mwh",
    "J": "j, joule",
    "mm": "mm, millimeter",
    "cm": "cm, centimeter",
    "m": "m, meter, meters, metre",
    "km": "km, kilometer",
    "[in_i]": "in, inch, inches",
    "[ft_i]": "ft, feet, foot",
    "l/min": "l/min, lpm, lmin",
    "l/s": "l/s, lps",
    "m3/h": "m3/h, m³/h, cmh",
    "%": "%, percent, pct",
    "m/s2": "m/s2, m/s², m/s^2",
    "[g]": "g, g force",
    "g": "g, gram, grams",
    "kg": "kg, kilogram",
    "[lb_av]": "lb, lbs, pound, pounds",
    "mg/dL": "mg/dl",
    "mmol/L": "mmol/l",
    "rad": "rad, radian",
    "deg": "deg, degree, degrees, °",
    "rad/s": "rad/s, rads",
    "deg/s": "deg/s, dps, °/s",
    "Hz": "hz",
    "kHz": "khz",
}  # fmt: skip
_FACTORS = {
    ("Pa", "hPa"): 0.01, ("kPa", "hPa"): 10.0, ("bar", "hPa"): 1000.0, ("[psi]", "hPa"): 68.947572932,
    ("mm[Hg]", "hPa"): 1.33322387415, ("[in_i'Hg]", "hPa"): 33.8638866667, ("kPa", "mm[Hg]"): 7.50061683,
    ("ms", "s"): 0.001, ("us", "s"): 1e-6, ("ns", "s"): 1e-9,
    ("min", "s"): 60.0, ("h", "s"): 3600.0, ("d", "s"): 86400.0,
    ("s", "ms"): 1000.0, ("us", "ms"): 0.001, ("min", "ms"): 60000.0, ("s", "min"): 1 / 60, ("h", "min"): 60.0,
    ("h", "d"): 1 / 24, ("kBy", "By"): 1000.0, ("MBy", "By"): 1e6, ("GBy", "By"): 1e9,
    ("km/h", "m/s"): 1 / 3.6, ("[mi_i]/h", "m/s"): 0.44704, ("[kn_i]", "m/s"): 1852 / 3600,
    ("kW", "W"): 1000.0, ("MW", "W"): 1e6, ("mV", "V"): 0.001, ("kV", "V"): 1000.0, ("V", "mV"): 1000.0,
    ("mA", "A"): 0.001, ("Wh", "kWh"): 0.001, ("MWh", "kWh"): 1000.0, ("J", "kWh"): 1 / 3.6e6,
    ("cm", "mm"): 10.0, ("[in_i]", "mm"): 25.4, ("m", "mm"): 1000.0, ("cm", "m"): 0.01, ("mm", "m"): 0.001,
    ("km", "m"): 1000.0, ("[ft_i]", "m"): 0.3048, ("[in_i]", "m"): 0.0254,
    ("l/s", "l/min"): 60.0, ("m3/h", "l/min"): 1000 / 60, ("[g]", "m/s2"): 9.80665, ("mmol/L", "mg/dL"): 18.0156,
    ("rad", "deg"): 57.29577951308232, ("rad/s", "deg/s"): 57.29577951308232, ("kHz", "Hz"): 1000.0,
    ("g", "kg"): 0.001, ("[lb_av]", "kg"): 0.45359237,
}  # fmt: skip
_MEASURED = r"^\s*[-+]?\d[\d.,]*(\s?[^\d\s.,+-][^\d\s]{0,9})\s*$"
_OFFSETS = {("[degF]", "Cel"): (5 / 9, -160 / 9), ("K", "Cel"): (1.0, -273.15), ("Cel", "Cel"): (1.0, 0.0)}


def _spellings() -> dict[str, tuple[str, ...]]:
    by_spelling: dict[str, tuple[str, ...]] = {}
    for unit, spellings in _ALIASES.items():
        for spelling in spellings.split(", "):
            by_spelling[spelling] = (*by_spelling.get(spelling, ()), unit)
    return by_spelling


_UNITS = _spellings()


def unit_of_cells(texts: pl.Series) -> str | None:
    """The unit that stands after every number of a column: ``1.5 °C``; None where there is none, or another."""
    first = texts[0] if len(texts) else None
    if first is not None and not re.match(_MEASURED, first):  # nearly always, at a hundredth of the cost
        return None
    units = texts.drop_nulls().str.extract(_MEASURED).unique()
    unit = str(units[0] or "").strip().lower() if len(units) == 1 else ""
    return unit if unit in _UNITS else None


def is_unit(text: str) -> bool:
    """Whether a word is a spelling of a unit."""
    return text.lower() in _UNITS


def conversion(header: str, unit: str | None) -> tuple[float, float] | None:
    """Factor and offset that bring values under a header into `unit`; None where nothing is to be done."""
    if unit is None:
        return None
    for found in _units_in(header):
        if found == unit:
            return None
        if (found, unit) in _OFFSETS:
            return _OFFSETS[found, unit]
        if (found, unit) in _FACTORS:
            return _FACTORS[found, unit], 0.0
    return None


def _units_in(header: str) -> tuple[str, ...]:
    """The units a header may name: in brackets, or as its last word or two."""
    parsed = parsed_header(header)
    named = [parsed.unit.lower()] if parsed.unit else []
    words = [word for word in header.lower().replace("-", "_").replace(" ", "_").replace(".", "_").split("_") if word]
    named += ["/".join(words[-2:]), words[-1]] if len(words) > 1 else []
    named += list(parsed.tokens[-1:]) if len(parsed.tokens) > 1 else []
    return next((_UNITS[name] for name in named if name in _UNITS), ())
