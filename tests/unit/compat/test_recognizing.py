"""Recognizers for other interfaces."""

from bundle_builders import tiny_recognizer
from mien.compat.recognizing import shared_recognizer


def test_a_recognizer_is_loaded_once(monkeypatch):
    loads = []

    def load(bundle, **options):
        loads.append((bundle, options))
        return tiny_recognizer()

    monkeypatch.setattr("mien.compat.recognizing.load", load)
    shared_recognizer.cache_clear()
    first = shared_recognizer("small", "whole", 50.0)
    assert shared_recognizer("small", "whole", 50.0) is first
    assert loads == [("small", {"detector": "whole", "min_face": 50.0})]
    shared_recognizer.cache_clear()
