import platformdirs

from builders import faces, fer_csv
from mien.data import read_faces
from mien.files.caches import cache_folder


def test_caches_are_below_one_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    assert cache_folder("models") == tmp_path / "models"
    monkeypatch.delenv("MIEN_CACHE")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / name))
    assert cache_folder("models") == tmp_path / "mien" / "models"


def test_faces_have_a_folder_of_their_own(monkeypatch, tmp_path):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    read_faces(fer_csv(tmp_path / "faces.csv", faces(12)))
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["faces"]
