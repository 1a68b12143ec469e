"""Changes that know nothing of the format."""

from random import Random

from fuzz.mutators.base import Mutator, junk, number, place, span


def flip_bit(content: bytes, rng: Random) -> bytes:
    changed = bytearray(content)
    changed[place(content, rng)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def flip_bits(content: bytes, rng: Random) -> bytes:
    for _ in range(rng.randrange(2, 32)):
        content = flip_bit(content, rng)
    return content


def set_byte(content: bytes, rng: Random) -> bytes:
    at = place(content, rng)
    return (
        content[:at]
        + bytes([rng.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF, *b"-.0\n\r,:\"'[{"))])
        + content[at + 1 :]
    )


def truncate(content: bytes, rng: Random) -> bytes:
    return content[: place(content, rng)]


def delete(content: bytes, rng: Random) -> bytes:
    part = span(content, rng)
    return content[: part.start] + content[part.stop :]


def insert(content: bytes, rng: Random) -> bytes:
    at = place(content, rng)
    return content[:at] + junk(rng, rng.choice((4, 64, 5000))) + content[at:]


def overwrite(content: bytes, rng: Random) -> bytes:
    at, new = place(content, rng), junk(rng)
    return content[:at] + new + content[at + len(new) :]


def repeat(content: bytes, rng: Random) -> bytes:
    part = span(content, rng)
    return content[: part.stop] + content[part] * rng.choice((1, 1, 2, 100)) + content[part.stop :]


def splice(content: bytes, rng: Random) -> bytes:
    """Copy a range over another one."""
    part, at = content[span(content, rng)], place(content, rng)
    return content[:at] + part + content[at + len(part) :]


def join(content: bytes, rng: Random) -> bytes:
    """Continue the file with a later or an earlier part of itself."""
    return content[: place(content, rng)] + content[place(content, rng) :]


def integer(content: bytes, rng: Random) -> bytes:
    """Replace a binary integer."""
    width, order = rng.choice((1, 2, 4, 8)), rng.choice(("little", "big"))
    at = place(content, rng)
    before = int.from_bytes(content[at : at + width], order)
    value = number(rng, before, len(content)) % (1 << 8 * width)
    return content[:at] + value.to_bytes(width, order) + content[at + width :]


def append(content: bytes, rng: Random) -> bytes:
    return content + rng.choice((junk(rng, 5000), content))


RAW = tuple(
    map(Mutator, (flip_bit, flip_bits, set_byte, truncate, delete, insert, overwrite, repeat, splice))
) + tuple(map(Mutator, (join, integer, append)))
