import subprocess
import sys
from pathlib import Path

import pytest

from mien.errors import RunError
from mien.tuning import claims
from mien.tuning.claims import Claims

HOLDER = """
import sys, time
from pathlib import Path
from mien.tuning.claims import Claims
lock = Claims(Path(sys.argv[1])).claim(3)
print("held", flush=True)
time.sleep(60)
"""


def test_a_trial_is_claimed_by_one_process_until_it_is_killed(tmp_path: Path) -> None:
    words = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        mine = Claims(tmp_path)
        assert mine.claim(3) is None
        other = mine.claim(4)
        assert other is not None
        other.release()
        holder.kill()  # SIGKILL
        holder.wait()
        lock = mine.claim(3)
        assert lock is not None
        lock.release()


def test_one_process_chooses_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "PATIENCE", 0.0)
    with Claims(tmp_path).choosing(), pytest.raises(RunError, match="another process has been choosing"):
        Claims(tmp_path).choosing().__enter__()
    with Claims(tmp_path).choosing():
        pass
