import platform
import subprocess
import sys

import pytest

from mien.training.memory import keep_freed_memory

COUNT_FAULTS = """
import resource, sys
if sys.argv[1] == "kept":
    from mien.training.memory import keep_freed_memory
    assert keep_freed_memory()
for _ in range(20):
    bytearray(b"x") * 2**25
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


def test_it_returns_whether_there_is_a_glibc() -> None:
    assert keep_freed_memory() is (platform.libc_ver()[0] == "glibc")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's allocator only")
def test_kept_memory_causes_no_page_faults() -> None:
    faults = {
        word: int(
            subprocess.run([sys.executable, "-c", COUNT_FAULTS, word], capture_output=True, check=True).stdout
        )
        for word in ("default", "kept")
    }
    assert faults["kept"] < faults["default"] / 3
