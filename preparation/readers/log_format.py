"""One way of writing a log line, and the fragments of patterns that many of them share."""

from dataclasses import dataclass

ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
STAMP = r"(?P<time>[A-Z][a-z]{2}\s+\d{1,2} \d\d:\d\d:\d\d)"
MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
CLOCK = r"\d\d?:\d\d:\d\d(?:[.,]\d+)?"
LEVEL = (
    r"TRACE|DEBUG|FINEST|FINER|FINE|CONFIG|INFO|INFORMATION|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|CRITICAL|CRIT"
    r"|ALERT|EMERG|FATAL|PANIC"
)
ADDRESS = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}:[0-9a-fA-F:]{1,38})"
ISO_TIMES = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f")
CONTENT = "(?P<content>.*)$"  # every pattern ends so


@dataclass(frozen=True, slots=True)
class LogFormat:
    """One way of writing a log line.

    Attributes:
        name: For people.
        pattern: Named groups `time`, `host`, `level`, `component`, `pid`, `content`, `priority` and any others,
            which are kept under their own names. What stands before the content must be greedy: it is matched alone.
        times: How the time is written, in `strptime` directives; the one that reads the most lines goes first. A time
            is given to them with one blank between its parts and `T` for the blank of an ISO date.
        has_year: Whether the time names its year.
        has_heading: Whether lines before the first record are a heading, as tools print it.
    """

    name: str
    pattern: str
    times: tuple[str, ...] = ()
    has_year: bool = True
    has_heading: bool = False
