"""Sound and film: what they are, how long and how loud, what is said, and what is shown when."""

import re
from dataclasses import dataclass, field

import polars as pl

from core.blob import Fault
from core.errors import SettingsError
from preparation.extraction import Extraction, ModelNeededError, ModelUse, RawTable, Source, unreadable
from preparation.extras import SPEECH
from preparation.film import Film, Scene, distinct
from preparation.readers.media_cut import cut_off
from preparation.readers.media_sound import Facts, stream_facts, tag_facts
from preparation.sound import SoundTrack
from preparation.sound_levels import Levels
from preparation.speech import Heard, transcript
from preparation.whisper_speech import whisper_engine

MAX_READ_SCENES = 12
_ASK_AGAIN = "Check that it opens in a player; if not, ask the sender for it again."
_VIDEO_CONTAINERS = ("video/mp4", "video/quicktime", "video/x-msvideo")  # sound alone has brands of its own: M4A
_MEASURED_SECONDS = 60.0  # a longer sound is decoded only where its speech is read
_SOME_SECONDS = 3.0  # what voice detection takes for a voice for less long may be a noise
_SURE_OF_TEXT = 0.7
_A_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_FIRST_YEAR = "1971"  # before it: 1904 and 1970, at which clocks that were never set begin
_A_WORD = re.compile(r"\w{3}")
_WHOLE = 0.9  # lengths in headers are rounded, and of some formats guessed


@dataclass(slots=True)
class _Found:
    """What comes together while a recording is read."""

    facts: Facts
    heard: Heard = field(default_factory=Heard)
    scenes: list[Scene] = field(default_factory=list)
    shown: dict[int, str] = field(default_factory=dict)  # by the number of the scene
    complaints: list[str] = field(default_factory=list)

    @property
    def has_sound(self) -> bool:
        return "audio_codec" in self.facts

    @property
    def has_picture(self) -> bool:
        return "width" in self.facts


def read_recording(source: Source, kind: str) -> Extraction:
    """All that is found in a sound or film; only one of which no stream and no tag can be read is a fault.

    Args:
        source: The recording.
        kind: ``audio`` or ``video``, as its media type says.

    Raises:
        ModelNeededError: If a model elsewhere reads what is said or shown in it.
    """
    facts, complaint = stream_facts(source.path)
    tags = tag_facts(source.path)
    cut = cut_off(source.path, source.size)
    if complaint and "duration_seconds" not in tags:
        state = f"cut off: {cut}" if cut else f"damaged or of an unknown format: {complaint}"
        return unreadable(f"The {kind} is {state}.", _ASK_AGAIN, kind=kind)
    found = _Found(_dated({**tags, **facts}))
    if complaint:
        found.complaints.append(f"Only its tags could be read: {complaint}.")
    elif cut:
        found.complaints.append(f"It is cut off: {cut}.")
    elif not found.has_sound and not found.has_picture:
        found.complaints.append("It holds no sound and no moving picture.")
    _hand_on(source, found)
    fault = _listen(source, found) if found.has_sound else None
    if found.has_picture:
        _look(source, found)
    return _told(found, _kind_of(source, kind, found), fault)


def _dated(facts: Facts) -> Facts:
    """With the time of the recording, where its tags tell a day that a clock can have shown."""
    told = str(facts.get("creation_time") or facts.get("year") or "")
    is_day = _A_DAY.match(told) and told[:4] >= _FIRST_YEAR
    return facts | {"recorded_at": told} if is_day else facts


def _kind_of(source: Source, kind: str, found: _Found) -> str:
    is_video_file = kind == "video"
    if found.has_sound or found.has_picture:
        is_video_file = source.media_type in _VIDEO_CONTAINERS
    return "video" if found.has_picture or is_video_file else "audio"


def _hand_on(source: Source, found: _Found) -> None:
    if found.has_sound and source.options.speech is ModelUse.ELSEWHERE:
        raise ModelNeededError("speech")
    if found.has_picture and source.options.ocr is ModelUse.ELSEWHERE:
        raise ModelNeededError("ocr")


def _listen(source: Source, found: _Found) -> Fault | None:
    """Levels, and what is said; a fault where the model of the settings cannot be loaded."""
    track, levels = SoundTrack(source.path), Levels()
    if source.options.speech is ModelUse.HERE:
        try:
            engine = whisper_engine(source.options.speech_model)
        except SettingsError as error:
            return Fault("preparation", error.reason, error.fix)
        found.heard = transcript(levels.measured(track.blocks()), engine)
        found.facts |= _speech_facts(found.heard)
        if found.heard.voice_seconds >= _SOME_SECONDS and not found.heard.sentences:
            found.complaints.append(
                f"A voice is heard for {found.heard.voice_seconds:.0f} s, but no word of it was sure."
            )
    else:
        found.complaints.append(_unread(source))
        if float(found.facts.get("duration_seconds", 0.0)) > _MEASURED_SECONDS:
            return None
        for _ in levels.measured(track.blocks()):
            pass
    found.facts |= levels.facts()
    complaint = _too_short(track.seconds, float(found.facts.get("duration_seconds", 0.0))) or track.complaint
    if complaint:
        found.complaints.append(complaint)
    return None


def _too_short(decoded: float, told: float) -> str:
    if decoded >= told * _WHOLE - 1:
        return ""
    return f"Its sound ends after {decoded:.0f} s, though it says that it is {told:.0f} s long."


def _speech_facts(heard: Heard) -> Facts:
    facts: Facts = {"voice_seconds": round(heard.voice_seconds, 1), "sentences": len(heard.sentences)}
    return facts | ({"language": heard.language} if heard.language else {})


def _unread(source: Source) -> str:
    missing = SPEECH.missing(source.options.speech_model)
    how = f"install speech recognition: {SPEECH.install}" if missing else "set preparation.speech to true"
    return f"What is said in it is not read; {how}."


def _look(source: Source, found: _Found) -> None:
    film = Film(source.path, float(found.facts.get("duration_seconds", 0.0)))
    found.scenes = film.scenes()
    found.facts["scenes"] = len(found.scenes)
    if len(found.scenes) > 1:
        found.facts["scene_changes"] = ", ".join(f"{scene.start:.1f}" for scene in found.scenes[1:])
    if film.complaint or not found.scenes:
        found.complaints.append(film.complaint or "None of its pictures could be decoded.")
    if source.options.ocr is ModelUse.HERE:
        _read_scenes(film, found)


def _read_scenes(film: Film, found: _Found) -> None:
    """The text of scenes that do not look alike; pictures of things, in which OCR sees letters, are left out."""
    from preparation.ocr import read_picture
    from preparation.ocr.pictures import grey

    numbers = {scene.middle: number for number, scene in enumerate(found.scenes, 1)}
    for frame, picture in film.pictures(distinct(found.scenes, MAX_READ_SCENES)):
        reading = read_picture(grey(picture))
        if reading.confidence >= _SURE_OF_TEXT and _A_WORD.search(reading.text):
            found.shown[numbers[frame]] = reading.text
    found.shown = dict(sorted(found.shown.items()))


def _told(found: _Found, kind: str, fault: Fault | None) -> Extraction:
    return Extraction(
        kind=kind,
        text=found.heard.text or "\n".join(found.shown.values()),
        tables=tuple(table for table in (_speech_rows(found.heard), _scene_rows(found)) if table.frame.height),
        metadata=found.facts,
        note=" ".join(found.complaints) or None,
        fault=fault,
    )


def _speech_rows(heard: Heard) -> RawTable:
    rows = [
        {
            "position": number,
            "start_seconds": each.start,
            "end_seconds": each.end,
            "text": each.text,
            "confidence": each.confidence,
            "language": heard.language,
        }
        for number, each in enumerate(heard.sentences, 1)
    ]
    return RawTable(pl.DataFrame(rows), name="speech", dataset="speech_segment", why="it is said in the recording")


def _scene_rows(found: _Found) -> RawTable:
    rows = [
        {
            "position": number,
            "start_seconds": scene.start,
            "end_seconds": scene.end,
            "key_frames": len(scene.frames),
            "phash": f"{scene.middle.phash:016x}",
            "text": found.shown.get(number),
        }
        for number, scene in enumerate(found.scenes, 1)
    ]
    schema = {"text": pl.String}  # most films show none
    return RawTable(
        pl.DataFrame(rows, schema_overrides=schema if rows else None),
        name="scenes",
        dataset="video_scene",
        why="it is a scene of the film",
    )
