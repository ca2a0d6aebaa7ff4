"""What `penstock certs` does: a private authority for those who have none, and a look at certificates of any."""

import socket
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UsageError
from core.settings import Settings
from pipeline.bootstrap import Parts

if TYPE_CHECKING:
    from security import Certificate

OWN = "penstock"
DASHBOARD = "dashboard"
AUTHORITY = "ca"
HTTPS_PORT = 443
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")

Rows = Iterator[dict[str, Any]]


def init(settings: Settings, hosts: Sequence[str]) -> Rows:
    """Makes the authority, our own certificate and the dashboard's.

    Args:
        settings: Whose home.
        hosts: Names of this machine for the dashboard, besides those of loopback.
    """
    parts = Parts(settings)
    parts.home.prepare()
    yield _row(parts, AUTHORITY, parts.authority.init(f"Penstock authority of {socket.gethostname()}"[:64]))
    for name in (OWN, DASHBOARD):
        yield _row(parts, name, parts.authority.issue(name, [*THIS_MACHINE, *hosts]))


def issue(settings: Settings, name: str, hosts: Sequence[str], days: int | None) -> Rows:
    """Makes a key and a certificate."""
    parts = Parts(settings)
    certificate = parts.authority.issue(name, hosts, **({"days": days} if days else {}))
    yield _row(parts, name, certificate)


def renew(settings: Settings, names: Sequence[str], *, everything: bool, authority: bool) -> Rows:
    """Renews those that are due, or those that are named, or all, or the authority's own."""
    parts = Parts(settings)
    if authority:
        yield _row(parts, AUTHORITY, parts.authority.renew_authority())
    if authority and not (names or everything):
        return
    for name, certificate in parts.authority.renew(names, everything=everything).items():
        yield _row(parts, name, certificate)


def show(settings: Settings) -> Rows:
    """The authority, what it issued, and the certificates that the settings name."""
    parts = Parts(settings)
    if parts.authority.exists():
        yield _row(parts, AUTHORITY, parts.authority.authority())
    for name, certificate in parts.authority.issued().items():
        yield _row(parts, name, certificate)
    if settings.tls.cert_file:
        from security import certificate_in

        files = parts.tls.files(OWN)
        if files.cert_file:
            yield _described(
                "tls.cert_file", certificate_in(files.cert_file), str(files.cert_file), str(files.key_file)
            )


def check(settings: Settings, address: str | None) -> Rows:
    """Whether our files can be used, or whether a server and we accept each other.

    Raises:
        CertificateError: If a file cannot be used.
        HandshakeError: If the server cannot be reached, or one does not accept the other.
    """
    from security import check_files, greet

    parts = Parts(settings)
    if address is not None:
        host, port = _parsed(address)
        protocol, shown = greet(parts.tls.client_context(), host, port)
        yield {"address": f"{host}:{port}", "protocol": protocol} | _facts(shown)
        return
    for name in _used(parts):
        files = parts.tls.files(name)
        own = check_files(files)
        if own:
            yield _described(name, own, str(files.cert_file), str(files.key_file))
        elif files.ca_file:
            yield {"name": name, "state": "valid", "file": str(files.ca_file)}


def _used(parts: Parts) -> Iterable[str]:
    if parts.settings.tls.cert_file or not parts.authority.issued():
        return (OWN,)
    return parts.authority.issued()


def _parsed(address: str) -> tuple[str, int]:
    """HOST, HOST:PORT or [ADDRESS]:PORT, with or without https:// before it."""
    given = address.removeprefix("https://").rstrip("/")
    host, colon, port = given.rpartition(":")
    if not colon or given.endswith("]") or (":" in host and not host.startswith("[")):
        host, port = given, str(HTTPS_PORT)
    if not host or not port.isdigit():
        raise UsageError(f"{address!r} is no HOST:PORT.", "Write it as, say, localhost:9200.")
    return host.strip("[]"), int(port)


def _row(parts: Parts, name: str, certificate: "Certificate") -> dict[str, Any]:
    folder: Path = parts.home.certificates
    return _described(name, certificate, str(folder / f"{name}.pem"), str(folder / f"{name}.key"))


def _described(name: str, certificate: "Certificate", file: str, key_file: str) -> dict[str, Any]:
    return {"name": name} | _facts(certificate) | {"file": file, "key_file": key_file}


def _facts(certificate: "Certificate") -> dict[str, Any]:
    return {
        "state": certificate.state(),
        "hosts": list(certificate.hosts),
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "not_before": _utc(certificate.not_before),
        "not_after": _utc(certificate.not_after),
        "fingerprint": certificate.fingerprint,
    }


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
