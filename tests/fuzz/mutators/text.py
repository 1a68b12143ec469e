"""Changes of texts: numbers, words and lines; cells of CSVs; nodes of JSON and YAML."""

import json
import re
from random import Random
from typing import Any

import yaml

from fuzz.mutators.base import Mutator

VALUES = (
    "", " ", "-1", "0", "-0", "1", "256", "1e999", "-1e999", "1e-400", "nan", "inf", "-inf", "9" * 30,
    "9" * 5000,
    "0x10", "1_000", "٣", "²", "true", "null", "None", "~", "yes", "1,5", "1.5", "1e3", "--", "'", '"',
    '""', "\\",
    "\\u0000", "\0", "\x1b[31m", "\ufeff", "\u2028", "\r", "\n", "\t", "é", "😀", "a" * 10_000, "../x",
    "/", "=1+1",
)  # fmt: skip
"""Texts at the limits of what a field may hold."""

SPECIAL = (
    b"\xff",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\0",
    b"\x1a",
    b"\x85",
    b"\r",
    b"\r\n",
    b"\x0b",
)
"""Bytes that are no UTF-8, or end a line or a text somewhere."""

NODES = (
    None, True, False, 0, -1, 1, 2, 255, 256, 1 << 31, 1 << 63, -(1 << 63), 1 << 64, 10**400, 0.5, -0.0,
    1e308, 5e-324,
    float("nan"), float("inf"), "", "x", "1", "nan", "\0", "\ud800", "a" * 10_000, [], {}, [[]], [None],
    {"a": 1},
    {"": ""}, [0] * 1000, ["x"], "1234", "../../x", "\x1b[2J", "happy",
)  # fmt: skip
"""Values that a node of a tree may be replaced by."""

_TOKEN = re.compile(rb"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[A-Za-z_]+")


def _pick(items: Any, rng: Random) -> Any:
    return items[rng.randrange(len(items))]


def token(content: bytes, rng: Random) -> bytes:
    """Replace a number or a word."""
    found = list(_TOKEN.finditer(content))
    match = _pick(found, rng)
    other = _pick(found, rng).group() if rng.random() < 0.3 else rng.choice(VALUES).encode()
    return content[: match.start()] + other + content[match.end() :]


def special(content: bytes, rng: Random) -> bytes:
    """Insert bytes that are no text, or end it somewhere."""
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.choice(SPECIAL) * rng.choice((1, 1, 2)) + content[at:]


def lines(content: bytes, rng: Random) -> bytes:
    """Delete, repeat, exchange, empty or lengthen a line."""
    rows = content.split(b"\n")
    first, second = rng.randrange(len(rows)), rng.randrange(len(rows))
    what = rng.randrange(6)
    if what == 0:
        del rows[first]
    elif what == 1:
        rows[second:second] = [rows[first]] * rng.choice((1, 2, 50))
    elif what == 2:
        rows[first], rows[second] = rows[second], rows[first]
    elif what == 3:
        rows[first] = b""
    elif what == 4:
        rows[first] *= rng.choice((2, 3, 200))
    else:
        rows[first] = rows[first][: rng.randrange(len(rows[first]) + 1)]
    return rng.choice((b"\n", b"\n", b"\n", b"\r\n", b"\r")).join(rows)


def nest(content: bytes, rng: Random) -> bytes:
    """Insert brackets, thousands deep or unbalanced."""
    at = rng.randrange(len(content) + 1)
    opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}"), (b"{", b"}"), (b"(", b")"), (b'"', b'"')))
    depth = rng.choice((1, 2, 100, 1000, 5000))
    inner = rng.choice((b"", b"1", b"x"))
    tail = rng.choice((b"", closing * depth))
    return content[:at] + opening * depth + inner + tail + content[at:]


def cell(content: bytes, rng: Random) -> bytes:
    """Replace, add, remove or exchange cells of a row of a CSV."""
    rows = content.split(b"\n")
    row = 0 if rng.random() < 0.3 else rng.randrange(len(rows))
    cells = rows[row].split(b",")
    first, second = rng.randrange(len(cells)), rng.randrange(len(cells))
    what = rng.randrange(6)
    if what == 0:
        cells[first] = rng.choice(VALUES).encode()
    elif what == 1:
        cells[first] = b'"' + rng.choice(VALUES).encode() + rng.choice((b'"', b""))
    elif what == 2:
        cells.insert(first, _pick(cells, rng))
    elif what == 3:
        del cells[first]
    elif what == 4:
        cells[first], cells[second] = cells[second], cells[first]
    else:
        cells += [rng.choice(VALUES).encode()] * rng.choice((1, 2, 1000))
    rows[row] = b",".join(cells)
    return b"\n".join(rows)


def column(content: bytes, rng: Random) -> bytes:
    """Remove, repeat, move or empty a column of a CSV."""
    rows = [row.split(b",") for row in content.split(b"\n")]
    width = len(rows[0])
    first, second, what = rng.randrange(width), rng.randrange(width), rng.randrange(5)
    value = rng.choice(VALUES).encode()
    for row in rows:
        if len(row) != width:
            continue
        if what == 0:
            del row[first]
        elif what == 1:
            row.insert(second, row[first])
        elif what == 2:
            row[first], row[second] = row[second], row[first]
        elif row is not rows[0]:
            row[first] = b"" if what == 3 else value
    return b"\n".join(b",".join(row) for row in rows)


def delimiter(content: bytes, rng: Random) -> bytes:
    return content.replace(
        rng.choice((b",", b" ", b"\n", b":")), rng.choice((b",", b";", b"\t", b"|", b"", b"\0", b"\r"))
    )


def change_tree(tree: Any, rng: Random) -> Any:
    """Replace, remove, rename, repeat or wrap a node of a tree of dicts and lists, in place or not."""
    is_leaf = not tree or rng.random() < 0.15
    if isinstance(tree, dict) and not is_leaf:
        return _changed_dict(tree, rng)
    if isinstance(tree, list) and not is_leaf:
        return _changed_list(tree, rng)
    what = rng.random()
    if what < 0.1:
        return [tree]
    if what < 0.2 and isinstance(tree, int | float):
        return -tree
    return str(tree) if what < 0.3 else rng.choice(NODES)


def _changed_dict(tree: dict[Any, Any], rng: Random) -> dict[Any, Any]:
    key, what = _pick(list(tree), rng), rng.random()
    if what < 0.08:
        del tree[key]
    elif what < 0.16:
        tree[rng.choice(("", "x", f"{key}s", "\ud800", "a" * 10_000))] = tree.pop(key)
    else:
        tree[key] = change_tree(tree[key], rng)
    return tree


def _changed_list(tree: list[Any], rng: Random) -> list[Any]:
    at, what = rng.randrange(len(tree)), rng.random()
    if what < 0.08:
        del tree[at]
    elif what < 0.16:
        tree += [tree[at]] * rng.choice((1, 2, 1000))
    else:
        tree[at] = change_tree(tree[at], rng)
    return tree


def json_tree(content: bytes, rng: Random) -> bytes:
    start = content.index(content.lstrip(b"0123456789abcdef\n"))  # a line with a digest may come first
    tree = json.loads(content[start:])
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        tree = change_tree(tree, rng)
    return content[:start] + json.dumps(tree).encode()


def json_line(content: bytes, rng: Random) -> bytes:
    """Change the value of one line of JSON lines."""
    rows = content.split(b"\n")
    at = rng.randrange(max(1, len(rows) - 1))
    rows[at] = json_tree(rows[at], rng)
    return b"\n".join(rows)


def json_keys(content: bytes, rng: Random) -> bytes:
    """Write a key twice, or a value without its key."""
    found = list(re.finditer(rb'"[^"]*"\s*:', content))
    match, other = _pick(found, rng), _pick(found, rng)
    what = rng.choice(
        (match.group() + b"1," + other.group(), other.group(), match.group() + b"[" * 3000 + b",", b"")
    )
    return content[: match.start()] + what + content[match.end() :]


def yaml_tree(content: bytes, rng: Random) -> bytes:
    tree = yaml.safe_load(content)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        tree = change_tree(tree, rng)
    return yaml.safe_dump(tree, sort_keys=False).encode("utf-8", "surrogatepass")


YAML_TEXTS = (
    "&a [*a]", "&a {b: *a}", "*nothing", "!!python/object/apply:os.system [ls]", "!!binary x", "!!int x",
    "!!set {a}",
    "2001-99-99", "2001-12-14t21:59:43.10-05:00", "1:60:60", "0o17", "0b11", ".inf", "-.INF", ".nan",
    "? [a]\n: b",
    "{a: 1, a: 2}", "{[1]: 2}", "{? {a: 1} : 2}", "<<: *a", "<<: [1]", "<<: {a: 1}", "!!omap [a: 1]",
    "!!pairs [a: 1]",
    "!!timestamp x", "!!float x", "!!bool x", "!!null x", "---\na: 1", "...", "%YAML 9.9", "%TAG ! x",
    "|", ">-", "- - - -",
    "'", '"', "@", "`", "!", "&", "*", "!<tag:x>", '"\\ud800"', '"\\x00"', "=", "{", "[", "!!str [a]",
    "!!map [a]", "!!seq {a: 1}",
)  # fmt: skip
_BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
)
_MERGES = "m0: &m0 {x: 1}\n" + "".join(f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}]}}\n" for n in range(1, 24))


def yaml_text(content: bytes, rng: Random) -> bytes:
    """Replace a value by a construct of YAML, or begin with a bomb."""
    if rng.random() < 0.05:
        return rng.choice((_BOMB, _MERGES)).encode() + content
    found = list(re.finditer(rb"(?m)(?<=: )[^\n]*", content))
    match = _pick(found, rng)
    return content[: match.start()] + rng.choice(YAML_TEXTS).encode() + content[match.end() :]


def _all(*changes: Any) -> tuple[Mutator, ...]:
    return tuple(Mutator(change, valid_checksums=True) for change in changes)


TEXT = _all(token, token, special, lines)
CSV = (*TEXT, *_all(cell, cell, column, delimiter))
JSON = (*TEXT, *_all(json_tree, json_tree, json_tree, json_keys, nest))
JSON_LINES = (*TEXT, *_all(json_line, json_line, json_line, json_keys, nest))
YAML = (*TEXT, *_all(yaml_tree, yaml_tree, yaml_text, yaml_text, nest))
