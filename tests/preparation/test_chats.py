"""Exports of chats: one post a message, whatever the phone and its language."""

from pathlib import Path

import pytest
from reader_kit import source

from core.prepared import Prepared
from preparation import media_types as types
from preparation.catalog import Catalog
from preparation.detect import detect
from preparation.preparing import prepare

ANDROID = (
    "12/31/25, 9:15\u202fPM - Messages and calls are end-to-end encrypted.\n"
    "12/31/25, 9:15\u202fPM - Alice: Happy new year everyone!\n"
    "12/31/25, 9:16\u202fPM - Bob: Same to you: cheers\n"
    "see you tomorrow\n"
    "1/1/26, 12:01\u202fAM - Alice: \U0001f389\n"
)
IPHONE = "[31.12.25, 21:15:03] Alice: Frohes Neues!\n\u200e[31.12.25, 21:16:10] Bob Müller: Danke dir\n"


def prepared(tmp_path: Path, text: str) -> Prepared:
    path = source(tmp_path, text).path
    return prepare(path, name="blob", sha256="0" * 64, size=path.stat().st_size, catalog=Catalog())


def test_messages_of_a_chat_are_posts_and_go_on_over_lines(tmp_path: Path) -> None:
    found = prepared(tmp_path, ANDROID)
    frame = found.tables[0].frame
    assert found.classification.dataset == "social_post"
    assert frame.get_column("author").to_list() == [None, "Alice", "Bob", "Alice"]
    assert frame.get_column("text").to_list()[2] == "Same to you: cheers\nsee you tomorrow"
    assert frame.get_column("posted_at").dt.to_string("%m-%d %H:%M").to_list() == [
        "12-31 21:15",
        "12-31 21:15",
        "12-31 21:16",
        "01-01 00:01",
    ]


def test_days_and_months_are_told_by_the_whole_chat(tmp_path: Path) -> None:
    frame = prepared(tmp_path, IPHONE).tables[0].frame
    assert frame.get_column("author").to_list() == ["Alice", "Bob Müller"]
    assert frame.get_column("posted_at").dt.to_string("%Y-%m-%d %H:%M:%S").to_list() == [
        "2025-12-31 21:15:03",
        "2025-12-31 21:16:10",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[31.12.25, 21:15:03] started\n[31.12.25, 21:16:10] stopped\n",  # a log
        "[2026-01-01, 10:00:00] ERROR: it broke\n[2026-01-01, 10:00:01] INFO: it works\n",
        "Alice: hello\nBob: hi\n",  # a play
        "2026-01-01 10:00:00 - INFO - app: started\n2026-01-01 10:00:01 - INFO - app: done\n",
    ],
)
def test_what_has_no_moments_or_no_authors_is_no_chat(tmp_path: Path, text: str) -> None:
    given = source(tmp_path, text)
    assert detect(given.path, "blob", given.size).media_type != types.CHAT
