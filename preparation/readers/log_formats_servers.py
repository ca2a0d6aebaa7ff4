"""Log lines of databases, caches, application servers and runtimes."""

from preparation.readers.log_format import CLOCK, ISO, ISO_TIMES, LEVEL, MONTH, LogFormat

SERVERS = (
    LogFormat(
        "PostgreSQL",
        rf"^(?P<time>{ISO})(?: (?P<zone>[A-Z]{{3,4}}))? \[(?P<pid>\d+)(?:-\d+)?\]:?(?: \[\d+-\d+\])?"
        r"(?: (?P<user>[\w.\[\]-]+)@(?P<database>[\w.\[\]-]+))? "
        r"(?P<level>LOG|DEBUG\d?|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|STATEMENT|CONTEXT|QUERY):\s+"
        r"(?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "MySQL",
        rf"^(?P<time>{ISO})\s+(?P<thread>\d+) \[(?P<level>\w+)\](?: \[(?P<message_id>MY-\d+)\] \[(?P<component>\w+)\])?"
        r" (?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "Redis",
        rf"^(?P<pid>\d+):(?P<role>[MSCX]) (?P<time>\d{{1,2}} {MONTH} \d{{4}} {CLOCK}) (?P<mark>[*#.-]) "
        r"(?P<content>.*)$",
        ("%d %b %Y %H:%M:%S%.f",),
    ),
    LogFormat(
        "glog",
        r"^(?P<severity_letter>[IWEF])(?P<time>\d{4} \d\d:\d\d:\d\d\.\d+)\s+(?P<pid>\d+) (?P<component>[\w./-]+:\d+)\] "
        r"(?P<content>.*)$",
        ("%Y %m%d %H:%M:%S%.f",),
        has_year=False,
    ),
    LogFormat(
        "Ruby logger",
        rf"^[DIWEFA], \[(?P<time>{ISO})\s+#(?P<pid>\d+)\]\s+(?P<level>[A-Z]+) -- (?P<component>[^:]*): "
        r"(?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "Tomcat",
        rf"^(?P<time>\d\d-{MONTH}-\d{{4}} {CLOCK}) (?P<level>{LEVEL}) \[(?P<thread>[^\]]*)\] (?P<component>\S+) "
        r"(?P<content>.*)$",
        ("%d-%b-%Y %H:%M:%S%.f",),
    ),
    LogFormat(
        "java.util.logging",
        rf"^(?P<time>{MONTH} \d{{1,2}}, \d{{4}} \d{{1,2}}:\d\d:\d\d [AP]M) (?P<component>[\w.$]+) (?P<content>.*)$",
        ("%b %d, %Y %I:%M:%S %p",),
    ),
    LogFormat(
        "Linux kernel",
        r"^(?:<(?P<priority>\d{1,3})>)?\[\s*(?P<uptime>\d+\.\d{6})\] (?P<content>.*)$",
    ),
    LogFormat(
        "Linux audit",
        r"^(?:node=(?P<host>\S+) )?type=(?P<event_type>\S+) msg=audit\((?P<time>\d{10}\.\d{3}):(?P<message_id>\d+)\):"
        r"\s*(?P<content>.*)$",
        ("%s",),
    ),
    LogFormat(
        "wu-ftpd transfers",
        rf"^(?P<time>[A-Z][a-z]{{2}} {MONTH}\s+\d{{1,2}} \d\d:\d\d:\d\d \d{{4}}) (?P<duration>\d+) (?P<source_ip>\S+) "
        r"(?P<bytes>\d+) (?P<content>.*)$",
        ("%a %b %d %H:%M:%S %Y",),
    ),
    LogFormat(
        "log-ins (last)",
        rf"^(?P<user>[\w.-]+)\s+(?P<terminal>pts/\d+|tty\S*|system boot|:\d+|console)\s+"
        rf"(?:(?P<source>[\w.:-]+)\s+)?(?P<login>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {MONTH}\s+\d{{1,2}} \d\d:\d\d)"
        r"(?P<content>.*)$",
        has_heading=True,
    ),
)
