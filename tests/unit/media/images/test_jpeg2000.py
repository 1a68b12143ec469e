import io
import struct
from typing import Any

import pytest
from PIL import Image

from mien.errors import ImageError
from mien.limits import MAX_CODE_BLOCKS
from mien.media.images import jpeg2000
from mien.media.images.jpeg2000 import check
from mien.media.images.reading import read_image

SIDE = 64


def encoded(mode: str = "RGB", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (SIDE, SIDE), 7).save(buffer, "JPEG2000", **options)
    return buffer.getvalue()


def with_size(content: bytes, side: int, tile: int) -> bytes:
    """An image that declares another size of itself and of its tiles."""
    at = content.index(jpeg2000.CODESTREAM)
    size = struct.pack(">II", side, side)
    content = (
        content[: at + 8]
        + size
        + content[at + 16 : at + 24]
        + struct.pack(">II", tile, tile)
        + content[at + 32 :]
    )
    if (at := content.find(b"ihdr")) > 0:
        content = content[: at + 4] + size + content[at + 12 :]
    return content


def marker(kind: int, content: bytes) -> bytes:
    return b"\xff" + bytes([kind]) + struct.pack(">H", len(content) + 2) + content


def with_marker(content: bytes, added: bytes) -> bytes:
    """An image with another marker at the end of its main header."""
    at = content.index(b"\xff\x90\0\x0a")
    return content[:at] + added + content[at:]


def refusal(content: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        check(io.BytesIO(content))
    return str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {}, {"no_jp2": True}, {"tile_size": (16, 16)}, {"codeblock_size": (4, 4)}, {"plt": True},
        {"mode": "L"}, {"mode": "RGBA"}, {"precinct_size": (32, 32), "codeblock_size": (16, 16)},
        {"num_resolutions": 1},
        {"irreversible": True, "quality_layers": [40, 20]}, {"comment": "a"},
    ],
    ids=str,
)  # fmt: skip
def test_what_pillow_writes_is_read(options: dict[str, Any]) -> None:
    assert read_image(encoded(**options)).shape == (SIDE, SIDE, 3)


@pytest.mark.parametrize("no_jp2", [True, False])
def test_many_tiles_are_refused(no_jp2: bool) -> None:
    assert "62500 tiles and 3 channels" in refusal(with_size(encoded(no_jp2=no_jp2), 4000, 16))


@pytest.mark.parametrize(
    "content",
    [
        encoded(codeblock_size=(4, 4)),
        encoded(precinct_size=(4, 4), codeblock_size=(4, 4)),
        with_marker(encoded(), marker(0x52, bytes([0, 0, 0, 1, 0, 1, 0, 0, 0, 1]))),
        with_marker(encoded(), marker(0x53, bytes([0, 0, 1, 0, 0, 0, 1]))),
        with_marker(encoded(), marker(0x52, bytes([1, 0, 0, 1, 0, 1, 4, 4, 0, 1, 0x11, 0x22]))),
    ],
    ids=["code-blocks", "precincts", "another default", "one channel", "small precincts"],
)
def test_many_code_blocks_are_refused(content: bytes) -> None:
    side = int((16 * MAX_CODE_BLOCKS) ** 0.5)
    assert "code-blocks" in refusal(with_size(content, side, side))


def test_code_blocks_of_a_tile_are_found_behind_the_data_of_another() -> None:
    content = encoded(no_jp2=True, tile_size=(32, 32))
    at = content.rindex(b"\xff\x90\0\x0a") + 12
    added = marker(0x53, bytes([0, 0, 1, 0, 0, 0, 1]))
    content = content[: at - 6] + bytes(4) + content[at - 2 : at] + added + content[at:]
    assert "code-blocks" in refusal(with_size(content, 3000, 3000))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (encoded().replace(b"\0\0\0\x2djp2h", b"\x31\0\0\x2djp2h"), "a box has a wrong length"),
        (encoded().replace(b"\0\0\0\x2djp2h", b"\0\0\0\0jp2h"), "a box has a wrong length"),
        (with_marker(encoded(), b"\xff\x30\0\x04ab"), "a damaged header"),
        (with_marker(encoded(), b"\xff\x52\0\x01"), "a damaged header"),
        (with_size(encoded(), 0, 0), "JPEG 2000"),
    ],
    ids=["long box", "box without end", "unknown marker", "marker without content", "no pixels"],
)
def test_damage_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        read_image(content)


@pytest.mark.parametrize("count", [1, 20, 60, 90, 120])
def test_a_file_that_ends_early_is_refused_by_pillow_or_here(count: int) -> None:
    with pytest.raises(ImageError):
        read_image(encoded()[:count])
