import ntpath
import os
from pathlib import Path, PureWindowsPath

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
        (
            [],
            [],
            {
                "http://host/1.jpg?x=1": "http_/host/1.jpg_x=1",
                "http://host/../x.jpg": "http_/host/__/x.jpg",
                "webcam 0": "webcam 0",
                "-": "-",
            },
        ),
        ([], [], {"http://host/../../x.jpg": "http_/host/__/__/x.jpg", "a/aux.jpg": "a/aux_.jpg"}),
        ([], [], {"\udcff\n.jpg": "__.jpg", 'a"b/c:d.jpg': "a_b/c_d.jpg"}),
    ],
)
def test_names_are_the_shortest_distinct_paths(tmp_path, monkeypatch, folders, files, expected):
    monkeypatch.chdir(tmp_path)
    names = SourceNames([Path(folder) for folder in folders], [Path(file) for file in files])
    assert {source: names.name(source).as_posix() for source in expected} == expected


@pytest.mark.parametrize(
    ("folders", "files", "expected"),
    [
        ([r"C:\photos"], [], {r"C:\photos\a\1.jpg": "a/1.jpg", r"C:/photos/1.jpg": "1.jpg"}),
        (["C:\\"], [], {r"C:\x\1.jpg": "x/1.jpg"}),
        ([r"C:\x\p", r"D:\x\p"], [], {r"C:\x\p\1.jpg": "C_/x/p/1.jpg", r"D:\x\p\1.jpg": "D_/x/p/1.jpg"}),
        ([r"C:\x", r"D:\y"], [], {r"C:\x\1.jpg": "x/1.jpg", r"D:\y\1.jpg": "y/1.jpg"}),
        ([r"\\server\share\p"], [], {r"\\server\share\p\a\1.jpg": "a/1.jpg"}),
        ([], [r"C:\x\p.zip"], {r"C:\x\p.zip#train/1.jpg": "p.zip#train/1.jpg"}),
        ([], [], {r"E:\1.jpg": "1.jpg", "webcam 0": "webcam 0", "http://host/1.jpg": "http_/host/1.jpg"}),
        ([], [], {r"C:\aux\nul.png": "nul_.png", r"D:\a\v1. .jpg": "v1. .jpg"}),
    ],
)
def test_windows_paths_get_names_by_the_same_rule(folders, files, expected):
    names = SourceNames(map(PureWindowsPath, folders), map(PureWindowsPath, files), ntpath)
    assert {source: names.name(source).as_posix() for source in expected} == expected


def test_an_absolute_path_below_the_working_directory_is_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert SourceNames().name(os.fspath(tmp_path / "a" / "1.jpg")).as_posix() == "a/1.jpg"
