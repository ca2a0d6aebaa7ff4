"""Messages between processes: Fernet tokens, each good for one place in one conversation, and only for a while.

    caller    hello            a number of its own                                         60 s
    answerer  welcome          that number, and one of its own                             60 s
    caller    message 0, 1, …   bound to both numbers, its direction and its count      60 s
    answerer  message 0, 1, …   the same                                                a day

A token that was changed, sealed by another ring, or is too old does not open. One that was said before, in this
conversation or another, or to the other end, or out of order, opens and is refused for where it belongs. Neither end
needs to remember what it has seen: both numbers are fresh, so no two conversations are the same.
"""

import os
import struct
import time
from collections.abc import Callable

from cryptography.fernet import InvalidToken, MultiFernet

from core.errors import TamperedError
from security.key_ring import KeyRing

FRESH_SECONDS = 60
ANSWER_SECONDS = 24 * 3600  # answers lie in the socket while a person holds the pager, or the job, that reads them

_MAGIC = b"penstock message"
_NUMBER_BYTES = 16
_PLACE = struct.Struct(f">{len(_MAGIC)}s{2 * _NUMBER_BYTES}scQ")
_HELLO, _WELCOME, _FROM_CALLER, _FROM_ANSWERER = b"h", b"w", b">", b"<"
_NOBODY = bytes(2 * _NUMBER_BYTES)
_AGAIN = "Give the command again; if it is refused again, see who else can write to this home."
_KEYS = "Have both processes use the same key ring: security.key_file, or security.keys."


class MessageSealer:
    """Seals and opens messages under the key ring. Safe to use from several threads.

    Args:
        ring: Its newest key seals, each of them opens.
        now: The time in seconds; for tests.
    """

    def __init__(self, ring: KeyRing, now: Callable[[], float] = time.time) -> None:
        self._ring = ring
        self._now = now

    def call(self) -> "Calling":
        """Begins a conversation as the one who calls."""
        return Calling(self)

    def answer(self, hello: bytes) -> tuple[bytes, "Conversation"]:
        """Accepts a hello; the welcome to send back, and the conversation.

        Raises:
            TamperedError: If it is no fresh hello of a caller with our keys.
        """
        theirs = self.open(hello, _place(_NOBODY, _HELLO, 0), FRESH_SECONDS)
        ours = os.urandom(_NUMBER_BYTES)
        if len(theirs) != _NUMBER_BYTES:
            raise TamperedError("A message is no greeting.", _AGAIN)
        welcome = self.seal(theirs + ours, _place(_NOBODY, _WELCOME, 0))
        return welcome, Conversation(
            self, theirs + ours, speaks=_FROM_ANSWERER, hears=_FROM_CALLER, max_age=FRESH_SECONDS
        )

    def seal(self, content: bytes, place: bytes) -> bytes:
        """A token of the content, good for one place."""
        return self._ring.tokens().encrypt_at_time(place + content, int(self._now()))

    def open(self, token: bytes, place: bytes, max_age: int) -> bytes:
        """The content of a token that belongs in this place.

        Raises:
            TamperedError: Saying whether it does not verify, is too old, or belongs elsewhere.
        """
        opened = self._verified(token, max_age)
        found = opened[: _PLACE.size]
        if found != place:
            raise TamperedError(f"A message is refused: {_difference(found, place)}.", _AGAIN)
        return opened[_PLACE.size :]

    def _verified(self, token: bytes, max_age: int) -> bytes:
        now = int(self._now())
        try:
            return self._ring.tokens().decrypt_at_time(token, max_age, now)
        except InvalidToken:
            pass
        tokens = self._ring.reloaded_tokens()  # another process may have rotated since
        try:
            return tokens.decrypt_at_time(token, max_age, now)
        except InvalidToken as error:
            raise _not_opened(tokens, token, max_age, now) from error


class Calling:
    """The side that calls, until it is welcomed.

    Attributes:
        hello: What to send.
    """

    def __init__(self, sealer: MessageSealer) -> None:
        self._sealer = sealer
        self._number = os.urandom(_NUMBER_BYTES)
        self.hello = sealer.seal(self._number, _place(_NOBODY, _HELLO, 0))

    def welcomed(self, welcome: bytes) -> "Conversation":
        """The conversation.

        Raises:
            TamperedError: If it is no fresh answer to our hello by one with our keys.
        """
        both = self._sealer.open(welcome, _place(_NOBODY, _WELCOME, 0), FRESH_SECONDS)
        if len(both) != 2 * _NUMBER_BYTES or both[:_NUMBER_BYTES] != self._number:
            raise TamperedError("A message is refused: it answers another greeting than ours.", _AGAIN)
        return Conversation(self._sealer, both, speaks=_FROM_CALLER, hears=_FROM_ANSWERER, max_age=ANSWER_SECONDS)


class Conversation:
    """Seals what this end says and opens what it hears, in order."""

    def __init__(self, sealer: MessageSealer, numbers: bytes, *, speaks: bytes, hears: bytes, max_age: int) -> None:
        self._sealer = sealer
        self._max_age = max_age
        self._numbers = numbers
        self._speaks, self._said = speaks, 0
        self._hears, self._heard = hears, 0

    def seal(self, content: bytes) -> bytes:
        """The token to send next."""
        place = _place(self._numbers, self._speaks, self._said)
        self._said += 1
        return self._sealer.seal(content, place)

    def open(self, token: bytes) -> bytes:
        """What the other end said next.

        Raises:
            TamperedError: If it is anything else.
        """
        content = self._sealer.open(token, _place(self._numbers, self._hears, self._heard), self._max_age)
        self._heard += 1
        return content


def _place(numbers: bytes, kind: bytes, count: int) -> bytes:
    return _PLACE.pack(_MAGIC, numbers, kind, count)


def _difference(found: bytes, expected: bytes) -> str:
    """Why a token that opens does not belong here."""
    if len(found) != _PLACE.size or not found.startswith(_MAGIC):
        return "what it holds is no message"
    (_, numbers, kind, count), (_, our_numbers, our_kind, our_count) = _PLACE.unpack(found), _PLACE.unpack(expected)
    if kind in {_HELLO, _WELCOME} or our_kind in {_HELLO, _WELCOME}:
        return "it belongs at another point of a conversation"
    if numbers != our_numbers:
        return "it was said in another conversation"
    if kind != our_kind:
        return "it was said by this end, not to it"
    return "it was said before" if count < our_count else "one before it is missing"


def _not_opened(tokens: MultiFernet, token: bytes, max_age: int, now: int) -> TamperedError:
    try:
        age = now - tokens.extract_timestamp(token)
    except InvalidToken:
        return TamperedError("A message was changed on its way, or sealed with keys that are not ours.", _KEYS)
    if age > max_age:
        return TamperedError(f"A message is {age} s old; it was good for {max_age} s.", _AGAIN)
    return TamperedError(f"A message is from {-age} s ahead of this clock.", "Set the clocks.")
