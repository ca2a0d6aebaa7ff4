"""Key frames of a film, and the scenes that they part it into.

Only key frames are decoded: of 20 s of 720p that takes 35 ms, where all 600 pictures take 1.1 s. Encoders put a key
frame at most cuts; one that did not is found at the next key frame.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from preparation.av_container import complaint_of, open_container
from preparation.perceptual_hash import perceptual_hash

MAX_KEY_FRAMES = 300
_MIN_GAP_SECONDS = 0.5  # of codecs whose every picture is a key frame
_MAX_PIXELS = 64_000_000
_HASHED_SIZE = 64
_CUT_BITS = 20  # of 64: pictures of one scene differ in 0 to 16, of two in 32 on average
_SAME_BITS = 10


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A picture that needs no other to be decoded.

    Attributes:
        at: Seconds from the start.
        stamp: Its time stamp in the stream, by which it is found again.
        phash: 64 bits that are alike where pictures look alike.
    """

    at: float
    stamp: int
    phash: int


@dataclass(frozen=True, slots=True)
class Scene:
    """Key frames in a row that look alike.

    Attributes:
        start: Seconds from the start of the film.
        end: As `start`.
        frames: Its key frames.
    """

    start: float
    end: float
    frames: tuple[KeyFrame, ...]

    @property
    def middle(self) -> KeyFrame:
        """The key frame that stands for it: at its edges things fade and move."""
        return self.frames[len(self.frames) // 2]


class Film:
    """The moving picture of a file.

    Args:
        path: The file.
        seconds: Its length, as far as that is known.

    Attributes:
        complaint: What of it could not be decoded, and why, or ""; known once its scenes are.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._damaged = 0
        self.complaint = ""

    def scenes(self) -> list[Scene]:
        """Its scenes in the order of time; none where no picture can be decoded."""
        return _parted(list(self._key_frames()), self._seconds)

    def pictures(self, frames: Sequence[KeyFrame]) -> Iterator[tuple[KeyFrame, Image.Image]]:
        """The pictures of some of its key frames; one that cannot be found again is left out."""
        import av

        with open_container(self._path) as container:
            stream = _moving(container)
            stream.codec_context.skip_frame = "NONKEY"
            for wanted in frames:
                try:
                    container.seek(wanted.stamp, stream=stream)
                    found = next(container.decode(stream), None)
                except (av.FFmpegError, ValueError, OverflowError):
                    continue
                if found is not None:
                    yield wanted, found.to_image()

    def picture_at(self, seconds: float) -> Image.Image | None:
        """The key frame at or before a time, or the first; None where it cannot be decoded."""
        with open_container(self._path) as container:
            stream = _moving(container)
            _check_size(stream)
            stream.codec_context.skip_frame = "NONKEY"
            if seconds and stream.time_base:
                container.seek(int(seconds / stream.time_base), stream=stream)
            found = next(container.decode(stream), None)
            return found.to_image() if found is not None else None

    def _key_frames(self) -> Iterator[KeyFrame]:
        import av

        try:
            with open_container(self._path) as container:
                yield from self._decoded(container, max(_MIN_GAP_SECONDS, self._seconds / MAX_KEY_FRAMES))
        except (av.FFmpegError, ValueError, OSError, IndexError, OverflowError) as error:
            self.complaint = f"Its pictures could not be decoded: {complaint_of(error)}."
        if self._damaged and not self.complaint:
            self.complaint = f"Damaged key frames were passed over: {self._damaged}."

    def _decoded(self, container: Any, gap: float) -> Iterator[KeyFrame]:
        import av

        stream = _moving(container)
        _check_size(stream)
        stream.codec_context.skip_frame = "NONKEY"
        due, count = float("-inf"), 0
        for packet in container.demux(stream):
            at = _seconds(packet)
            is_flush = packet.size == 0
            if not is_flush and (not packet.is_keyframe or at < due or count >= MAX_KEY_FRAMES):
                continue
            due, count = at + gap, count + 1
            try:
                frames = packet.decode()
            except av.InvalidDataError:
                self._damaged += 1
                continue
            for frame in frames:
                if frame.pts is not None:
                    yield KeyFrame(round(max(0.0, float(frame.time)), 3), frame.pts, _hash(frame))


def distinct(scenes: Sequence[Scene], most: int) -> list[KeyFrame]:
    """The middle frames of at most so many scenes, longest first, none of which looks like another."""
    chosen: list[KeyFrame] = []
    for scene in sorted(scenes, key=lambda each: each.start - each.end):
        if len(chosen) == most:
            break
        if all(distance(scene.middle, other) > _SAME_BITS for other in chosen):
            chosen.append(scene.middle)
    return chosen


def distance(one: KeyFrame, other: KeyFrame) -> int:
    """In how many of 64 bits two pictures differ."""
    return (one.phash ^ other.phash).bit_count()


def _check_size(stream: Any) -> None:
    if stream.codec_context is None:  # its kind is none that is known
        raise ValueError("the pictures are in no known format")
    if stream.width * stream.height > _MAX_PIXELS:
        raise ValueError(f"pictures of {stream.width} by {stream.height} are too large")


def _seconds(packet: Any) -> float:
    stamp = packet.pts if packet.pts is not None else packet.dts
    return float(stamp * packet.time_base) if stamp is not None and packet.time_base else 0.0


def _moving(container: Any) -> Any:
    import av

    cover = av.stream.Disposition.attached_pic
    moving = [stream for stream in container.streams.video if not stream.disposition & cover]
    if not moving:
        raise ValueError("there is no moving picture in it")
    return moving[0]


def _hash(frame: Any) -> int:
    small = frame.reformat(width=_HASHED_SIZE, height=_HASHED_SIZE, format="gray")
    return perceptual_hash(Image.fromarray(small.to_ndarray()))


def _parted(frames: list[KeyFrame], seconds: float) -> list[Scene]:
    if not frames:
        return []
    ordered = sorted(frames, key=lambda frame: frame.at)
    parts: list[list[KeyFrame]] = [[ordered[0]]]
    for frame in ordered[1:]:
        if distance(parts[-1][-1], frame) > _CUT_BITS:
            parts.append([])
        parts[-1].append(frame)
    starts = [0.0, *(part[0].at for part in parts[1:])]
    ends = [*starts[1:], max(seconds, ordered[-1].at)]
    return [Scene(start, end, tuple(part)) for start, end, part in zip(starts, ends, parts, strict=True)]
