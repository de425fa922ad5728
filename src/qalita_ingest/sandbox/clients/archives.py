"""Archives of packs: what may be in one. They are kept as they came; only clients unpack them."""

from __future__ import annotations

import io
import tarfile
import zlib
from pathlib import PurePosixPath

LARGEST_ARCHIVE_BYTES = 64 * 1024 * 1024
LARGEST_UNPACKED_BYTES = 256 * 1024 * 1024
MOST_MEMBERS = 10_000
ENDING = ".tar.gz"
FOLDER_ENDING = "_pack"
# What a tar holds besides the contents of its files: heads, padding, the blocks at its end.
TAR_BYTES_PER_MEMBER = 16 * 1024


class ArchiveError(ValueError):
    """The archive is no pack; the message says why."""


class ArchiveTooLargeError(ArchiveError):
    pass


class _Bounded(io.RawIOBase):
    """The unpacked bytes of a gzip, counted: a tar hides its size in heads that only unpacking shows."""

    def __init__(self, content: bytes, largest: int) -> None:
        self._packed = memoryview(content)
        self._unpacker = zlib.decompressobj(31)
        self._left = largest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        wanted = len(buffer)
        while not self._unpacker.eof:
            piece = self._unpacker.unconsumed_tail or self._next_piece()
            found = self._unpacker.decompress(piece, wanted)
            if found:
                return self._hand_out(found, buffer)
            if not piece:
                raise ArchiveError("the archive is cut off")
        return 0

    def _next_piece(self) -> memoryview:
        piece, self._packed = self._packed[:65536], self._packed[65536:]
        return piece

    def _hand_out(self, found: bytes, buffer: bytearray | memoryview) -> int:
        self._left -= len(found)
        if self._left < 0:
            raise ArchiveTooLargeError(f"the archive is larger than {LARGEST_UNPACKED_BYTES} bytes when unpacked")
        buffer[: len(found)] = found
        return len(found)


def check_archive(content: bytes, file_name: str) -> None:
    """A gzipped tar named `<name>.tar.gz` with all its files below `<name>_pack/`. Raises `ArchiveError`."""
    name = file_name.removesuffix(ENDING)
    if not file_name.endswith(ENDING) or not is_plain(name):
        raise ArchiveError(f"expected a file <name>{ENDING} of letters, digits, _ and -, found {file_name!r}")
    try:
        _check_members(content, name + FOLDER_ENDING)
    except (tarfile.TarError, zlib.error, EOFError, OverflowError, UnicodeError) as error:
        raise ArchiveError(f"the archive is no gzipped tar: {error}") from None


def is_plain(name: str) -> bool:
    """Whether a client makes a folder of that name; a dot would end it."""
    return name.isascii() and name.replace("_", "").replace("-", "").isalnum()


def _check_members(content: bytes, folder: str) -> None:
    largest = LARGEST_UNPACKED_BYTES + MOST_MEMBERS * TAR_BYTES_PER_MEMBER
    stream = io.BufferedReader(_Bounded(content, largest))
    count, size = 0, 0
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            # A reader of streams keeps what it has seen.
            archive.members = []  # type: ignore[attr-defined]
            count, size = count + 1, size + member.size
            if count > MOST_MEMBERS:
                raise ArchiveTooLargeError(f"the archive holds more than {MOST_MEMBERS} files")
            if size > LARGEST_UNPACKED_BYTES:
                raise ArchiveTooLargeError(f"the archive is larger than {LARGEST_UNPACKED_BYTES} bytes when unpacked")
            _check_member(member, folder)
    if count == 0:
        raise ArchiveError("the archive is empty")


def _check_member(member: tarfile.TarInfo, folder: str) -> None:
    if not (member.isreg() or member.isdir()):
        raise ArchiveError(f"{member.name!r}: expected files and folders only, found a link or a device")
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name or path.parts[:1] != (folder,):
        raise ArchiveError(f"{member.name!r}: expected everything below {folder}/")
