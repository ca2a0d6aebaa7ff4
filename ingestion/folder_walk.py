"""Walking a folder: regular files, no links, no temporary names."""

import os
from collections.abc import Callable, Iterator

from ingestion.collector import Refusal, refusal_of
from ingestion.records import FileStamp

_HIDDEN_STARTS = (".", "~")  # also ~$name.docx, the lock file of an office suite
_UNFINISHED_ENDS = ("~", ".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".filepart", ".swp", ".swx")


def is_temporary(name: str) -> bool:
    """Whether a name says that its file is hidden, or not yet what it will be."""
    return name.startswith(_HIDDEN_STARTS) or name.lower().endswith(_UNFINISHED_ENDS)


class FolderWalk:
    """One way through a folder. Iterating gives each regular file, with its stamp.

    Args:
        folder: Where to begin.
        root: The inbox or dropped folder that it belongs to; links that lead out of it are refused.
        refuse: Is told of what cannot be taken.

    Attributes:
        unread: Folders that could not be read: nothing is known of what is in them.
        unfinished: (device, inode) of the files whose names say that they are temporary.
    """

    def __init__(self, folder: str, root: str, refuse: Callable[[Refusal], None]) -> None:
        self._folders = [folder]
        self._root = root
        self._refuse = refuse
        self.unread: list[str] = []
        self.unfinished: set[tuple[int, int]] = set()

    def __iter__(self) -> Iterator[tuple[str, FileStamp]]:
        while self._folders:
            folder = self._folders.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        stamp = self._stamp_of(entry)
                        if stamp is not None:
                            yield entry.path, stamp
            except OSError as error:
                if not isinstance(error, FileNotFoundError) or folder == self._root:
                    self.unread.append(folder)
                    self._refuse(refusal_of(folder, error))

    def _stamp_of(self, entry: "os.DirEntry[str]") -> FileStamp | None:
        try:
            if is_temporary(entry.name):
                if entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    self.unfinished.add((status.st_dev, status.st_ino))
            elif entry.is_file(follow_symlinks=False):
                return FileStamp.of(entry.stat(follow_symlinks=False))
            elif entry.is_dir(follow_symlinks=False):
                self._folders.append(entry.path)
            elif entry.is_symlink():
                self._check_link(entry.path)
        except FileNotFoundError:
            pass  # deleted since the folder was listed
        except OSError as error:
            self._refuse(refusal_of(entry.path, error))
        return None

    def _check_link(self, path: str) -> None:
        """A link to a place inside is no news: what it leads to is found under its own name."""
        root = os.path.realpath(self._root)
        target = os.path.realpath(path)
        if target == root or target.startswith(root + os.sep):
            return
        reason = f"It is a link that leaves {self._root}: it leads to {target}."
        self._refuse(Refusal(path, "link", reason, "Drop a copy of the file itself.", is_retryable=False))
