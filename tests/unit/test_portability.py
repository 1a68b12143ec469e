"""The source contains nothing that only POSIX systems have, except where it is guarded.

No test runs on Windows here: this one names what would fail there, or depend on its encodings.
"""

import ast
import re
from pathlib import Path

import pytest

import mien

ROOT = Path(mien.__file__).parent

MODULES = {
    "fcntl": {"files/locks.py"},
    "resource": {"output/shards/merging.py", "serving/server.py"},
    "termios": {"cli/signals.py", "output/live/keys.py"},
    "tty": {"output/live/keys.py"},
    **{name: set() for name in ("pwd", "grp", "pty", "syslog", "msvcrt", "winreg")},
}
"""Modules of one system, and where they are imported, inside of `try` or `suppress(ImportError)`."""

NOWHERE = (
    "fork", "forkpty", "killpg", "setsid", "setuid", "mkfifo", "pread", "pwrite", "sendfile", "getpgid",
    "statvfs", "chown", "wait", "waitpid", "nice", "getloadavg", "sysconf", "confstr", "uname", "fchmod",
    "SIGALRM", "SIGUSR1", "SIGCHLD", "SIGKILL", "SIGQUIT",
)  # fmt: skip
FUNCTIONS = {
    "getuid": {"training/parallel/helpers.py"},
    "posix_fallocate": {"files/mapped.py"},
    "sched_getaffinity": {"runtime/threads.py"},
    "pthread_kill": {"cli/signals.py"},
    "pthread_sigmask": {"serving/workers.py"},
    **{name: set() for name in NOWHERE},
}
"""Names of `os` and `signal` that Windows lacks, and where they are used after a test of their presence."""

PLACES = {
    "/dev/fd": {"files/targets.py", "files/writing.py"},
    "/var/tmp": {"files/mapped.py"},
    "/sys/class/net/lo": {"training/parallel/joining.py"},
}  # fmt: skip
"""Paths of POSIX systems, and where they are looked for."""

TEXT_IO = re.compile(
    r"\b(read_text|write_text|TextIOWrapper|NamedTemporaryFile|fdopen)\(|open\(.*[\"'][rwax]\+?t?[\"']"
)
TEXT_MODE = re.compile(r"[rwax]\+?t?")


def sources(pattern):
    """Yield each file whose text matches, and its tree."""
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if re.search(pattern, text):
            yield path.relative_to(ROOT).as_posix(), ast.parse(text)


def test_modules_of_one_system_are_imported_in_their_places_only():
    found = {name: set() for name in MODULES}
    for file, tree in sources(rf"import ({'|'.join(MODULES)})\b|from ({'|'.join(MODULES)})\b"):
        for node in ast.walk(tree):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            for name in set(names) & set(MODULES):
                found[name].add(file)
    assert found == MODULES


def test_functions_that_windows_lacks_are_used_in_their_places_only():
    found = {name: set() for name in FUNCTIONS}
    for file, tree in sources(rf"\b(os|signal)\.({'|'.join(FUNCTIONS)})\b"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("os", "signal"):
                found.setdefault(node.attr, set()).add(file)
    assert {name: found[name] for name in FUNCTIONS} == FUNCTIONS


def test_paths_of_posix_systems_are_used_in_their_places_only():
    found = {place: set() for place in PLACES}
    for file, tree in sources(r"[\"'](/dev|/proc|/sys|/tmp|/var|/etc)\b"):
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                match = re.match(r"/(dev|proc|sys|tmp|var|etc)\b[\w/]*", node.value)
                if match:
                    found.setdefault(match[0].rstrip("/"), set()).add(file)
    assert found == PLACES


def test_text_is_read_and_written_in_a_stated_encoding():
    """Otherwise it is that of the system: cp1252 on many computers with Windows."""
    calls = [
        f"{file}:{node.lineno}"
        for file, tree in sources(TEXT_IO)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and depends_on_system(node)
    ]
    assert calls == []


def depends_on_system(call):
    """Whether a call reads or writes text in the encoding of the system, as far as its words say."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if any(one.arg == "encoding" for one in call.keywords) or ast.unparse(call.func) == "av.open":
        return False
    if name in ("read_text", "write_text"):  # that of mien.files.writing takes the path, too
        return isinstance(call.func, ast.Attribute) and len(call.args) == (name == "write_text")
    if name == "TextIOWrapper":
        return len(call.args) < 2
    words = [*call.args, *(one.value for one in call.keywords if one.arg == "mode")]
    modes = [ast.literal_eval(word) for word in words if isinstance(word, ast.Constant)]
    return name in ("open", "fdopen", "NamedTemporaryFile") and any(
        TEXT_MODE.fullmatch(str(mode)) for mode in modes
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("path.write_text(text)", True), ("path.write_text(text, encoding='utf-8')", False),
        ("write_text(path, text)", False), ("path.read_text()", True), ("file.read_text('utf-8')", False),
        ("path.open('w')", True), ("path.open('rb')", False), ("path.open()", False),
        ("open(path, 'r+b')", False), ("open(path, mode='a')", True),
        ("io.TextIOWrapper(stream)", True), ("os.fdopen(1, 'w')", True),
    ],
)  # fmt: skip
def test_calls_that_depend_on_the_system_are_found(line, expected):
    assert depends_on_system(ast.parse(line).body[0].value) is expected


def test_bytes_become_paths_in_one_place():
    """`os.fsdecode` of bytes raises an error on Windows where they are not UTF-8; of paths it doesn't."""
    given = {"source", "image", "value"}
    calls = [
        f"{file}:{node.lineno}: {ast.unparse(node)}"
        for file, tree in sources(r"fsdecode\(")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "os.fsdecode"
        if file != "files/names.py" and ast.unparse(node.args[0]) not in given
    ]
    assert calls == []


def test_names_of_modules_differ_in_more_than_case_and_are_no_devices():
    from mien.files.names import folded_name, problem_of_name

    names = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if "__pycache__" not in path.parts]
    assert len({folded_name(name) for name in names}) == len(names)
    assert [name for name in names if problem_of_name(name.rpartition("/")[2])] == []
