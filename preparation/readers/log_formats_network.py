"""Log lines of packets, connections, alerts, proxies and load balancers, and the tables that network tools print."""

from preparation.readers.log_format import ADDRESS, ISO, ISO_TIMES, LogFormat

_STATES = (
    r"ESTAB|ESTABLISHED|LISTEN|LISTENING|UNCONN|TIME[-_]WAIT|CLOSE[-_]WAIT|SYN[-_]SENT|SYN[-_]RECV|SYN[-_]RECEIVED"
    r"|FIN[-_]WAIT[-_]?[12]|LAST[-_]ACK|CLOSING|CLOSED?|BOUND|NONE"
)
_LOCAL = rf"(?:\[?(?P<source_ip>{ADDRESS})\]?|\*|[\w.-]+)(?:%\w+)?[:.](?:(?P<source_port>\d{{1,5}})|\*|[\w-]+)"
_PEER = rf"(?:\[?(?P<destination_ip>{ADDRESS})\]?|\*|[\w.-]+)(?:%\w+)?[:.](?:(?P<destination_port>\d{{1,5}})|\*|[\w-]+)"
_V4 = r"\d{1,3}(?:\.\d{1,3}){3}"

NETWORK = (
    LogFormat(
        "ArcSight CEF",
        r"^(?:.{0,120}? )?CEF:\s?\d\|(?P<vendor>[^|]*)\|(?P<product>[^|]*)\|[^|]*\|(?P<message_id>[^|]*)\|"
        r"(?P<event_type>[^|]*)\|(?P<level>[^|]*)\|(?P<content>.*)$",
    ),
    LogFormat(
        "QRadar LEEF",
        r"^(?:.{0,120}? )?LEEF:\d\.\d\|(?P<vendor>[^|]*)\|(?P<product>[^|]*)\|[^|]*\|(?P<message_id>[^|]*)\|"
        r"(?P<content>.*)$",
    ),
    LogFormat(
        "Snort and Suricata alerts",
        r"^(?P<time>\d\d/\d\d/\d{4}-\d\d:\d\d:\d\d\.\d+)\s+(?:\[(?P<action>\w+)\] )?\[\*\*\] "
        r"\[(?P<message_id>[\d:]+)\] (?P<attack>[^\[]*?) \[\*\*\](?: \[Classification: (?P<event_type>[^\]]*)\])?"
        r"(?: \[Priority: (?P<level>\d+)\])? "
        rf"\{{(?P<protocol>[\w-]+)\}} (?P<source_ip>{_V4}|\S+?)(?::(?P<source_port>\d+))? -> "
        rf"(?P<destination_ip>{ADDRESS})(?::(?P<destination_port>\d+))?(?P<content>.*)$",
        ("%m/%d/%Y-%H:%M:%S%.f",),
    ),
    LogFormat(
        "tcpdump",
        r"^(?:(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+)|(?P<clock>\d\d:\d\d:\d\d\.\d+)) "
        r"(?:(?P<interface>\S+)\s+(?P<direction>In|Out|B|M)\s+)?(?P<protocol>IP6?) "
        rf"(?P<source_ip>{_V4}|[0-9a-fA-F:]+)(?:\.(?P<source_port>\d+))? > "
        rf"(?P<destination_ip>{_V4}|[0-9a-fA-F:]+)(?:\.(?P<destination_port>\d+))?: (?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "Squid",
        r"^(?P<time>\d{10}\.\d{3})\s+(?P<elapsed_ms>\d+) (?P<source_ip>\S+) (?P<action>[A-Z_]+)/(?P<status_code>\d{3}) "
        r"(?P<bytes>\d+) (?P<method>[A-Z_]+) (?P<url>\S+) (?P<user>\S+) (?P<hierarchy>\S+)(?P<content>.*)$",
        ("%s",),
    ),
    LogFormat(
        "AWS load balancer",
        rf"^(?:(?P<protocol>https?|h2|wss?|grpcs?|tls) )?(?P<time>{ISO}) (?P<host>[\w./-]+) "
        rf"(?P<source_ip>{_V4}):(?P<source_port>\d+) (?:(?P<destination_ip>{_V4}):(?P<destination_port>\d+)|-) "
        r"(?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "AWS VPC flow log",
        rf"^\d (?P<account>\d{{12}}|unknown) (?P<interface>eni-\w+) (?:(?P<source_ip>{ADDRESS})|-) "
        rf"(?:(?P<destination_ip>{ADDRESS})|-) (?:(?P<source_port>\d+)|-) (?:(?P<destination_port>\d+)|-) "
        r"(?:(?P<protocol>\d+)|-) (?:(?P<packets>\d+)|-) (?:(?P<bytes>\d+)|-) (?P<time>\d{10}) \d{10} "
        r"(?P<action>\S+)(?P<content>.*)$",
        ("%s",),
        has_heading=True,
    ),
    LogFormat(
        "nfdump",
        rf"^(?P<time>{ISO})\s+(?P<duration>\d+\.\d+)\s+(?P<protocol>\w+)\s+(?P<source_ip>{_V4})(?::(?P<source_port>\d+))?\s+"
        rf"->\s+(?P<destination_ip>{_V4})(?::(?P<destination_port>\d+)(?:\.\d+)?)?\s+(?P<content>.*)$",
        ISO_TIMES,
        has_heading=True,
    ),
    LogFormat(
        "sockets (netstat)",
        rf"^\s*(?P<protocol>(?i:tcp|udp|sctp|raw|icmp)(?:6|46|4)?)\s+(?:\d+\s+\d+\s+)?{_LOCAL}\s+{_PEER}"
        rf"(?:\s+(?P<connection_state>{_STATES})\b)?(?P<content>.*)$",
        has_heading=True,
    ),
    LogFormat(
        "sockets (ss)",
        rf"^(?:(?P<protocol>[a-z_]+\d?)\s+)?(?P<connection_state>{_STATES})\s+\d+\s+\d+\s+{_LOCAL}\s+{_PEER}"
        r"(?P<content>.*)$",
        has_heading=True,
    ),
    LogFormat(
        "open files (lsof)",
        r"^(?P<component>\S+)\s+(?P<pid>\d+)\s+(?P<user>\S+)\s+\d+\S?\s+IPv[46]\s+\S+\s+\S+\s+(?P<protocol>TCP|UDP)\s+"
        r"(?P<content>.*)$",
        has_heading=True,
    ),
    LogFormat(
        "neighbours (arp)",
        rf"^(?:\S+ \()?(?P<source_ip>{_V4})(?:\) at|\s+(?:ether|dev \S+ lladdr))?\s+"
        r"(?P<mac_address>(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2})(?P<content>.*)$",
        has_heading=True,
    ),
    LogFormat(
        "routes",
        rf"^(?P<destination_ip>{_V4}|default)\s+(?P<gateway>{_V4})\s+(?P<netmask>{_V4})\s+(?P<flags>[A-Z!]+)\s+"
        r"(?P<content>.*)$",
        has_heading=True,
    ),
)
