"""Log lines that only begin with a time, a level or a name: they fit much, and give way to formats that say more."""

from preparation.readers.log_format import CLOCK, ISO, ISO_TIMES, LEVEL, MONTH, STAMP, LogFormat

_REST = r"[\])]?[\s|:,;-]+(?P<content>.*)$"
_NAMED_MONTHS = ("%d-%b-%Y %H:%M:%S%.f", "%d/%b/%Y:%H:%M:%S%.f", "%d/%b/%Y %H:%M:%S%.f", "%d %b %Y %H:%M:%S%.f")

GENERAL = (
    LogFormat(
        "time, level, component",
        rf"^\[?(?P<time>{ISO})\]?[\s|-]+\[?(?P<level>(?i:{LEVEL}))\]?[\s|:-]+\[?(?P<component>[\w.$/-]+)\]?\s*[:|-]\s+"
        r"(?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "time, level",
        rf"^\[?(?P<time>{ISO})\]?[\s|:-]+\[?(?P<level>(?i:{LEVEL}))\b\]?[\s|:-]*(?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "syslog without a tag",
        rf"^(?:<(?P<priority>\d{{1,3}})>)?{STAMP} (?P<host>\S+) (?P<content>.*)$",
        ("%Y %b %d %H:%M:%S",),
        has_year=False,
    ),
    LogFormat(
        "time first",
        rf"^\[?(?P<time>{ISO}(?: [+-]\d\d:?\d\d)?)(?:\][\s|:,-]*|[\s|:,-]+)(?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "level, time",
        rf"^\[?(?P<level>(?i:{LEVEL}))\]?[\s|:-]+\[?(?P<time>{ISO})(?:\][\s|:,-]*|[\s|:,-]+)(?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "name, time",
        rf"^(?P<component>[A-Za-z][^\s\[(]*(?: [^\s\[(]+){{0,2}}) [\[(]?(?P<time>{ISO}){_REST}",
        ISO_TIMES,
    ),
    LogFormat(
        "time by the name of its month, level",
        rf"^\[?(?P<time>\d{{1,2}}[-/ ]{MONTH}[-/ ]\d{{4}}[ :]{CLOCK})\]?[\s|:-]+\[?(?P<level>{LEVEL})\b{_REST}",
        _NAMED_MONTHS,
    ),
    LogFormat(
        "time by the name of its month",
        rf"^\[?(?P<time>\d{{1,2}}[-/ ]{MONTH}[-/ ]\d{{4}}[ :]{CLOCK}){_REST}",
        _NAMED_MONTHS,
    ),
    LogFormat(
        "weekday, time, year",
        rf"^\[?(?P<time>[A-Z][a-z]{{2}} {MONTH}\s+\d{{1,2}} \d\d:\d\d:\d\d \d{{4}}){_REST}",
        ("%a %b %d %H:%M:%S %Y",),
    ),
    LogFormat(
        "date by strokes or dots",
        rf"^\[?(?P<time>(?:\d{{4}}[/.]\d\d[/.]\d\d|\d\d?[/.]\d\d?[/.]\d{{4}}) {CLOCK}(?: [AP]M)?){_REST}",
        (
            "%Y/%m/%d %H:%M:%S%.f",
            "%Y.%m.%d %H:%M:%S%.f",
            "%d.%m.%Y %H:%M:%S%.f",
            "%m/%d/%Y %I:%M:%S %p",
            "%m/%d/%Y %H:%M:%S%.f",
            "%d/%m/%Y %H:%M:%S%.f",
        ),
    ),
    LogFormat("seconds since 1970", r"^\[?(?P<time>1\d{9}(?:\.\d+)?)\]?[\s|:,;-]+(?P<content>.*)$", ("%s",)),
    LogFormat("time of day, level", rf"^\[?(?P<clock>{CLOCK})\]?[\s|:-]+\[?(?P<level>{LEVEL})\b{_REST}"),
    LogFormat("level first", rf"^\[?(?P<level>(?i:{LEVEL}))\]?[\s|:-]+(?P<content>.*)$"),
)
