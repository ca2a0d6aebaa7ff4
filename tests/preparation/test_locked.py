"""What a password locks opens with it, and says how to give it without."""

import base64
import hashlib
import hmac
import io
import os
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import py7zr
import pytest
from Cryptodome.Cipher import AES
from Cryptodome.Util import Counter
from msoffcrypto.format.ooxml import OOXMLFile
from packages_kit import open_document, paragraph, word
from reader_kit import source

from preparation.detect import detect
from preparation.extraction import GIVE_PASSWORD, Extraction, Options
from preparation.readers import read

PASSWORD = "correct horse"
CONTENT = b"amount,date\n10,2026-01-01\n" * 400


def opened(tmp_path: Path, content: bytes, *passwords: str) -> Extraction:
    of = source(tmp_path, content)
    kind = detect(of.path, "blob", of.size)
    return read(replace(of, media_type=kind.media_type, options=Options(passwords=passwords)))


def aes_zip(strength: int, *, is_broken: bool = False) -> bytes:
    """A zip archive with one member, locked as WinZip does it."""
    size = {1: 16, 2: 24, 3: 32}[strength]
    salt = os.urandom(size // 2)
    keys = hashlib.pbkdf2_hmac("sha1", PASSWORD.encode(), salt, 1_000, 2 * size + 2)
    deflater = zlib.compressobj(wbits=-15)
    packed = deflater.compress(CONTENT) + deflater.flush()
    cipher = AES.new(keys[:size], AES.MODE_CTR, counter=Counter.new(128, initial_value=1, little_endian=True))
    sealed = cipher.encrypt(packed)
    seal = hmac.new(keys[size : 2 * size], sealed, "sha1").digest()[:10]
    data = salt + keys[-2:] + (sealed[:-1] + b"?" if is_broken else sealed) + seal
    extra = struct.pack("<HHHBBBH", 0x9901, 7, 2, ord("A"), ord("E"), strength, 8)
    sizes = struct.pack("<HHIIIHH", 0, 0, 0, len(data), len(CONTENT), 5, len(extra))
    head = struct.pack("<HHH", 51, 1, 99)
    local = b"PK\x03\x04" + head + sizes + b"a.csv" + extra + data
    central = b"PK\x01\x02" + b"\x33\x00" + head + sizes + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"a.csv" + extra
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def seven_zip(*, hides_names: bool) -> bytes:
    content = io.BytesIO()
    with py7zr.SevenZipFile(content, "w", password=PASSWORD, header_encryption=hides_names) as archive:
        archive.writestr(CONTENT, "a.csv")
    return content.getvalue()


ARCHIVES = {
    "zip, AES of 128 bits": lambda: aes_zip(1),
    "zip, AES of 256 bits": lambda: aes_zip(3),
    "7z": lambda: seven_zip(hides_names=False),
    "7z with its names hidden": lambda: seven_zip(hides_names=True),
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_opens_with_the_right_one_of_several_passwords(tmp_path: Path, kind: str) -> None:
    extraction = opened(tmp_path, ARCHIVES[kind](), "wrong", PASSWORD)

    assert [(child.name, child.content) for child in extraction.children] == [("a.csv", CONTENT)]


@pytest.mark.parametrize("passwords", [(), ("wrong", "wrong too")])
@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_that_stays_locked_says_how_to_open_it(
    tmp_path: Path, kind: str, passwords: tuple[str, ...]
) -> None:
    fault = opened(tmp_path, ARCHIVES[kind](), *passwords).fault

    assert fault is not None
    assert "password" in fault.reason
    assert fault.fix == GIVE_PASSWORD
    assert ("None of the 2" in fault.reason) == bool(passwords)


def test_a_sealed_member_that_was_changed_does_not_come_out(tmp_path: Path) -> None:
    assert not opened(tmp_path, aes_zip(3, is_broken=True), PASSWORD).children


def locked_word() -> bytes:
    """A Word document, locked as Word does it; of less than 4,096 bytes the library makes what nothing opens."""
    locked = io.BytesIO()
    plain = word(paragraph("Claim approved") + paragraph(os.urandom(6_000).hex()))
    OOXMLFile(io.BytesIO(plain)).encrypt(PASSWORD, locked)
    return locked.getvalue()


def test_an_office_file_opens_with_its_password(tmp_path: Path) -> None:
    extraction = opened(tmp_path, locked_word(), "wrong", PASSWORD)

    assert extraction.text.startswith("Claim approved\n")
    assert extraction.metadata["was_locked"] is True


def test_an_office_file_that_stays_locked_says_how_to_open_it(tmp_path: Path) -> None:
    fault = opened(tmp_path, locked_word(), "wrong").fault

    assert fault is not None
    assert fault.reason == "The document is protected by a password. None of the 1 given passwords opens it."
    assert fault.fix == GIVE_PASSWORD


def open_document_lock(content: bytes, *, rounds: int = 1_000, cipher: str = "aes256-cbc") -> tuple[bytes, str]:
    """A part locked as LibreOffice does it, and what the manifest tells of that."""
    deflater = zlib.compressobj(wbits=-15)
    packed = deflater.compress(content) + deflater.flush()
    packed += bytes(16 - len(packed) % 16)
    salt, vector = os.urandom(16), os.urandom(16)
    key = hashlib.pbkdf2_hmac("sha1", hashlib.sha256(PASSWORD.encode()).digest(), salt, rounds, 32)
    shown = {name: base64.b64encode(value).decode() for name, value in (("salt", salt), ("vector", vector))}
    checksum = base64.b64encode(hashlib.sha256(packed[:1_024]).digest()).decode()
    told = (
        f'<m:encryption-data m:checksum-type="urn:sha256-1k" m:checksum="{checksum}">'
        f'<m:algorithm m:algorithm-name="http://www.w3.org/2001/04/xmlenc#{cipher}" '
        f'm:initialisation-vector="{shown["vector"]}"/><m:start-key-generation '
        'm:start-key-generation-name="http://www.w3.org/2000/09/xmldsig#sha256" m:key-size="32"/>'
        f'<m:key-derivation m:key-derivation-name="PBKDF2" m:key-size="32" m:iteration-count="{rounds}" '
        f'm:salt="{shown["salt"]}"/></m:encryption-data>'
    )
    return AES.new(key, AES.MODE_CBC, vector).encrypt(packed), told


def locked_open_document(**how: Any) -> bytes:
    with zipfile.ZipFile(io.BytesIO(open_document("<text:p>Claim approved</text:p>"))) as plain:
        sealed, told = open_document_lock(plain.read("content.xml"), **how)
        kind = plain.read("mimetype")
    manifest = f'<m:manifest xmlns:m="urn:m"><m:file-entry m:full-path="content.xml">{told}</m:file-entry></m:manifest>'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", sealed)
        archive.writestr("META-INF/manifest.xml", manifest)
    return content.getvalue()


def test_an_open_document_opens_with_its_password(tmp_path: Path) -> None:
    assert opened(tmp_path, locked_open_document(), "wrong", PASSWORD).text == "Claim approved"


def test_an_open_document_that_stays_locked_says_why(tmp_path: Path) -> None:
    without = opened(tmp_path, locked_open_document(), "wrong").fault
    unknown = opened(tmp_path, locked_open_document(cipher="aes256-gcm"), PASSWORD).fault

    assert without is not None
    assert without.fix == GIVE_PASSWORD
    assert unknown is not None
    assert unknown.fix == "Save a copy without the password and drop that."
