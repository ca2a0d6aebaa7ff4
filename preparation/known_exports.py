"""Exports of widespread programs whose few or common headers would not tell what they are: known as a whole.

An entry names headers that all must be there, in any spelling, and the places of columns that the dataset's synonyms
do not know. What a person says of the same table wins.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from preparation.corrections import Correction
from preparation.header_words import parsed_header


@dataclass(frozen=True, slots=True)
class KnownExport(Correction):
    """What a table is because a known program writes tables with these headers.

    Attributes:
        program: The program, and what it exports.
    """

    program: str = ""

    @property
    def why(self) -> str:
        """The reason, as `classify` prints it."""
        return f"an export of {self.program}, by its headers {', '.join(self.headers)}"


def export_of(headers: Sequence[str]) -> KnownExport | None:
    """The known export with these headers among others, or None."""
    keys = {parsed_header(header).key for header in headers}
    return next((known for needed, known in _NEEDED if needed <= keys), None)


def _export(program: str, dataset: str, headers: str, **columns: str) -> KnownExport:
    places = {name: place for place, name in columns.items()}
    return KnownExport(dataset, tuple(headers.split()), places, program=program)


_EXPORTS = (
    _export(
        "Telegram, a chat", "social_post", "id date_unixtime from from_id text",
        post_id="id", posted_at="date_unixtime", author="from", text="text", media_type="media_type",
        in_reply_to="reply_to_message_id",
    ),
    _export(
        "Slack, a channel", "social_post", "client_msg_id ts user text type",
        post_id="client_msg_id", posted_at="ts", author="user", text="text", in_reply_to="thread_ts",
    ),
    _export(
        "Discord, a channel", "social_post", "AuthorID Author Date Content Attachments Reactions",
        posted_at="Date", author="Author", text="Content", media_url="Attachments",
    ),
    _export(
        "Discord, a channel", "social_post", "id timestamp timestampEdited content author.name",
        post_id="id", posted_at="timestamp", author="author.name", text="content",
    ),
    _export(
        "Zeek, certificates", "network_log", "ts certificate.serial certificate.subject certificate.issuer",
        time="ts", content="certificate.subject", message_id="certificate.serial",
    ),
    _export(
        "Zeek, capture loss", "network_log", "ts ts_delta peer gaps acks percent_lost",
        time="ts", host="peer", duration="ts_delta",
    ),
    _export(
        "Zeek, files", "network_log", "ts fuid tx_hosts rx_hosts mime_type",
        time="ts", source_ip="tx_hosts", destination_ip="rx_hosts", message_id="fuid", bytes="total_bytes",
        content="filename",
    ),
    _export(
        "Zeek, files", "network_log", "ts fuid uid id.orig_h id.resp_h mime_type",
        time="ts", source_ip="id.orig_h", destination_ip="id.resp_h", source_port="id.orig_p",
        destination_port="id.resp_p", flow_id="uid", message_id="fuid", bytes="total_bytes", content="filename",
    ),
    _export(
        "Zeek, statistics", "network_log", "ts peer mem pkts_proc bytes_recv",
        time="ts", host="peer", packets="pkts_proc", bytes="bytes_recv",
    ),
    _export("Zeek, software", "network_log", "ts host software_type name", time="ts", host="host", component="name"),
    _export("Zeek, known hosts", "network_log", "ts host port_num port_proto", time="ts", source_ip="host",
            source_port="port_num", protocol="port_proto"),
    *(
        _export("a program that logs in JSON", "network_log", f"{when} {level} {message}", **{
            "time": when, "level": level, "content": message, "component": "logger", "host": "hostname",
        })
        for when, level, message in (
            ("ts", "level", "msg"), ("time", "level", "msg"), ("timestamp", "level", "msg"),
            ("@timestamp", "level", "message"), ("asctime", "levelname", "message"),
        )
    ),
    _export(
        "the USGS, water data", "sensor_reading", "agency_cd site_no datetime",
        time="datetime", sensor_id="site_no",
    ),
    _export("Zeek, messages", "network_log", "ts level message location", time="ts", content="message"),
)  # fmt: skip
_NEEDED = tuple((frozenset(parsed_header(name).key for name in known.headers), known) for known in _EXPORTS)
