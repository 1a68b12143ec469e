"""Shards of a few results, written as `mien predict --shard` does."""

from itertools import count

import numpy as np

from mien.labels import EMOTIONS
from mien.output.shards import ShardSession
from mien.output.writers import open_writer
from mien.recognition.sharding.listing import InputDigests, Listing
from mien.recognition.sharding.shard import hash_of
from result_builders import face, result

INPUTS = InputDigests(40, "a" * 32, "b" * 32)
RESULTS = [
    *(result(f"{at}.jpg", *[face("sad", 0.3 + at / 100)] * (at % 3)) for at in range(37)),
    *(result("film.mp4", face(track=1), frame=frame, time=frame / 25) for frame in range(3)),
    result('\udcff "x",\n\\.jpg', face()),
]
POSITION = dict(zip(dict.fromkeys(one.source for one in RESULTS), count(), strict=False))


def listing_of(sources):
    columns = [(POSITION[source], hash_of(source)) for source in dict.fromkeys(sources)]
    return Listing(INPUTS, *np.array(columns, np.uint64).reshape(-1, 2).T)


def write_shard(folder, shard, name="csv", some=None, listed=None, failures=(), complete=True):
    """Write a shard of the results, or other results under the name of the shard."""
    own = [one for one in RESULTS if shard.contains(one.source)] if some is None else some
    path = folder / f"{shard.number}.{name}"
    listing = listing_of(listed or [one.source for one in own])
    with ShardSession.begin(
        {path: name}, shard, EMOTIONS, {"bundle": "small", "engine": "onnx"}, listing
    ) as session:
        with open_writer(name, path, EMOTIONS, kept=True) as writer:
            for one in own:
                writer.write(one)
        if complete:
            session.complete(failures)
    return path
