"""Messages between processes: what was changed, is old, was said before or elsewhere is refused, and says so."""

from pathlib import Path

import pytest

from core.errors import TamperedError
from core.settings import Security
from security import Conversation, KeyRing, MessageSealer


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sealer(tmp_path: Path, clock: Clock) -> MessageSealer:
    return MessageSealer(KeyRing.open(Security(), tmp_path), clock)


def connected(sealer: MessageSealer) -> tuple[Conversation, Conversation]:
    """Both ends of a conversation: the caller's, the answerer's."""
    call = sealer.call()
    welcome, answerer = sealer.answer(call.hello)
    return call.welcomed(welcome), answerer


def test_both_ends_hear_what_the_other_says_in_order(sealer: MessageSealer) -> None:
    caller, answerer = connected(sealer)
    for number in range(3):
        assert answerer.open(caller.seal(b"ask %d" % number)) == b"ask %d" % number
        assert caller.open(answerer.seal(b"answer %d" % number)) == b"answer %d" % number


def test_a_changed_message_does_not_verify(sealer: MessageSealer) -> None:
    caller, answerer = connected(sealer)
    token = bytearray(caller.seal(b"drop"))
    token[40] ^= 1
    with pytest.raises(TamperedError, match="changed on its way"):
        answerer.open(bytes(token))


def test_a_message_sealed_with_foreign_keys_does_not_verify(sealer: MessageSealer, tmp_path: Path) -> None:
    foreign = MessageSealer(KeyRing.open(Security(), tmp_path / "other"))
    with pytest.raises(TamperedError, match="keys that are not ours"):
        sealer.answer(foreign.call().hello)


def test_an_old_message_is_refused_with_its_age(sealer: MessageSealer, clock: Clock) -> None:
    caller, answerer = connected(sealer)
    token = caller.seal(b"drop")
    clock.seconds += 61
    with pytest.raises(TamperedError, match="61 s old; it was good for 60 s"):
        answerer.open(token)


def test_an_answer_may_wait_for_a_slow_reader_but_not_for_ever(sealer: MessageSealer, clock: Clock) -> None:
    caller, answerer = connected(sealer)
    first, second = answerer.seal(b"1"), answerer.seal(b"2")
    clock.seconds += 3600
    assert caller.open(first) == b"1"
    clock.seconds += 24 * 3600
    with pytest.raises(TamperedError, match="s old"):
        caller.open(second)


def test_a_message_from_a_clock_far_ahead_is_refused(sealer: MessageSealer, clock: Clock) -> None:
    clock.seconds += 3600
    hello = sealer.call().hello
    clock.seconds -= 3600
    with pytest.raises(TamperedError, match="ahead of this clock"):
        sealer.answer(hello)


def test_a_message_said_before_is_refused(sealer: MessageSealer) -> None:
    caller, answerer = connected(sealer)
    token = caller.seal(b"discard")
    answerer.open(token)
    with pytest.raises(TamperedError, match="said before"):
        answerer.open(token)


def test_a_message_that_overtook_another_is_refused(sealer: MessageSealer) -> None:
    caller, answerer = connected(sealer)
    answerer.seal(b"lost")
    with pytest.raises(TamperedError, match="one before it is missing"):
        caller.open(answerer.seal(b"next"))


def test_a_message_of_another_conversation_is_refused(sealer: MessageSealer) -> None:
    caller, _ = connected(sealer)
    _, answerer = connected(sealer)
    with pytest.raises(TamperedError, match="another conversation"):
        answerer.open(caller.seal(b"discard"))


def test_a_message_sent_back_to_who_said_it_is_refused(sealer: MessageSealer) -> None:
    caller, _ = connected(sealer)
    with pytest.raises(TamperedError, match="said by this end"):
        caller.open(caller.seal(b"drop"))


def test_a_greeting_heard_before_gives_no_conversation(sealer: MessageSealer) -> None:
    first = sealer.call()
    _, _ = sealer.answer(first.hello)
    replayed_welcome, answerer = sealer.answer(first.hello)
    caller = first.welcomed(replayed_welcome)
    _, other = sealer.answer(first.hello)
    assert answerer.open(caller.seal(b"drop")) == b"drop", "the caller itself may call twice"
    with pytest.raises(TamperedError, match="another conversation"):
        other.open(caller.seal(b"drop"))


def test_a_welcome_to_another_greeting_is_refused(sealer: MessageSealer) -> None:
    other_welcome, _ = sealer.answer(sealer.call().hello)
    with pytest.raises(TamperedError, match="another greeting"):
        sealer.call().welcomed(other_welcome)


def test_greeting_and_message_do_not_pass_for_each_other(sealer: MessageSealer) -> None:
    caller, answerer = connected(sealer)
    for attempt in (lambda: answerer.open(sealer.call().hello), lambda: sealer.answer(caller.seal(b"x" * 16))):
        with pytest.raises(TamperedError, match="another point"):
            attempt()


def test_a_token_of_another_kind_is_no_message(tmp_path: Path) -> None:
    ring = KeyRing.open(Security(), tmp_path)
    with pytest.raises(TamperedError, match="is no message"):
        MessageSealer(ring).answer(ring.encrypt(b"a data key" * 20))


def test_who_rotated_is_still_understood_by_who_has_not_read_the_new_key(tmp_path: Path) -> None:
    running = MessageSealer(KeyRing.open(Security(), tmp_path))
    caller, answerer = connected(running)
    KeyRing.open(Security(), tmp_path).rotate()
    command = MessageSealer(KeyRing.open(Security(), tmp_path))
    call = command.call()
    welcome, end = running.answer(call.hello)
    assert end.open(call.welcomed(welcome).seal(b"drop")) == b"drop"
    assert answerer.open(caller.seal(b"goes on")) == b"goes on"
