"""The listing of a shard, of all kinds of inputs."""

import io

import numpy as np
import pytest

from builders import folder_of, png, zip_of
from bundle_builders import tiny_card
from mien.errors import MienError
from mien.recognition.sharding.listing import Listing
from mien.recognition.sharding.shard import Shard, hash_of
from mien.recognition.sources.finding import find_inputs
from mien.recognition.sources.items import FaceTable
from mien.recognition.sources.tables import read_table

PIXEL = png(200, (3, 4))


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def inputs_of(*words, stdin=b""):
    return find_inputs(words, io.BytesIO(stdin))


def listing_of(shard, *words, stdin=b""):
    return Listing.of(inputs_of(*words, stdin=stdin), shard, tiny_card(), 1)


def sources_of(inputs):
    """Return the names of what is recognized: the rows of data sets, too."""
    for item in inputs:
        parts = read_table(item, 48, 1, str, 1) if isinstance(item, FaceTable) else [item]
        for part in parts:
            yield from getattr(part, "sources", None) or ([part.source] if hasattr(part, "source") else [])


@pytest.fixture
def words(here):
    folder_of(here / "album", {f"{at}.png": PIXEL for at in range(9)})
    folder_of(here / "album" / "more", {"x.png": PIXEL, "film.mp4": b""})
    (here / "film.mp4").write_bytes(b"")
    zip_of(here / "photos.zip", {f"in/{at}.png": PIXEL for at in range(5)})
    return "album", "film.mp4", "photos.zip", "synthetic:20"


def test_shards_take_each_input_once_and_know_its_position(words):
    whole = list(sources_of(inputs_of(*words)))
    shards = [Shard(number, 3) for number in (1, 2, 3)]
    parts = [list(sources_of(inputs_of(*words).where(shard.contains))) for shard in shards]
    assert sorted(source for part in parts for source in part) == sorted(whole)
    assert len(whole) == 36
    for shard, part in zip(shards, parts, strict=True):
        listing = listing_of(shard, *words)
        assert [whole[position] for position in listing.positions] == part
        assert listing.hashes.tolist() == [hash_of(source) for source in part]
        assert listing.inputs.count == 36


def test_digests_show_other_inputs_and_another_order(words):
    shard = Shard(1, 3)
    one, other = listing_of(shard, *words).inputs, listing_of(shard, *words[::-1]).inputs
    assert (one.names, one.count) == (other.names, other.count)
    assert one.order != other.order
    assert listing_of(shard, *words[1:]).inputs.names != one.names
    assert listing_of(Shard(2, 3), *words).inputs == one


def test_images_of_other_shards_are_not_opened(words, monkeypatch):
    opened = []
    monkeypatch.setattr(
        "mien.recognition.sources.folders.is_annotated", lambda path: opened.append(str(path))
    )
    shard = Shard(1, 3)
    listing_of(shard, "album")
    assert opened
    assert all(map(shard.contains, opened))


def test_zips_are_listed_without_reading_their_images(words, monkeypatch):
    monkeypatch.setattr("mien.recognition.sources.archives._read", None)
    assert len(listing_of(Shard(1, 1), "photos.zip")) == 5


def test_annotated_images_are_not_of_the_shard(words, monkeypatch):
    monkeypatch.setattr("mien.recognition.sources.folders.is_annotated", lambda path: path.stem == "3")
    listing = listing_of(Shard(1, 1), "album")
    assert (len(listing), listing.inputs.count) == (9, 10)
    assert hash_of("album/3.png") not in listing.hashes.tolist()


def test_what_cannot_be_read_is_listed_once(here):
    (here / "empty").mkdir()
    (here / "bad.zip").write_bytes(b"PK\x03\x04nothing")
    words = ("empty", "bad.zip")
    failures = [list(inputs_of(*words).where(Shard(number, 2).contains)) for number in (1, 2)]
    assert sorted(item.source for some in failures for item in some) == ["bad.zip", "empty"]
    assert [listing_of(Shard(number, 2), *words).inputs.count for number in (1, 2)] == [2, 2]


def test_an_input_that_is_listed_twice_is_refused(words):
    with pytest.raises(MienError, match=r"^album/4\.png: listed twice"):
        listing_of(Shard(1, 1), "album", "album/4.png")


def test_no_inputs_are_an_empty_listing(here):
    listing = listing_of(Shard(1, 1), "synthetic:1")
    assert len(listing) == 1
    assert listing.positions.dtype == np.uint64
