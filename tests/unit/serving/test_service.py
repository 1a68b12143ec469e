"""Recognition for concurrent requests; what its answers contain is tested with the routes."""

import asyncio
import threading

import pytest

from mien.serving import service
from mien.serving.catalog import Choice
from mien.serving.metrics import Metrics
from mien.serving.problems import Problem
from mien.serving.service import RecognitionService


@pytest.fixture
def recognition(options):
    made = RecognitionService(options(detectors=("whole",), threads=1), Metrics(), lambda _: None)
    yield made
    made.close()


def test_what_a_choice_opens_is_kept(recognition, monkeypatch):
    monkeypatch.setattr(service, "MAX_CHOICES", 2)

    async def main():
        first = await recognition.components(Choice())
        assert await recognition.components(Choice()) is first
        other = await recognition.components(Choice(threshold=0.25))
        assert (other.classifier.threshold, other.classifier.engine) == (0.25, first.classifier.engine)
        await recognition.components(Choice(threshold=0.5))  # one too many: all are forgotten
        assert await recognition.components(Choice()) is not first
        for _ in range(2):
            with pytest.raises(Problem, match="nope"):
                await recognition.components(Choice("nope"))

    asyncio.run(main())


def test_frames_and_known_choices_do_not_wait_behind_images(recognition):
    held = threading.Event()

    async def main():
        await recognition.components(Choice())
        images = asyncio.create_task(recognition.run(lambda: held.wait(30)))
        try:
            async with asyncio.timeout(20):
                assert await recognition.run_frame(lambda: "frame") == "frame"
                assert (await recognition.components(Choice())).detector.name == "whole"
            assert not images.done()
        finally:
            held.set()
        await images

    asyncio.run(main())
