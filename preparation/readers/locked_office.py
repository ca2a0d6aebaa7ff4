"""Office files that a password protects, opened with one that was given."""

import io
import os
from dataclasses import replace

from preparation.extraction import GIVE_PASSWORD, Extraction, Source, unreadable
from preparation.row_files import memory_file, path_of

_UNLOCK = "Save a copy without the password and drop that."


def read(source: Source) -> Extraction:
    """What lies behind the password; a fault that tells how to give it where none of the given ones opens it."""
    opened = opened_office(source)
    if opened is None:
        return locked(source)
    return _read_again(source, opened)


def read_open_document(source: Source, data: bytes, max_bytes: int) -> Extraction:
    """What lies behind the password of an OpenDocument file; iWork and EPUB stay locked."""
    from preparation.readers.locked_open_document import UnknownLockError, opened_document
    from preparation.readers.office_xml import DAMAGES

    try:
        opened = opened_document(data, source.options.passwords, max_bytes)
    except (UnknownLockError, *DAMAGES):
        return unreadable("The document is encrypted and opens only with a password.", _UNLOCK, kind="document")
    return locked(source) if opened is None else _read_again(source, opened)


def locked(source: Source) -> Extraction:
    """The fault of an office file of which the password is not known."""
    tried = len(source.options.passwords)
    reason = "The document is protected by a password."
    if tried:
        reason += f" None of the {tried} given passwords opens it."
    return unreadable(reason, GIVE_PASSWORD, kind="document")


def opened_office(source: Source) -> bytes | None:
    """The bytes of the document without its lock, or None where no password fits."""
    if not source.options.passwords:
        return None
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    for password in source.options.passwords:
        try:
            with source.path.open("rb") as file:
                office = msoffcrypto.OfficeFile(file)
                office.load_key(password=password)
                opened = io.BytesIO()
                office.decrypt(opened)
        except (DecryptionError, FileFormatError, InvalidKeyError, ParseError, ValueError, OSError):
            continue  # it tells a wrong password in as many ways as there are ciphers
        if opened.getbuffer().nbytes:
            return opened.getvalue()
    return None


def _read_again(source: Source, content: bytes) -> Extraction:
    """Reads the opened document as what it then is."""
    from preparation.detect import detect
    from preparation.media_types import ENCRYPTED_OFFICE
    from preparation.readers import read as read_any

    descriptor = memory_file("opened")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        path = path_of(descriptor)
        kind = detect(path, source.name, len(content))
        if kind.media_type == ENCRYPTED_OFFICE:
            return locked(source)
        tried = replace(source.options, passwords=())  # what opens into something locked again is not tried for ever
        inner = replace(source, path=path, media_type=kind.media_type, size=len(content), options=tried)
        found = read_any(inner)
    finally:
        os.close(descriptor)
    return replace(found, metadata={**found.metadata, "opened_as": kind.media_type, "was_locked": True})
