from pathlib import Path

import pytest

import mien.training.run_folder.creation as module
from mien.errors import RunError
from mien.training.run_folder.creation import free_folder, refuse_taken
from mien.training.run_folder.lock import locked
from mien.training.run_folder.run import RunFolder
from training_builders import tiny_run


class Killed(BaseException):
    """A kill."""


STEPS = ["write_info", "write_text"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("done", [False, True])
def test_a_kill_at_any_step_leaves_a_run_or_a_free_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, done: bool
) -> None:
    original = getattr(module, step)

    def killed(*arguments: object) -> None:
        if done:
            original(*arguments)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, step, killed)
        with pytest.raises(Killed):
            tiny_run(tmp_path / "run")
    if (tmp_path / "run" / "run.json").exists():
        assert RunFolder(tmp_path / "run").recipe.train.epochs == 2
        with pytest.raises(RunError, match="already exists; resume the run there"):
            refuse_taken(tmp_path / "run")
    else:
        tiny_run(tmp_path / "run")


def test_what_a_killed_creation_left_is_no_obstacle(tmp_path: Path) -> None:
    made, folder = tiny_run(tmp_path / "made"), tmp_path / "run"
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "checkpoints" / ".lock").touch()
    (folder / ".run.json.abcd1234.part").write_text("{")
    (folder / "recipe.yaml").write_bytes((made.path / "recipe.yaml").read_bytes())
    assert tiny_run(folder).recipe == made.recipe


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("recipe.yaml", "# mine\nnetwork: {kind: plain}\n"),
        ("recipe.yaml", "\0"),
        ("notes.txt", ""),
        ("checkpoints", "a file"),
        ("checkpoints/best.safetensors", ""),
        (".run.json", "{}"),
    ],
)
def test_files_of_others_are_kept(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / "run" / name
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(RunError, match=r"run: already exists; pass out=\.\.\. for another folder"):
        tiny_run(tmp_path / "run")
    assert path.read_text() == content


def test_a_link_to_nowhere_and_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "missing")
    (tmp_path / "file").touch()
    for name in ("link", "file"):
        with pytest.raises(RunError, match="already exists"):
            refuse_taken(tmp_path / name)


def test_two_processes_do_not_create_a_run_in_one_folder(tmp_path: Path) -> None:
    with locked(tmp_path / "run"), pytest.raises(RunError, match="another process is training this run"):
        tiny_run(tmp_path / "run")


def test_free_folders_are_numbered(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        folder = free_folder(tmp_path, "demo")
        folder.mkdir()
        names.append(folder.name)
    assert names == ["demo", "demo-2", "demo-3"]
