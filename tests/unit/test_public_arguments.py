"""Public functions, methods and constructors with wrong arguments: one line of `MienError`, or it works."""

import asyncio
import inspect
import io
import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mien
from builders import faces, predictions
from bundle_builders import in_memory, tiny_card, tiny_recognizer
from mien.auditing.audit import Audit
from mien.detection.box import Box
from mien.detection.whole import WholeImage
from mien.errors import MienError
from mien.evaluation.robustness.corruptions import CORRUPTIONS
from mien.evaluation.robustness.measure import measure_robustness
from mien.evaluation.scoring import evaluate
from mien.evaluation.shifts.measure import measure_shifts
from training_builders import TINY, tiny_run
from tuning_builders import tiny_study

IMAGE = np.zeros((48, 48, 3), np.uint8)
CLOSED = io.BytesIO(b"x")
CLOSED.close()

WRONG: tuple[Any, ...] = (
    None, True, -1, 2**70, 10**5000, 0.5, math.nan, math.inf, 1j, "",
    "x", "\0", "a\nb", "\udcff", "\ud800", b"x",
    [], [None], [99], {}, {1: 2}, {"x": 1}, object(), object, len, CLOSED, NotImplemented, Path("nowhere"),
    np.array(1), np.zeros(3), np.zeros((2, 2), complex), np.zeros((0, 0, 3), np.uint8), np.array(["a"]),
    np.array([None]), range(10**12),
)  # fmt: skip
"""Values that most arguments can't have."""


class Case:
    """A call with valid arguments, each of which is replaced by wrong values in turn."""

    def __init__(self, function: Callable[..., Any], **arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __call__(self, **changes: Any) -> None:
        """Call it, and use what it returns."""
        found = self.function(**self.arguments | changes)
        if inspect.isawaitable(found):
            found = asyncio.run(found)  # type: ignore[arg-type]
        if inspect.isgenerator(found):
            list(itertools.islice(found, 2))
        repr(found)


def public_names() -> list[str]:
    """Return the names of all functions, constructors and methods with arguments that are public."""
    found = []
    for name in mien.__all__:
        value = getattr(mien, name)
        if callable(value):
            found.append(name)
        if inspect.isclass(value):
            found += [f"{name}.{method}" for method in methods_of(value)]
    return found


def methods_of(cls: type) -> list[str]:
    """Return the names of the public methods of a class that mien defines and that have arguments."""
    return [
        name
        for name, value in inspect.getmembers(cls, callable)
        if (name == "__call__" or not name.startswith("_"))
        and getattr(value, "__module__", "").startswith("mien.")
        and not inspect.isclass(value)
        and parameters_of(value)
    ]


def parameters_of(function: Callable[..., Any]) -> set[str]:
    """Return the names of the parameters of a function, without `self` and `**names`."""
    parameters = inspect.signature(function).parameters.values()
    return {one.name for one in parameters if one.name != "self" and one.kind != one.VAR_KEYWORD}


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """Return a case for each of the public names."""
    folder = tmp_path_factory.mktemp("arguments")
    (folder / "photos").mkdir()
    mien_faces, scored, bundle = faces(7), predictions(7), in_memory()
    run = mien.Run(tiny_run(folder / "run", source="synthetic:7").path)
    recognizer = tiny_recognizer(WholeImage())
    lr = {"optimizer.lr": {"low": 0.01, "high": 0.1}}
    study = tiny_study(folder / "study")
    result = recognizer.recognize(IMAGE)
    (face,) = result.faces
    evaluation, board = evaluate(scored), mien.compare(scored, scored)
    with_images = replace(scored, images=mien_faces.images)
    by_light = mien.evaluate_groups(scored, {"light": ["dark"] * len(scored)})
    shifts = measure_shifts(scored, lambda faces: np.eye(7, dtype=np.float32)[[0] * len(faces)], ())
    robustness = measure_robustness(scored, lambda _: scored.probabilities, corruptions=CORRUPTIONS[:1])
    fields = {name: getattr(face, name) for name in mien.Face.__dataclass_fields__}
    client = mien.Client("http://127.0.0.1:1", patience=0, timeout=1)
    remote = mien.AsyncClient("http://127.0.0.1:1", patience=0, timeout=1)
    boxes = [(1, 2, 30, 40)]
    video: dict[str, Any] = {"every": 1, "detect_every": 3, "smooth": 0.5}
    options: dict[str, Any] = {"tta": False, "data": None, "device": "cpu"}
    one_image: dict[str, Any] = {"image": IMAGE, "boxes": boxes, "bgr": False}
    connection: dict[str, Any] = {
        "address": "http://127.0.0.1:1", "token": None, "bundle": None, "detector": None, "threshold": None,
        "min_face": 0, "max_faces": None, "detector_threshold": None, "any_orientation": False, "timeout": 1,
        "patience": 0, "transport": None,
    }  # fmt: skip
    remote_methods = {
        "__call__": one_image,
        "recognize": one_image | {"keep_image": False},
        "batch": {"images": [IMAGE], "bgr": False},
        "recognize_many": {"images": [IMAGE], "bgr": False},
        "classify": {"faces": mien_faces.images},
        "explain": {
            "image": IMAGE,
            "class_name": None,
            "method": "occlusion",
            "x": 1,
            "y": 1,
            "bgr": False,
        },
        "submit": {"video": b"x", "name": None, **video},
        "stream": {"video": b"x", **video},
        "job": {"number": "1"},
        "live": {"smooth": 0.5, "detect_every": 1},
    }
    notified = mien.Callback()
    moments = {
        name: dict.fromkeys(parameters_of(getattr(mien.Callback, name))) for name in methods_of(mien.Callback)
    }
    return {
        **{name: Case(getattr(mien, name), message="x", path="x", row=1, expected="x") for name in ERRORS},
        "ServerError": Case(
            mien.ServerError, message="x", status=404, kind="x", title="x", errors=(), retry_after=1
        ),
        "MissingExtraError": Case(mien.MissingExtraError, package="x", extra="train"),
        "Bundle": Case(mien.Bundle, **{name: getattr(bundle, name) for name in bundle.__dataclass_fields__}),
        "Callback": Case(mien.Callback),
        **{f"Callback.{name}": Case(getattr(notified, name), **moments[name]) for name in moments},
        "Client": Case(mien.Client, **connection),
        "AsyncClient": Case(mien.AsyncClient, **connection),
        **{f"Client.{name}": Case(getattr(client, name), **remote_methods[name]) for name in remote_methods},
        **{
            f"AsyncClient.{name}": Case(getattr(remote, name), **remote_methods[name])
            for name in remote_methods
        },
        "Comparison": Case(mien.Comparison, **board.pairs[0].model_dump()),
        "Leaderboard": Case(mien.Leaderboard, **board.model_dump()),
        "Leaderboard.comparison": Case(
            board.comparison, system=board.systems[0].system, against=board.systems[1].system
        ),
        "GroupEvaluation": Case(mien.GroupEvaluation, **by_light.model_dump()),
        "Robustness": Case(mien.Robustness, **robustness.model_dump()),
        "ShiftEvaluation": Case(mien.ShiftEvaluation, **shifts.model_dump()),
        "Evaluation": Case(mien.Evaluation, **evaluation.model_dump()),
        "Evaluation.require_probabilities": Case(evaluation.require_probabilities, purpose="x"),
        "Evaluation.plot_confusion": Case(evaluation.plot_confusion, ax=None),
        "Evaluation.plot_reliability": Case(evaluation.plot_reliability, ax=None),
        "Evaluation.plot_selective_accuracy": Case(evaluation.plot_selective_accuracy, ax=None),
        "Face": Case(lambda **changes: mien.Face(**changes).to_dict(), **fields),
        "Face.from_dict": Case(mien.Face.from_dict, values=face.to_dict()),
        "Face.from_probabilities": Case(
            mien.Face.from_probabilities,
            box=Box(0, 0, 9, 9),
            score=1.0,
            classes=("a", "b"),
            probabilities=(0.5, 0.5),
            threshold=0.1,
            track=None,
            tilt=0.0,
            landmarks=None,
            doubt=None,
        ),
        "FaceSet": Case(mien.FaceSet, **vars(mien_faces)),
        "FaceSet.take": Case(mien_faces.take, index=[0]),
        "FaceSet.of_split": Case(mien_faces.of_split, split="train"),
        "FaceSet.in_split": Case(mien_faces.in_split, split="train"),
        "Predictions": Case(lambda **changes: mien.evaluate(mien.Predictions(**changes)), **vars(scored)),
        "Predictions.take": Case(scored.take, index=[0]),
        "Predictions.require_images": Case(with_images.require_images, purpose="x"),
        "Predictions.require_probabilities": Case(scored.require_probabilities, purpose="x", name="x"),
        "Recipe": Case(mien.Recipe, **dict(TINY)),
        "Recognizer": Case(
            mien.Recognizer,
            metadata=tiny_card(),
            engine=recognizer.engine,
            detector=WholeImage(),
            threshold=None,
            selection=None,
            threads=None,
            tolerate_truncated=False,
        ),
        "Recognizer.__call__": Case(recognizer, **one_image),
        "Recognizer.recognize": Case(recognizer.recognize, **one_image, keep_image=True),
        "Recognizer.batch": Case(recognizer.batch, images=[IMAGE], bgr=False),
        "Recognizer.classify": Case(recognizer.classify, faces=mien_faces.images),
        "Recognizer.crops": Case(recognizer.crops, image=IMAGE, detections=[], framing=None),
        "Recognizer.stream": Case(
            recognizer.stream, video="nowhere.mp4", **video, start=0, end=1, boxes=boxes, keep_images=False
        ),
        "Result": Case(use, **{name: getattr(result, name) for name in result.__dataclass_fields__}),
        "Result.from_dict": Case(mien.Result.from_dict, values=result.to_dict()),
        "Result.crops": Case(result.crops, size=8),
        "Run": Case(mien.Run, path=run.path, data=None),
        "Run.predictions": Case(run.predictions, split="test", **options),
        "Run.evaluate": Case(run.evaluate, split="test", **options),
        "Run.report": Case(run.report, split="test", **options, out=None, explain=False),
        "Run.export": Case(
            run.export, out=None, int8=False, tta=False, flip=False, blur=False, data=None, name=None
        ),
        "Run.resume": Case(run.resume, data=None, callbacks=(), device="cpu", recover=False, epochs=None),
        "Study": Case(mien.Study, path=study.path),
        "Study.recipe_of": Case(study.recipe_of, trial=study.trials[0]),
        "Study.resume": Case(
            study.resume, data=None, trials=1, hours=1e-6, callbacks=(), progress=None, device="cpu"
        ),
        "Study.run": Case(study.run, trial=0),
        "audit": Case(
            mien.audit,
            source=mien_faces,
            out=None,
            folds=None,
            predictions=None,
            recipe=TINY,
            overrides=(),
            callbacks=(),
            device="cpu",
            ferplus=None,
            size=48,
            channels=1,
            faces="whole",
            classes=None,
            skip_bad=False,
            step=str,
        ),
        "compare": Case(
            lambda systems, **rest: mien.compare(systems, scored, **rest),
            systems=scored,
            split=None,
            faces=None,
            classes=None,
            names=["a", "b"],
            speed=False,
            **options,
        ),
        "compare_runs": Case(lambda runs: mien.compare_runs(runs, folder / "run"), runs=folder),
        "crop_faces": Case(
            mien.crop_faces,
            source=folder / "photos",
            dest=folder / "crops",
            size=48,
            all_faces=False,
            min_face=0,
            detector="whole",
            detector_model=None,
            detector_digest=None,
            offline=True,
            every=None,
            interval=1,
            max_frames=None,
            force=True,
            progress=None,
            notice=str,
        ),
        "draw": Case(mien.draw, image=IMAGE, result=result),
        "evaluate": Case(
            mien.evaluate, system=scored, split=None, **options, faces=None, classes=None, audit=None
        ),
        "evaluate_corruptions": Case(
            mien.evaluate_corruptions,
            system=bundle,
            split="test",
            **options | {"data": "synthetic:20"},
            faces=None,
            classes=None,
            limit=1,
        ),
        "evaluate_shifts": Case(
            mien.evaluate_shifts,
            system=bundle,
            split="test",
            **options | {"data": "synthetic:20"},
            faces=None,
            classes=None,
            limit=1,
            detector_model=None,
        ),
        "evaluate_groups": Case(
            mien.evaluate_groups,
            system=scored,
            groups={"light": ["dark"] * len(scored)},
            split=None,
            **options,
            faces=None,
            classes=None,
            predicted=False,
        ),
        "explain": Case(
            lambda images, **more: mien.explain(images, **more, detector="whole", min_face=1000),
            images=IMAGE,
            bundle=bundle,
            run=None,
            method="occlusion",
            class_name=None,
            limit=1,
            checks=False,
            device=None,
            progress=None,
        ),
        "export": Case(
            lambda parts, **more: mien.export(parts, **more),
            parts=run,
            out=None,
            int8=False,
            tta=False,
            flip=False,
            blur=False,
            data=None,
            name=None,
            calibration="auto",
            logit_adjustment=0.0,
        ),
        "export_web": Case(
            lambda bundles, **more: mien.export_web(bundles, **more),
            bundles=bundle,
            out=folder / "site",
            detectors=("whole",),
            ort=folder,
            detector_model=None,
            offline=True,
        ),
        "list_recipes": Case(mien.list_recipes),
        "load": Case(
            mien.load,
            bundle="small",
            engine=recognizer.engine,
            detector=WholeImage(),
            detector_model=None,
            detector_digest=None,
            device="cpu",
            threads=1,
            threshold=0.5,
            min_face=0,
            max_faces=None,
            largest=False,
            detector_threshold=None,
            any_orientation=False,
            tolerate_truncated=False,
            offline=True,
            notice=str,
        ),
        "lr_range": Case(
            mien.lr_range,
            recipe=TINY,
            data=mien_faces,
            low=1e-3,
            high=1e-2,
            batches=20,
            overrides=(),
            device="cpu",
            pretrained=None,
            ferplus=None,
            faces=None,
            classes=None,
            skip_bad=False,
        ),
        "tune": Case(
            mien.tune,
            recipe=TINY,
            data=mien_faces,
            space=lr,
            out=folder / "tuned",
            trials=1,
            hours=1e-6,
            overrides=(),
            callbacks=(),
            progress=None,
            device="cpu",
            pretrained=None,
            ferplus=None,
            faces=None,
            classes=None,
            skip_bad=False,
            seed=0,
            pruning=True,
        ),
        "stack": Case(
            mien.stack,
            predictions=[predictions(10)],
            data=mien_faces,
            ferplus=None,
            folds=2,
            seed=0,
            classes=None,
            skip_bad=False,
        ),
        "merge": Case(mien.merge, shards=[folder / "1.csv"], output=folder / "merged.csv", force=False),
        "out_of_fold": Case(
            mien.out_of_fold,
            recipe=TINY,
            data=mien_faces,
            folds=2,
            seed=0,
            out=folder / "folds",
            split="train",
            overrides=(),
            callbacks=(),
            device="cpu",
            ferplus=None,
            faces=None,
            classes=None,
            skip_bad=False,
        ),
        "read_bundle": Case(mien.read_bundle, name="small"),
        "read_faces": Case(
            mien.read_faces,
            **{
                name: None if one.default is one.empty else one.default
                for name, one in inspect.signature(mien.read_faces).parameters.items()
            }
            | {"source": "synthetic:7"},
        ),
        "read_recipe": Case(mien.read_recipe, name="fast", overrides=()),
        "resume": Case(
            mien.resume,
            run=run,
            data=None,
            callbacks=(),
            device="cpu",
            devices=None,
            nodes=None,
            recover=False,
            epochs=None,
        ),
        "runs": Case(mien.runs, folder=folder),
        "train": Case(
            mien.train,
            recipe=TINY,
            data=mien_faces,
            out=folder / "new",
            overrides=(),
            callbacks=(),
            device="cpu",
            devices=None,
            nodes=None,
            pretrained=None,
            ferplus=None,
            faces=None,
            classes=None,
            skip_bad=False,
        ),
    }


ERRORS = [
    name
    for name in mien.__all__
    if name.endswith("Error") and name not in ("MissingExtraError", "ServerError")
]


def use(**fields: Any) -> None:
    """Make a result and call what users call."""
    result = mien.Result(**fields)
    result.to_json(), result._repr_html_()
    if result.image is not None:
        result.crops(8), result.plot()
    result.to_frame()


@pytest.mark.parametrize("name", public_names())
def test_wrong_arguments_are_one_line_or_work(
    name: str, cases: dict[str, Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mien.training.runner.train_run", lambda *_, **__: None)
    monkeypatch.setattr("mien.api.audit.audit_faces", lambda some, *_: Audit(some, ()))
    case = cases[name]
    public: Any = mien
    for part in name.split("."):
        public = getattr(public, part)
    assert set(case.arguments) >= parameters_of(public)
    faults = [
        fault for argument in case.arguments for value in WRONG if (fault := fault_of(case, argument, value))
    ]
    assert faults == []


def fault_of(case: Case, argument: str, value: object) -> str | None:
    """Return how a call with a wrong value fails, unless it works or raises one line of `MienError`."""
    try:
        case(**{argument: value})
    except MienError as error:
        return f"{argument}: {error}" if "\n" in str(error) else None
    except Exception as error:  # noqa: BLE001 - the fault
        return f"{argument}, {type(value).__name__}: {type(error).__name__}: {error}"
    return None
