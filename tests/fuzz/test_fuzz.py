"""A minute of the fuzzer: every reader, with fixed seeds. `python -m tests.fuzz` runs it for longer."""

from collections.abc import Iterator

import pytest

from fuzz.cases import Finding
from fuzz.readers import READERS
from fuzz.session import Session

pytestmark = pytest.mark.slow

CASES = 15
SLOW = {
    "data": 8,
    "cache": 6,
    "bundle": 8,
    "video sound": 6,
    "predict": 8,
    "detector": 6,
    "override": 8,
}
"""Cases of each reader; fewer of those that take 10 ms or more, by the first words of their names."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with Session(tmp_path_factory.mktemp("fuzz")) as running:
        yield running


def cases_of(name: str) -> int:
    return next((count for words, count in SLOW.items() if name.startswith(words)), CASES)


@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_read_alike_or_refused(session: Session, name: str) -> None:
    if not READERS[name].available():
        pytest.skip("its file is not here")
    *findings, following = session.run(name, 0, cases_of(name))
    assert not findings, "\n".join(str(found) for found in findings)
    assert following == cases_of(name) or isinstance(following, Finding)
