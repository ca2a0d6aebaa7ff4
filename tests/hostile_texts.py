"""Text that is hostile to what parses it: XML, JSON, tables, long lines."""

from collections.abc import Iterator
from pathlib import Path

from hostile_archives import MIB, READINGS

LAUGHS = (
    '<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 or chr(0)};".replace(chr(0), "") * 10}">' for n in range(1, 10))
    + "]>\n<lolz>&lol9;</lolz>\n"
)


def quadratic() -> str:
    """One long entity named often: no nesting, 20 GB all the same."""
    return f'<!DOCTYPE a [<!ENTITY x "{"x" * 200_000}">]>\n<a>{"&x;" * 100_000}</a>'


def external(secret: Path) -> str:
    """Asks for a file of this machine."""
    return (
        f'<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY steal SYSTEM "file://{secret}">'
        f'<!ENTITY % more SYSTEM "file://{secret}"> %more;]>\n'
        '<a xmlns:xi="http://www.w3.org/2001/XInclude"><b>&steal;</b>'
        f'<xi:include href="file://{secret}" parse="text"/></a>\n'
    )


def stealing_page(secret: Path) -> str:
    """HTML that embeds a file of this machine."""
    return (
        f"<html><body><p>A page that wants more than it should have.</p><iframe src='file://{secret}'></iframe>"
        f"<object data='file://{secret}'></object><img src='file://{secret}'><!--#include file='{secret}' -->"
        "</body></html>"
    )


def stealing_picture(secret: Path) -> str:
    """SVG likewise."""
    return (
        f'<!DOCTYPE svg [<!ENTITY steal SYSTEM "file://{secret}">]>\n'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="10" height="10">'
        f'<image xlink:href="file://{secret}"/><text>&steal;</text></svg>'
    )


def stealing_markup(secret: Path) -> str:
    """reStructuredText that includes a file of this machine."""
    return f"A title\n=======\n\nSome words first.\n\n.. include:: {secret}\n\n.. raw:: html\n   :file: {secret}\n"


def ragged() -> bytes:
    rows = [b"2026-05-01T00:00:00Z,s1,20.5", b"2026-05-01T00:01:00Z", b"2026-05-01T00:02:00Z,s1,20.7,extra,more"]
    return b"timestamp,sensor_id,temperature\n" + b"\n".join([rows[0], *rows] * 20) + b"\n"


def wide(columns: int) -> bytes:
    header = ",".join(f"c{number}" for number in range(columns))
    row = ",".join(str(number) for number in range(columns))
    return f"{header}\n{row}\n{row}\n".encode()


def tall(rows: int) -> bytes:
    return b"value\n" + b"".join(b"%d\n" % number for number in range(rows))


def nul_bytes() -> bytes:
    return READINGS + b"".join(b"2026-05-01T00:%02d:00Z,s\x001,20.7\n" % minute for minute in range(2, 60))


def invalid_utf8() -> bytes:
    return READINGS + b"2026-05-01T00:02:00Z,caf\xe9-\xff\xfe-\xc3,20.7\n"


def deep_mail(depth: int) -> bytes:
    """A message in a message in a message …"""
    head = b"From: a@example.com\nTo: b@example.com\nSubject: deep\nMIME-Version: 1.0\n"
    return (head + b"Content-Type: message/rfc822\n\n") * depth + head + b"Content-Type: text/plain\n\nat the end\n"


def wide_mail(parts: int) -> bytes:
    """A message of very many parts."""
    head = b"From: a@example.com\nTo: b@example.com\nSubject: wide\nMIME-Version: 1.0\n"
    return head + b'Content-Type: multipart/mixed; boundary="x"\n\n' + b"--x\n\nwords\n" * parts + b"--x--\n"


def texts(secret: Path) -> Iterator[tuple[str, bytes]]:
    yield "laughs.xml", LAUGHS.encode()
    yield "laughs.svg", LAUGHS.replace("lolz>", "svg>").replace("DOCTYPE lolz", "DOCTYPE svg").encode()
    yield "quadratic.xml", quadratic().encode()
    yield "external.xml", external(secret).encode()
    yield "steal.html", stealing_page(secret).encode()
    yield "steal.svg", stealing_picture(secret).encode()
    yield "steal.rst", stealing_markup(secret).encode()
    yield "line.txt", b"a" * (300 * MIB)
    yield "line.csv", b"a,1," * (8 * MIB)
    yield "line.json", b"[" + b"1," * (2 * MIB) + b"1]"
    yield "string.json", b'{"text": "' + b"a" * (16 * MIB) + b'"}'
    yield "quote.csv", b'a,b\n"' + b"x,y\n" * (MIB // 4)
    yield "nul.csv", nul_bytes()
    yield "only_nul.csv", bytes(MIB)
    yield "invalid_utf8.csv", invalid_utf8()
    yield "ragged.csv", ragged()
    yield "columns10000.csv", wide(10_000)
    yield "columns50000.csv", wide(50_000)
    yield "rows1000000.csv", tall(1_000_000)
    yield "deep.json", b"[" * 100_000 + b"]" * 100_000
    yield "deep_objects.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    yield "deep_open.json", b"[" * 100_000
    yield "deep.xml", b"<a>" * 100_000 + b"x" + b"</a>" * 100_000
    yield "deep.html", b"<html><body>" + b"<div>" * 100_000 + b"words at the bottom" + b"</div>" * 100_000
    yield "deep.eml", deep_mail(2_000)
    yield "wide.eml", wide_mail(50_000)
    yield "deep.md", b"> " * 20_000 + b"a quotation in quotations\n" + b"[" * 50_000 + b"x" + b"](y)" * 50_000
    yield "deep.rtf", b"{\\rtf1 " + b"{" * 100_000 + b"words" + b"}" * 100_000 + b"}"
    yield "huge_number.json", b'[{"a": 1e999999, "b": ' + b"9" * 10_000 + b', "c": NaN, "d": "\\ud800"}]'
