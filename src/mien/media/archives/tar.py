"""Tar archives within limits. The module tarfile trusts the sizes and counts that an archive declares."""

import re
import tarfile
from typing import IO, Any, Final, Self, cast

from mien.limits import MAX_ATTRIBUTES, MAX_HEADER_BYTES, MAX_MEMBERS
from mien.media.archives.members import malformed_as

_EXTENDED: Final = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)
"""Types of headers that describe the next file; tarfile reads them into memory."""

_DIGITS: Final = re.compile(rb"\d{21}")
"""More than a number of 64 bits; tarfile takes a time that is quadratic in the length of numbers."""


class _Info(tarfile.TarInfo):
    """A header whose declared size is checked before it is used."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Return the header in 512 bytes.

        Raises:
            tarfile.TarError: It is none, or declares an impossible size.
        """
        info = super().frombuf(buf, encoding, errors)
        if info.size < 0:
            raise tarfile.ReadError(f"a file of {info.size} bytes")
        if info.type in _EXTENDED and info.size > MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {info.size} bytes")
        if info.type == tarfile.GNUTYPE_SPARSE:
            raise tarfile.ReadError("a sparse file in it; pack it again without --sparse")
        return info

    def _proc_pax(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        """Read a pax header and the header that follows, after a check of its values."""
        stream = cast(Any, archive).fileobj
        cast(Any, archive).fileobj = _CheckedOnce(stream)
        try:
            return cast(tarfile.TarInfo, cast(Any, super())._proc_pax(archive))  # noqa: SLF001
        finally:
            cast(Any, archive).fileobj = stream


class _CheckedOnce:
    """A stream of which the first bytes that are read are the values of a pax header."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._is_checked = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - anything of a stream
        return getattr(self._stream, name)

    def read(self, size: int = -1) -> bytes:
        """Read as the stream does.

        Raises:
            tarfile.ReadError: The values are not those of a file.
        """
        content = self._stream.read(size)
        if not self._is_checked and (_DIGITS.search(content) or b"GNU.sparse." in content):
            raise tarfile.ReadError("a sparse file in it, or a damaged header; pack it again")
        self._is_checked = True
        return content


class BoundedTar(tarfile.TarFile):
    """A tar whose headers are read within limits.

    Args:
        stream: The tar, at its start, not compressed.
        size: Bytes that it may have.
    """

    tarinfo = _Info

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._most = size
        self._count = 0
        super().__init__(fileobj=stream)

    def next(self) -> tarfile.TarInfo | None:
        """Return the next file; None at the end.

        Raises:
            tarfile.TarError: Its header is damaged, or the limits are exceeded.
        """
        before, first = self.offset, getattr(self, "firstmember", None)
        with malformed_as(tarfile.ReadError):
            info = super().next()
        if info is not None and info is not first:
            self._require_limits(info, before)
        return info

    def _require_limits(self, info: tarfile.TarInfo, before: int) -> None:
        if self.offset <= before or info.size < 0:
            raise tarfile.ReadError(f"a file of {info.size} bytes")
        if self.offset > self._most:
            raise tarfile.ReadError(f"it unpacks to over {self._most >> 20} MB")
        info.pax_headers = {}  # applied already
        self._count += 1
        if self._count > MAX_MEMBERS:
            raise tarfile.ReadError(f"over {MAX_MEMBERS} files")
        if len(self.pax_headers) > MAX_ATTRIBUTES:
            raise tarfile.ReadError(f"over {MAX_ATTRIBUTES} attributes of all files")

    def require_end(self) -> None:
        """Check that a block of zeros ended the tar: tarfile takes a cut or damaged header for the end, too.

        Reading to the very end also makes gzip compare its checksum.

        Raises:
            tarfile.TarError: It did not.
        """
        stream = cast(IO[bytes], self.fileobj)
        if stream.tell() < self.offset + tarfile.BLOCKSIZE:
            raise tarfile.ReadError("its end is missing")
        while rest := stream.read(1 << 20):
            if rest.strip(b"\0"):
                raise tarfile.ReadError("a damaged header between its files")
            if stream.tell() > self._most:
                raise tarfile.ReadError(f"it unpacks to over {self._most >> 20} MB")
