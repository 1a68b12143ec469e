import os
from pathlib import Path

import pytest

from mien.output.writers.source_names import SourceNames


@pytest.mark.parametrize(
    ("folders", "files", "expected"),
    [
        (["/x/p"], [], {"/x/p/1.jpg": "1.jpg", "/x/p/a/1.jpg": "a/1.jpg"}),
        (["../p"], [], {"../p/1.jpg": "1.jpg"}),
        (["."], [], {"./1.jpg": "1.jpg", "a/1.jpg": "a/1.jpg"}),
        (["/"], [], {"/x/1.jpg": "x/1.jpg"}),
        (["/x/p", "y/q"], [], {"/x/p/1.jpg": "p/1.jpg", "y/q/a/1.jpg": "q/a/1.jpg"}),
        (["/x/p", "y/p"], [], {"/x/p/1.jpg": "x/p/1.jpg", "y/p/1.jpg": "y/p/1.jpg"}),
        (["/x/p", "/x/p/a"], [], {"/x/p/1.jpg": "p/1.jpg", "/x/p/a/1.jpg": "a/1.jpg"}),
        (["/x/p"], ["/x/1.jpg"], {"/x/p/1.jpg": "p/1.jpg", "/x/1.jpg": "1.jpg"}),
        (["/x/p"], ["/x/p"], {"/x/p/1.jpg": "1.jpg"}),
        ([], ["/x/y/1.jpg"], {"/x/y/1.jpg": "1.jpg"}),
        ([], ["../../1.jpg", "../../1.jpg"], {"../../1.jpg": "1.jpg"}),
        ([], ["/x/a/1.jpg", "/x/b/2.jpg"], {"/x/a/1.jpg": "1.jpg", "/x/b/2.jpg": "2.jpg"}),
        ([], ["/x/a/1.jpg", "b/1.jpg"], {"/x/a/1.jpg": "a/1.jpg", "b/1.jpg": "b/1.jpg"}),
        ([], ["/x/a/c/1.jpg", "/x/b/c/1.jpg"], {"/x/a/c/1.jpg": "a/c/1.jpg", "/x/b/c/1.jpg": "b/c/1.jpg"}),
        ([], ["1.jpg", "a/1.jpg"], {"1.jpg": "1.jpg", "a/1.jpg": "a/1.jpg"}),
        ([], ["/x/faces.csv"], {"/x/faces.csv#12": "faces.csv#12"}),
        ([], ["/x/p.zip"], {"/x/p.zip#train/1.jpg": "p.zip#train/1.jpg"}),
        ([], [], {"a/1.jpg": "a/1.jpg", "../a/1.jpg": "1.jpg", "/x/1.jpg": "1.jpg", ".": "image"}),
        ([], [], {"http://host/1.jpg?x=1": "http_/host/1.jpg_x=1", "webcam 0": "webcam 0", "-": "-"}),
        ([], [], {"\udcff\n.jpg": "__.jpg", 'a"b/c:d.jpg': "a_b/c_d.jpg"}),
    ],
)
def test_names_are_the_shortest_distinct_paths(tmp_path, monkeypatch, folders, files, expected):
    monkeypatch.chdir(tmp_path)
    names = SourceNames([Path(folder) for folder in folders], [Path(file) for file in files])
    assert {source: names.name(source).as_posix() for source in expected} == expected


def test_an_absolute_path_below_the_working_directory_is_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert SourceNames().name(os.fspath(tmp_path / "a" / "1.jpg")).as_posix() == "a/1.jpg"
