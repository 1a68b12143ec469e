import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mien.errors import BundleError
from mien.serving.batching import Batcher


def crops(*values):
    return np.array(values, np.uint8).reshape(-1, 1, 1)


def doubled(batch):
    return 2 * batch.reshape(-1, 1).astype(np.float32)


def run(body, classify=doubled, **options):
    with ThreadPoolExecutor(2) as pool:
        return asyncio.run(body(Batcher(classify, pool, **options)))


def test_each_caller_gets_its_own_rows():
    async def body(batcher):
        sent = [crops(*range(start, start + start % 4)) for start in range(60)]
        found = await asyncio.gather(*(batcher(one) for one in sent))
        return [
            (one.ravel().tolist(), answer.ravel().tolist()) for one, answer in zip(sent, found, strict=True)
        ]

    for sent, found in run(body):
        assert found == [2 * value for value in sent]


def test_faces_gather_while_a_batch_is_computed():
    gate, sizes = threading.Event(), []

    def slow(batch):
        gate.wait(10)
        return doubled(batch)

    async def body(batcher):
        first = asyncio.create_task(batcher(crops(1)))
        await asyncio.sleep(0.01)
        others = [asyncio.create_task(batcher(crops(number))) for number in range(2, 12)]
        await asyncio.sleep(0.01)
        gate.set()
        await asyncio.gather(first, *others)

    run(body, slow, observe=sizes.append, most=8)
    assert sizes == [1, 8, 2]


def test_a_caller_with_more_than_a_batch_is_not_split():
    sizes = []

    async def body(batcher):
        await batcher(crops(*range(20)))

    run(body, observe=sizes.append, most=8)
    assert sizes == [20]


def test_an_error_reaches_each_caller_of_the_batch_and_no_other():
    def fails_on_seven(batch):
        if 7 in batch:
            raise BundleError("seven")
        return doubled(batch)

    async def body(batcher):
        with pytest.raises(BundleError, match="seven"):
            await batcher(crops(7))
        return await batcher(crops(3))

    assert run(body, fails_on_seven).tolist() == [[6.0]]


def test_a_caller_that_left_does_not_disturb_the_others():
    async def body(batcher):
        left = asyncio.create_task(batcher(crops(1)))
        stays = asyncio.create_task(batcher(crops(2)))
        await asyncio.sleep(0)
        left.cancel()
        return await stays

    assert run(body).tolist() == [[4.0]]
