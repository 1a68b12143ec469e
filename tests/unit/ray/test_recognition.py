"""What is asked of Ray: checked with a stand-in, and with Ray itself where it is installed."""

import sys
from types import ModuleType, SimpleNamespace

import pyarrow as pa
import pytest

import mien.ray
from builders import png
from bundle_builders import gray_of, tiny_bundle
from mien.errors import MienError, MissingExtraError
from mien.labels import EMOTIONS
from mien.ray.listing import list_images

PATHS = pa.table({"path": ["a.png"], "key": [1]})


class StandIn:
    """A data set with the methods of Ray's that are used; it runs the function at once."""

    def __init__(self, table):
        self.table = table

    def schema(self):
        return SimpleNamespace(names=self.table.column_names)

    def map_batches(self, kind, **options):
        assert options.pop("batch_format") == "pyarrow"
        worker = kind(*options.pop("fn_constructor_args"))
        size = options["batch_size"]
        parts = [worker(self.table.slice(at, size)) for at in range(0, len(self.table), size)]
        found = StandIn(pa.concat_tables(parts))
        found.options = options
        return found


@pytest.fixture
def ray(monkeypatch):
    """Install a stand-in of Ray."""
    data = ModuleType("ray.data")
    data.from_items = lambda items, override_num_blocks: StandIn(pa.Table.from_pylist(items))
    data.ActorPoolStrategy = dict
    monkeypatch.setitem(sys.modules, "ray", ModuleType("ray"))
    monkeypatch.setitem(sys.modules, "ray.data", data)


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    bundle = tiny_bundle(tmp_path_factory.mktemp("model") / "tiny.onnx")
    return {"bundle": bundle, "engine": "onnx", "detector": "whole"}


@pytest.fixture
def album(tmp_path):
    folder = tmp_path / "album"
    (folder / "more" / ".hidden").mkdir(parents=True)
    for at, name in enumerate(EMOTIONS):
        (folder / "more" / f"{at}.png").write_bytes(png(gray_of(name), (60, 50)))
    (folder / "notes.txt").write_text("no image")
    (folder / "more" / ".hidden" / "8.png").write_text("no image")
    return folder


def test_addresses_of_folders_files_and_patterns(album):
    names = [str(album / "more" / f"{at}.png") for at in range(7)]
    assert list_images(str(album)) == names
    assert list_images(f"{album}/**/*.png") == names
    assert list_images(f"file://{album}/more") == [f"file://{name}" for name in names]
    assert list_images(names[3]) == [names[3]]


@pytest.mark.parametrize("address", ["nowhere", "nothing://bucket/", "{album}/*.jpg"])
def test_addresses_without_images_are_one_line(album, address):
    with pytest.raises(MienError) as caught:
        list_images(address.format(album=album))
    assert "\n" not in str(caught.value)


def test_a_folder_becomes_faces(ray, options, album):
    found = mien.ray.recognize(str(album), actors=3, batch_size=4, cpus=1, **options)
    assert found.table["label"].to_pylist() == list(EMOTIONS)
    assert found.table["source"].to_pylist() == [str(album / "more" / f"{at}.png") for at in range(7)]
    assert found.options.pop("compute") == {"min_size": 3, "max_size": 3}
    assert found.options == {"batch_size": 4, "num_cpus": 1, "num_gpus": None}


def test_columns_are_chosen_by_name(ray, options):
    sad = png(gray_of("sad"), (60, 50))
    table = pa.table({"photo": [sad], "id": ["x"], "key": [5]})
    arguments = {"content": "photo", "source": "id", "keep": ["key", "key"]}
    found = mien.ray.recognize(StandIn(table), **arguments, **options).table
    assert found.select(["source", "label", "key"]).to_pylist() == [{"source": "x", "label": "sad", "key": 5}]


@pytest.mark.parametrize(
    ("columns", "arguments", "message"),
    [
        ({"x": [1]}, {}, "no column image or bytes or path: pass content=..., one of x"),
        ({"bytes": [b""]}, {}, "no column path with the names of images: pass source=..., one of bytes"),
        ({"path": ["a"]}, {"content": "photo"}, "no column 'photo' in the data set, which has path"),
        ({"path": ["a"]}, {"keep": ["key"]}, "no column 'key' in the data set"),
        ({"path": ["a"], "label": ["b"]}, {"keep": ["label"]}, "keep=label: a column of the result"),
        ({"path": ["a"]}, {"keep": "path"}, "keep='path', expected a list of strings"),
        ({"path": ["a"]}, {"actors": 0}, "actors=0, expected a number of processes"),
        ({"path": ["a"]}, {"actors": (2, 1)}, "actors=<tuple>, expected"),
        ({"path": ["a"]}, {"cpus": "2"}, "cpus='2', expected a number, 0.01 to 4,096"),
        ({"path": ["a"]}, {"min_face": -1}, "min_face -1"),
        ({"path": ["a"]}, {"detector": object()}, "detector"),
    ],
)
def test_wrong_columns_and_options_are_refused_before_the_work(ray, options, columns, arguments, message):
    with pytest.raises(MienError, match=message):
        mien.ray.recognize(StandIn(pa.table(columns)), **options | arguments)


@pytest.mark.parametrize("addresses", [[], ["a.png", 3]])
def test_what_are_no_addresses_is_refused(ray, addresses):
    with pytest.raises(MienError, match="addresses=<list>, expected an address of images, or a list of them"):
        mien.ray.recognize(addresses)


def test_what_is_no_data_set_is_refused(ray, options):
    with pytest.raises(MienError, match=r"dataset of type int, expected a ray\.data\.Dataset"):
        mien.ray.recognize(7, **options)


def test_without_ray_the_extra_is_named(monkeypatch, options):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mien\[ray\]'"):
        mien.ray.recognize(StandIn(PATHS), **options)


@pytest.mark.filterwarnings("default")  # Ray uses what it deprecates
def test_ray_itself(options, album, tmp_path):
    real = pytest.importorskip("ray")
    real.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        found = mien.ray.recognize(str(album), actors=1, **options)
        found.write_parquet(str(tmp_path / "out"))
        rows = real.data.read_parquet(str(tmp_path / "out")).to_pandas().sort_values("source")
        assert rows["label"].tolist() == list(EMOTIONS)
    finally:
        real.shutdown()
