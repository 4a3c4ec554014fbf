"""A table's bytes on their way to whoever parses them: unpacked, counted, and refused where they are damaged."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis import progress
from analysis.errors import InputError, printable

CHUNK = 1 << 20
LONGEST = 1 << 20  # bytes of a line; no row is as long
GZIP = b"\x1f\x8b"
MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Facts:
    """Of a table's text, packed or not: what run.json promises of it."""

    rows: int
    bytes: int
    crc: int


def chunks_of(path: Path) -> Iterator[bytes]:
    """The file's text, piece by piece; a packed one, whatever its name, is unpacked."""
    try:
        with open(path, "rb") as file:
            size = max(1, os.fstat(file.fileno()).st_size)
            packed = file.read(2) == GZIP
            file.seek(0)
            for chunk in unpacked(file, path) if packed else iter(lambda: file.read(CHUNK), b""):
                progress.show(f"reading {printable(str(path))}: {100 * file.tell() // size} % of {size / 1e6:.3g} MB")
                yield chunk
    except OSError as error:
        raise InputError(f"{path}: cannot read: {error.strerror or error}") from error


def unpacked(file: io.BufferedReader, path: Path) -> Iterator[bytes]:
    """However many gzip members it has; never more than a chunk at once, whatever it unpacks to."""
    decoder, rest = zlib.decompressobj(31), file.read(CHUNK)
    try:
        while rest or not decoder.eof:
            if decoder.eof:  # and something follows
                if not rest.startswith(GZIP):
                    raise InputError(f"{path}: unexpected bytes after the end of the packed text")
                decoder = zlib.decompressobj(31)
            text = decoder.decompress(rest, CHUNK)
            rest = (decoder.unused_data if decoder.eof else decoder.unconsumed_tail) or file.read(CHUNK)
            if text:
                yield text
            elif not rest and not decoder.eof:
                raise InputError(f"{path}: cannot be unpacked: it was cut short")
    except zlib.error as error:
        raise InputError(f"{path}: cannot be unpacked: it is damaged ({error})") from error


class Source(io.RawIOBase):
    """A table's text as a file to read from. What is wrong with it is in `failure`, whatever its reader makes of it."""

    def __init__(self, chunks: Iterator[bytes], where: str) -> None:
        self.where = where
        self.failure: InputError | None = None
        self._chunks, self._left = chunks, b""
        self._fields = 0  # of the first line
        self._lines, self._bytes, self._crc = 0, 0, 0
        self._open, self._since, self._quoted = 0, 0, False  # the unfinished line: its commas, its bytes, within quotes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            if not self._left:
                self._left = self._next()
        except InputError as error:
            self.failure = error
            raise OSError("damaged") from error
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def facts(self) -> Facts:
        """Once all is read."""
        return Facts(self._lines - 1, self._bytes, self._crc)

    def _next(self) -> bytes:
        chunk = next(self._chunks, b"")
        while self._bytes == 0 and 0 < len(chunk) < len(MARK) and (more := next(self._chunks, b"")):
            chunk += more
        if self._bytes == 0 and chunk.startswith(MARK):
            chunk = chunk[len(MARK) :] or next(self._chunks, b"")
        if self._bytes == 0 and chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise InputError(f"{self.where}: cannot read: it is UTF-16, expected UTF-8")
        if not chunk:
            if self._since:
                raise self._error(0, "ends without a line break: the file was cut short")
            return b""
        self._scan(chunk)
        return chunk

    def _scan(self, chunk: bytes) -> None:
        zero = chunk.find(0)
        if zero >= 0:
            raise self._error(chunk.count(b"\n", 0, zero), "holds a zero byte: the file is damaged")
        data = np.frombuffer(chunk, np.uint8)
        ends = data == 10
        marks = ends | (data == 44)
        if self._quoted or b'"' in chunk:
            inside = np.logical_xor.accumulate(data == 34) ^ self._quoted
            self._quoted = bool(inside[-1])
            ends, marks = ends & ~inside, marks & ~inside
        places = np.flatnonzero(ends[np.flatnonzero(marks)])  # of line ends among the marks
        fields = np.diff(places, prepend=-1 - self._open)
        self._check_fields(fields)
        self._open = int(marks.sum()) - (int(places[-1]) + 1) if len(places) else self._open + int(marks.sum())
        last = chunk.rfind(b"\n")
        self._since = len(chunk) - last - 1 if last >= 0 else self._since + len(chunk)
        if self._since > LONGEST:
            raise self._error(len(places), f"longer than {LONGEST} bytes: no row is")
        self._lines += chunk.count(b"\n")
        self._bytes += len(chunk)
        self._crc = zlib.crc32(chunk, self._crc)

    def _check_fields(self, fields: np.ndarray) -> None:
        if not self._fields and len(fields):
            self._fields = int(fields[0])
        wrong = np.flatnonzero(fields != self._fields)
        if len(wrong):
            raise self._error(int(wrong[0]), f"expected {self._fields} fields, got {fields[wrong[0]]}")

    def _error(self, after: int, what: str) -> InputError:
        return InputError(f"{self.where}: line {self._lines + after + 1}: {what}")
