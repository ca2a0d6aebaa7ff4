"""Headers as people spell them, brought to one spelling so that they can be compared."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from preparation.header_translations import translated

_ABBREVIATIONS = {
    "src": "source", "dst": "destination", "dest": "destination", "amt": "amount", "num": "number", "nbr": "number",
    "no": "number", "nr": "number", "desc": "description", "qty": "quantity", "addr": "address", "msg": "message",
    "cnt": "count", "pct": "percent", "percentage": "percent", "avg": "average", "proto": "protocol", "pkt": "packet",
    "dur": "duration", "temp": "temperature", "acct": "account", "cust": "customer", "pmt": "payment",
    "pymt": "payment", "chrg": "charge", "svc": "service", "srvc": "service", "sev": "severity", "loc": "location",
    "usr": "user", "req": "request", "resp": "response", "prev": "previous", "mins": "minute", "min": "minute",
    "sec": "second", "secs": "second", "identifier": "id", "cd": "code", "yr": "year", "ips": "ip", "tel": "phone",
    "telephone": "phone", "nm": "name", "dx": "diagnosis", "reimb": "reimbursement", "prem": "premium",
    "favourite": "favorite", "hum": "humidity", "datetime": "timestamp", "lng": "longitude", "lon": "longitude",
    "authorisation": "authorization", "colour": "color", "deductable": "deductible", "tot": "total", "orig": "origin",
    "conn": "connection", "vel": "velocity", "accel": "acceleration", "acc": "acceleration", "freq": "frequency",
    "chg": "charge", "pd": "paid", "bal": "balance", "enc": "encounter", "ins": "insurance", "prov": "provider",
    "pt": "patient", "hosp": "hospital", "diag": "diagnosis", "cov": "coverage", "eff": "effective", "exp": "expiry",
    "prvdr": "provider", "rndrng": "rendering", "prscrbr": "prescriber", "mdcr": "medicare", "clm": "claim",
    "sbmtd": "submitted", "submtd": "submitted", "alowd": "allowed", "dschrg": "discharge", "cst": "cost",
    "suply": "supply", "gnrc": "generic", "brnd": "brand", "benes": "beneficiary", "bene": "beneficiary",
    "plyr": "player",
}  # fmt: skip
_FILLERS = frozenset(
    (
        *("the", "of", "a", "an", "and", "per", "by", "in", "is", "was", "for"),
        *(
            "de",
            "do",
            "da",
            "del",
            "e",
            "du",
            "des",
            "la",
            "le",
            "el",
            "der",
            "die",
            "das",
            "am",
            "y",
            "et",
            "les",
            "l",
        ),
    )
)
_BRACKETS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
_TYPE_SUFFIXES = frozenset(("S", "N", "B", "BOOL", "SS", "NS", "BS", "M", "L", "NULL"))  # of DynamoDB's exports
_WORDS = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_UNIT_SIGNS = re.compile(r"°\s*([CFK])\b|([%µμ]\S*)|([℃℉])")
_BOX = re.compile(r"(?i)^box[ _]?\d+[a-z]?[ _]+")  # of forms: Box1_Wages
_MAX_CHARS = 200


@dataclass(frozen=True, slots=True)
class Header:
    """One header, taken apart.

    Attributes:
        text: As it was found.
        tokens: Its words in lower case: without accents, abbreviations written out, in the singular.
        key: The words run together; headers with equal keys mean the same.
        unit: What stands in brackets or as a sign: ``°C``, ``ms``; or None.
        telling_tokens: Its words without the fillers.
    """

    text: str
    tokens: tuple[str, ...]
    key: str
    unit: str | None
    telling_tokens: frozenset[str]


@lru_cache(maxsize=65536)
def parsed_header(text: str) -> Header:
    """Takes a header apart."""
    name = text[:_MAX_CHARS].strip("\ufeff \t\r\n\"'")
    name = _BOX.sub("", name)
    unit = None
    for inside in _BRACKETS.findall(name):
        if inside.strip() and inside.strip() not in _TYPE_SUFFIXES:
            unit = inside.strip()
    bare = _BRACKETS.sub(" ", name)
    sign = _UNIT_SIGNS.search(bare)
    if sign:
        unit, bare = unit or sign.group(0).strip(), _UNIT_SIGNS.sub(" ", bare)
    words = _WORDS.findall(_without_accents(bare)) or _WORDS.findall(_without_accents(name))
    english = translated([word.lower() for word in words])
    tokens = tuple(_singular(_ABBREVIATIONS.get(word, word)) for word in english)
    return Header(text, tokens, "".join(tokens), unit, frozenset(tokens) - _FILLERS)


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _singular(word: str) -> str:
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):  # noqa: PLR2004
        return _ABBREVIATIONS.get(word, word)
    bare = word[:-3] + "y" if word.endswith("ies") else word[:-1]
    return _ABBREVIATIONS.get(bare, bare)


COMMON_KEYS = frozenset(
    parsed_header(each.strip()).key
    for each in """
    id, date, time, timestamp, datetime, name, first name, last name, type, category, status, value, description,
    age, gender, sex, city, state, country, region, zip, year, month, day, price, quantity, total, amount, location,
    address, email, phone, label, class, index, score, title, rating, source, target, number, code, level, group,
    size, length, width, height, weight, color, brand, model, customer id, user id, product id, order id, start
    date, end date, product, service, department, position, company, comments, notes, text, reason, result,
    duration, rate, count, place, speed, item, content, message, link, url, tags, summary, created at, occupation,
    education, salary, income, marital status, points, rank, role, views, employee name, latitude, longitude, area,
    volume, condition, user, x, y, birth date, dob, date of birth, event, action, mode, state code, zip code,
    device, language, make, method, order, outcome, payment method, payment type, payment date, customer name,
    discount, cost, tax, profit, revenue, power, test, version, format, unit, units, host, subject, round, map,
    player, due date, invoice number, stage, branch, agent, product name, brand name, currency, domain, account
    number, tenure, charges, total charges, v1, v2, published date, season, publish date, start, second, minute,
    period, author, channel, number of dependents, dependents, glucose
    """.replace("\n", " ").split(",")
)
"""Headers that tables of every kind have: they say little about what a table is."""
