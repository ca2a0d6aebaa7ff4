"""What a password locks opens with it, and says how to give it without."""

import hashlib
import hmac
import io
import os
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import py7zr
import pytest
from Cryptodome.Cipher import AES
from Cryptodome.Util import Counter
from msoffcrypto.format.ooxml import OOXMLFile
from packages_kit import paragraph, word
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
