"""Brokers are reached by TLS with our certificate, or not at all."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from core.errors import CertificateError, SettingsError
from core.settings import Kafka, Settings, Tls
from pipeline.bootstrap import Parts
from pipeline.kafka_connection import connection, topics_of

BROKERS = ("broker.example:9093", "localhost:9093")


def parts_of(home: Path, tls: Tls | None = None, servers: tuple[str, ...] = BROKERS) -> Parts:
    return Parts(Settings(home, tls=tls or Tls(), kafka=Kafka(servers)))


def test_the_certificate_of_the_home_is_shown_and_its_authority_trusted(tmp_path: Path) -> None:
    parts = parts_of(tmp_path)
    parts.home.prepare()
    parts.authority.init("the tests")
    parts.authority.issue("penstock", ["localhost"])
    told = connection(parts)
    certificates = parts.home.certificates
    assert told["bootstrap.servers"] == "broker.example:9093,localhost:9093"
    assert (told["security.protocol"], told["ssl.enabled.protocols"]) == ("SSL", "TLSv1.3")
    assert told["ssl.truststore.certificates"] == (certificates / "ca.pem").read_text()
    assert told["ssl.keystore.certificate.chain"] == (certificates / "penstock.pem").read_text()
    assert told["ssl.keystore.key"] == (certificates / "penstock.key").read_text()


def test_without_a_certificate_the_brokers_are_verified_all_the_same(tmp_path: Path) -> None:
    assert connection(parts_of(tmp_path)) == {
        "bootstrap.servers": "broker.example:9093,localhost:9093",
        "security.protocol": "SSL",
        "ssl.enabled.protocols": "TLSv1.3",
    }


def test_a_key_that_kafka_cannot_read_is_told_with_the_line_that_converts_it(tmp_path: Path) -> None:
    parts = parts_of(tmp_path)
    parts.home.prepare()
    parts.authority.init("the tests")
    parts.authority.issue("penstock", ["localhost"])
    file = parts.home.certificates / "penstock.key"
    key = load_pem_private_key(file.read_bytes(), None)
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    with pytest.raises(CertificateError, match="openssl pkcs8 -topk8"):
        connection(parts)


def test_in_the_clear_events_come_from_loopback_alone_and_with_a_warning(tmp_path: Path) -> None:
    careless = Tls(insecure_development=True)
    with pytest.raises(SettingsError, match="loopback"):
        connection(parts_of(tmp_path, careless))
    with pytest.warns(UserWarning, match="IN THE CLEAR"):
        told = connection(parts_of(tmp_path, careless, ("127.0.0.1:9092", "[::1]:9092")))
    assert told == {"bootstrap.servers": "127.0.0.1:9092,[::1]:9092"}


def test_a_topic_may_say_its_dataset(tmp_path: Path) -> None:
    settings = Settings(tmp_path, kafka=Kafka(BROKERS, ("halls=sensor_reading", "misc")))
    assert topics_of(settings) == {"halls": "sensor_reading", "misc": None}
