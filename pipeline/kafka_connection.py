"""How the brokers of Kafka are reached: by TLS with our certificate, in the words of Kafka's own clients."""

import warnings
from pathlib import Path

from core.errors import CertificateError, SettingsError
from core.hosts import is_loopback
from core.settings import Settings
from pipeline.bootstrap import Parts

_PKCS8 = "BEGIN PRIVATE KEY"


def connection(parts: Parts) -> dict[str, str]:
    """The properties of a client. The files of [tls] are read now: what is renewed counts from the next start on.

    Raises:
        SettingsError: If servers that are not verified are not on loopback.
        CertificateError: If the key is not written as Kafka reads it.
    """
    servers = parts.settings.kafka.servers
    properties = {"bootstrap.servers": ",".join(servers)}
    if parts.settings.tls.insecure_development:
        if not all(is_loopback(server.rpartition(":")[0]) for server in servers):
            raise SettingsError(
                "With tls.insecure_development events are read from loopback alone.",
                "Leave it out, and name [tls] files.",
            )
        warnings.warn("tls.insecure_development is on: EVENTS ARE READ IN THE CLEAR.", stacklevel=2)
        return properties
    files = parts.tls.files()
    properties |= {"security.protocol": "SSL", "ssl.enabled.protocols": "TLSv1.3"}
    if files.ca_file:
        properties |= {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": files.ca_file.read_text("ascii")}
    if files.cert_file and files.key_file:
        chain, key = files.cert_file.read_text("ascii"), files.key_file.read_text("ascii")
        _check_key(key, files.key_file)
        properties |= {"ssl.keystore.type": "PEM", "ssl.keystore.certificate.chain": chain, "ssl.keystore.key": key}
    return properties


def topics_of(settings: Settings) -> dict[str, str | None]:
    """Topic → the dataset that its events are said to be of, or None."""
    pairs = (each.partition("=") for each in settings.kafka.topics)
    return {topic.strip(): dataset.strip() or None for topic, _, dataset in pairs}


def _check_key(key: str, file: Path) -> None:
    if _PKCS8 not in key:
        raise CertificateError(
            f"The key {file} is not written as PKCS #8, which Kafka's client wants.",
            f"Convert it: openssl pkcs8 -topk8 -nocrypt -in {file} -out NEW.key",
        )
