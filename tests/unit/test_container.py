"""The Dockerfile, as far as it can be checked without an engine; `docker/check.sh` checks more."""

import shlex
import subprocess
from pathlib import Path

from mien.cli.app import build_app

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()


def values(instruction):
    return [line.split(None, 1)[1] for line in LINES if line.startswith(f"{instruction} ")]


def test_it_runs_as_another_user_with_a_health_check_and_one_writable_folder():
    assert int(values("USER")[-1]) > 0
    assert "/healthz" in values("HEALTHCHECK")[-1]
    assert values("VOLUME") == ["/data"]
    assert LINES.index(f"USER {values('USER')[-1]}") > max(
        number for number, line in enumerate(LINES) if line.startswith(("RUN ", "COPY "))
    )


def test_what_it_copies_exists_and_is_not_ignored():
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for words in map(shlex.split, values("COPY")):
        if not words[0].startswith("--from"):
            assert set(words[:-1]) <= kept
            assert all((ROOT / name).exists() for name in words[:-1])


def test_its_scripts_are_valid():
    for name in ("install.sh", "check.sh"):
        script = ROOT / "docker" / name
        subprocess.run(["bash", "-n", script], check=True)
        assert script.stat().st_mode & 0o111


def test_its_command_has_the_options_of_mien_serve():
    command = values("ENTRYPOINT")[-1]
    assert command == '["mien", "serve", "--host", "0.0.0.0", "--port", "8000"]'
    build_app().parse_args(["serve", "--host", "0.0.0.0", "--port", "8000"], exit_on_error=False)
