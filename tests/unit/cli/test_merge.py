"""`mien predict --shard` and `mien merge`: shards of all kinds of inputs, killed, resumed and merged."""

import io
import json
import sys

import pytest
from PIL import Image

from builders import folder_of, zip_of
from bundle_builders import gray_of, tiny_bundle
from mien.cli import job
from mien.cli.app import run
from mien.cli.results import Results
from mien.labels import EMOTIONS
from mien.output.writers.parquet_rows import rows_path
from mien.recognition.sharding.record import record_path
from video_builders import film, walk

FORMATS = ["csv", "jsonl", "json", "parquet"]


def encoded(label):
    content = io.BytesIO()
    Image.new("L", (60, 50), gray_of(label)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Holds a bundle, images, one that is damaged, a zip, and the results of one run in all formats."""
    folder = tmp_path_factory.mktemp("shards")
    tiny_bundle(folder / "tiny.onnx")
    images = {f"{at:02d}.png": encoded(EMOTIONS[at % 7]) for at in range(20)}
    folder_of(folder / "album", images | {"05.png": b"no image"})
    zip_of(folder / "photos.zip", dict(list(images.items())[:5]))
    return folder


@pytest.fixture
def mien(folder, tmp_path, monkeypatch, capsys):
    """Return a function that runs a command where the inputs are: exit code and messages."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))

    def call(*words):
        code = run([str(word) for word in words])
        return code, capsys.readouterr().err

    return call


INPUTS = ("album", "photos.zip", "synthetic:30")
OPTIONS = ("--bundle", "tiny.onnx", "--engine", "onnx", "--threads", "1", "--detector", "whole")


def outputs_in(folder, name, formats=FORMATS):
    return [word for one in formats for word in ("-o", folder / f"{name}.{one}")]


def predict(mien, folder, name, *words, formats=FORMATS, inputs=INPUTS):
    return mien("predict", *inputs, *outputs_in(folder, name, formats), *OPTIONS, *words)


def killed_after(monkeypatch, count):
    """End the process without any cleaning up after some results, as far as files can tell."""
    writes = []
    write = job.Job._write

    def write_some(self, result, writers):
        if len(writes) == count:
            raise ZeroDivisionError
        writes.append(result)
        write(self, result, writers)

    def close_files(self, *_):
        for output in self._outputs:
            stream = getattr(output.writer, "_rows", output.writer)._stream._stream
            if stream is not None:
                stream.close()

    monkeypatch.setattr(job.Job, "_write", write_some)
    monkeypatch.setattr(Results, "__exit__", close_files)


def test_killed_and_resumed_shards_become_the_file_of_one_run(mien, tmp_path, monkeypatch):
    code, _ = predict(mien, tmp_path, "plain")
    assert code == 1  # an image can't be read
    for number in (1, 2, 3):
        with monkeypatch.context() as patch:
            killed_after(patch, number + 2)
            with pytest.raises(ZeroDivisionError):
                predict(mien, tmp_path, number, "--shard", f"{number}/3")
        assert rows_path(tmp_path / f"{number}.parquet").exists()
        code, text = predict(mien, tmp_path, number, "--shard", f"{number}/3", "--resume")
        assert code in (0, 1), text
    for name in FORMATS:
        shards = [tmp_path / f"{number}.{name}" for number in (3, 1, 2)]
        code, text = mien("merge", *shards, "-o", tmp_path / f"merged.{name}")
        assert (code, text.splitlines()) == (
            1,
            [
                "mien: 1 of 55 inputs could not be read: album/05.png",
                f"mien: 55 inputs of 3 shards in {tmp_path / f'merged.{name}'}",
            ],
        )
        assert (tmp_path / f"merged.{name}").read_bytes() == (tmp_path / f"plain.{name}").read_bytes()


def test_a_complete_shard_is_not_run_again(mien, tmp_path):
    words = ("--shard", "1/2", "--resume")
    assert predict(mien, tmp_path, "a", *words, inputs=["photos.zip"])[0] == 0
    code, text = predict(mien, tmp_path, "a", *words, inputs=["photos.zip"])
    assert (code, text) == (0, "mien: nothing left to do\n")


def test_an_unreadable_image_is_tried_again_and_gets_its_place(mien, folder, tmp_path):
    album = folder_of(tmp_path / "own", {f"{at}.png": encoded("sad") for at in range(4)})
    (album / "1.png").write_bytes(b"no image")
    shard = {"formats": ["csv"], "inputs": [album]}
    assert predict(mien, tmp_path, "a", "--shard", "1/1", **shard)[0] == 1
    (album / "1.png").write_bytes(encoded("happy"))
    assert predict(mien, tmp_path, "a", "--shard", "1/1", "--resume", **shard)[0] == 0
    assert predict(mien, tmp_path, "plain", **shard)[0] == 0
    assert mien("merge", tmp_path / "a.csv", "-o", tmp_path / "merged.csv", "--quiet") == (0, "")
    assert (tmp_path / "merged.csv").read_bytes() == (tmp_path / "plain.csv").read_bytes()


def test_videos_are_whole(mien, tmp_path, monkeypatch):
    folder = tmp_path / "films"
    folder.mkdir()
    names = [film(folder / f"{name}.mp4", walk(4)) for name in "abc"]
    inputs = {"formats": ["jsonl"], "inputs": [folder / f"{name}.mp4" for name in "abc"]}
    assert names
    predict(mien, tmp_path, "plain", "--start", "0.05", **inputs)
    for number in (1, 2):
        predict(mien, tmp_path, number, "--shard", f"{number}/2", "--start", "0.05", **inputs)
    mien("merge", tmp_path / "1.jsonl", tmp_path / "2.jsonl", "-o", tmp_path / "merged.jsonl")
    merged = (tmp_path / "merged.jsonl").read_bytes()
    assert merged == (tmp_path / "plain.jsonl").read_bytes()
    assert len({json.loads(line)["source"] for line in merged.splitlines()}) == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--shard", "0/2", "-o", "x.csv"], "shard 0/2: expected NUMBER/COUNT"),
        (["--shard", "1/2"], "shard 1/2: results on standard output can't be merged; write a file with -o"),
        (["--shard", "1/2", "-o", "x.csv", "--json"], "results on standard output can't be merged"),
        (["--shard", "1/2", "-o", "x.txt", "--format", "table"], "x.txt: not a file that can be merged"),
        (["--shard", "1/2", "-o", "x.csv", "--crops", "crops"], "--crops crops: can't be written by shards"),
        (
            ["--shard", "1/2", "-o", "/dev/null", "--format", "csv"],
            "/dev/null: not a file that can be merged",
        ),
    ],
)
def test_shards_that_could_not_be_merged_are_refused(mien, folder, words, message):
    code, text = mien("predict", "album", *words, *OPTIONS)
    assert (code, text.count("\n")) == (2, 1)
    assert message in text
    assert not (folder / "x.csv").exists()


def test_a_shard_is_not_resumed_without_its_number_and_no_record_stays_beside_a_plain_result(mien, tmp_path):
    only = {"formats": ["csv"], "inputs": ["photos.zip"]}
    predict(mien, tmp_path, "a", "--shard", "1/2", **only)
    code, text = predict(mien, tmp_path, "a", "--resume", **only)
    assert (code, "a.csv: the result of shard 1/2; to resume it, pass --shard 1/2" in text) == (2, True)
    assert predict(mien, tmp_path, "a", **only)[0] == 0
    assert not record_path(tmp_path / "a.csv").exists()
    code, text = predict(mien, tmp_path, "a", "--shard", "1/2", "--resume", **only)
    assert (code, "not the result of a shard" in text) == (2, True)


def test_merging_needs_shards_and_an_output(mien, tmp_path):
    assert mien("merge", "-o", tmp_path / "x.csv") == (
        2,
        "mien: shards: expected the result files of all shards\n",
    )
    assert "--output" in mien("merge", "album")[1]


def test_failures_are_named_up_to_three(mien, tmp_path):
    album = folder_of(tmp_path / "own", {f"{at}.png": b"no image" for at in range(5)})
    predict(mien, tmp_path, "a", "--shard", "1/1", formats=["csv"], inputs=[album])
    code, text = mien("merge", tmp_path / "a.csv", "-o", tmp_path / "merged.csv")
    assert code == 1
    assert f"5 of 5 inputs could not be read: {album}/0.png, {album}/1.png, {album}/2.png and 2 more" in text
