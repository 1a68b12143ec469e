"""The files of a recognizer, sent to the actors: other machines need neither the files nor a network."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.bundles.reading import find_bundle
from mien.detection.options import DetectorOptions
from mien.detection.yunet.download import fetch_yunet
from mien.detection.yunet.model_file import chosen_digest, chosen_file, read_model
from mien.errors import MienError
from mien.files.writing import write_bytes

if TYPE_CHECKING:
    from mien.recognition.recognizer import Recognizer


@dataclass(frozen=True)
class Model:
    """What an actor loads.

    Attributes:
        bundle: Content of the bundle.
        detector_model: Content of the file of YuNet; None for other detectors.
        options: The other arguments of `mien.load`. Detector and engine are chosen, so that all actors use
            the same.
    """

    bundle: bytes
    detector_model: bytes | None
    options: Mapping[str, Any]

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "tuple[Model, Recognizer]":
        """Load a recognizer here, which checks its options, and return what loads it elsewhere, and itself.

        Raises:
            MienError: The options are wrong, or an engine or a detector is an object.
        """
        from mien.recognition.load import load

        recognizer = load(**options)
        if recognizer.arguments is None:
            raise MienError("engine and detector must be names, since actors in other processes load them")
        chosen = dict(recognizer.arguments) | {"threshold": recognizer.threshold, "offline": True}
        bundle = find_bundle(chosen.pop("bundle")).read_bytes()
        path = chosen.pop("detector_model")
        chosen |= {"detector": recognizer.detector.name, "engine": recognizer.engine.name}
        content = _yunet(path, chosen["detector_digest"]) if chosen["detector"] == "yunet" else None
        if content is not None:
            chosen["detector_digest"] = getattr(recognizer.detector, "version", None)
        return cls(bundle, content, chosen), recognizer

    def load(self) -> "Recognizer":
        """Return the recognizer, of temporary files."""
        from mien.recognition.load import load

        with tempfile.TemporaryDirectory(prefix="mien-") as folder:
            bundle, model = Path(folder, "bundle.onnx"), Path(folder, "yunet.onnx")
            write_bytes(bundle, self.bundle)
            if self.detector_model is not None:
                write_bytes(model, self.detector_model)
            return load(bundle, detector_model=None if self.detector_model is None else model, **self.options)


def _yunet(path: Path | None, digest: str | None) -> bytes:
    options = DetectorOptions(path, offline=True, notice=lambda _: None, digest=digest)
    chosen = chosen_file(options)
    if chosen is not None:
        return read_model(chosen, chosen_digest(options))
    return fetch_yunet(offline=True, notice=options.notice)
