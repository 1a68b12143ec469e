"""mien: facial expression recognition, from a data set to a trained, evaluated and exported model.

    import mien

    run = mien.train("fast", data="fer2013.csv", out="runs/fast")
    run.evaluate("validation").accuracy
    run.export("mine.onnx", int8=True)

    for face in mien.load("mine.onnx").recognize("photo.jpg").faces:
        print(face.label, face.confidence, face.box)

Every name is imported on first use, so `import mien` itself takes a few milliseconds.
"""

from mien.lazy import lazy_names

TYPE_CHECKING = False  # as in `typing`, whose import takes longer than that of this module

if TYPE_CHECKING:
    from mien.api.audit import audit
    from mien.api.cropping import crop_faces
    from mien.api.evaluation import (
        compare,
        evaluate,
        evaluate_corruptions,
        evaluate_groups,
        evaluate_shifts,
    )
    from mien.api.explaining import explain
    from mien.api.exporting import export
    from mien.api.folds import out_of_fold
    from mien.api.merging import merge
    from mien.api.run import Run
    from mien.api.runs import compare_runs, runs
    from mien.api.stacking import stack
    from mien.api.study import Study
    from mien.api.training import resume, train
    from mien.api.tuning import lr_range, tune
    from mien.api.web import export_web
    from mien.bundles.reading import Bundle, read_bundle
    from mien.client.async_client import AsyncClient
    from mien.client.client import Client
    from mien.config.load import list_recipes, read_recipe
    from mien.config.recipe import Recipe
    from mien.data import read_faces
    from mien.drawing.drawing import draw
    from mien.errors import (
        BundleError,
        DataError,
        DetectorError,
        GraphError,
        ImageError,
        MienError,
        MissingExtraError,
        OutputError,
        PredictionsError,
        RecipeError,
        RunError,
        ServerError,
    )
    from mien.evaluation.comparison import Comparison
    from mien.evaluation.evaluation import Evaluation
    from mien.evaluation.groups.result import GroupEvaluation
    from mien.evaluation.leaderboard.leaderboard import Leaderboard
    from mien.evaluation.robustness.result import Robustness
    from mien.evaluation.shifts.result import ShiftEvaluation
    from mien.faceset import FaceSet
    from mien.predictions import Predictions
    from mien.recognition.face import Face, Result
    from mien.recognition.load import load
    from mien.recognition.recognizer import Recognizer
    from mien.training.callbacks import Callback

__all__ = [
    "AsyncClient",
    "Bundle",
    "BundleError",
    "Callback",
    "Client",
    "Comparison",
    "DataError",
    "DetectorError",
    "Evaluation",
    "Face",
    "FaceSet",
    "GraphError",
    "GroupEvaluation",
    "ImageError",
    "Leaderboard",
    "MienError",
    "MissingExtraError",
    "OutputError",
    "Predictions",
    "PredictionsError",
    "Recipe",
    "RecipeError",
    "Recognizer",
    "Result",
    "Robustness",
    "Run",
    "RunError",
    "ServerError",
    "ShiftEvaluation",
    "Study",
    "__version__",
    "audit",
    "compare",
    "compare_runs",
    "crop_faces",
    "draw",
    "evaluate",
    "evaluate_corruptions",
    "evaluate_groups",
    "evaluate_shifts",
    "explain",
    "export",
    "export_web",
    "list_recipes",
    "load",
    "lr_range",
    "merge",
    "out_of_fold",
    "read_bundle",
    "read_faces",
    "read_recipe",
    "resume",
    "runs",
    "stack",
    "train",
    "tune",
]

__version__ = "0.2.0"

_HOMES = {
    "AsyncClient": "mien.client.async_client",
    "Bundle": "mien.bundles.reading",
    "BundleError": "mien.errors",
    "Callback": "mien.training.callbacks",
    "Client": "mien.client.client",
    "Comparison": "mien.evaluation.comparison",
    "DataError": "mien.errors",
    "DetectorError": "mien.errors",
    "Evaluation": "mien.evaluation.evaluation",
    "Face": "mien.recognition.face",
    "FaceSet": "mien.faceset",
    "GraphError": "mien.errors",
    "GroupEvaluation": "mien.evaluation.groups.result",
    "ImageError": "mien.errors",
    "Leaderboard": "mien.evaluation.leaderboard.leaderboard",
    "MienError": "mien.errors",
    "MissingExtraError": "mien.errors",
    "OutputError": "mien.errors",
    "Predictions": "mien.predictions",
    "PredictionsError": "mien.errors",
    "Recipe": "mien.config.recipe",
    "RecipeError": "mien.errors",
    "Recognizer": "mien.recognition.recognizer",
    "Result": "mien.recognition.face",
    "Run": "mien.api.run",
    "Robustness": "mien.evaluation.robustness.result",
    "RunError": "mien.errors",
    "ServerError": "mien.errors",
    "ShiftEvaluation": "mien.evaluation.shifts.result",
    "Study": "mien.api.study",
    "audit": "mien.api.audit",
    "compare": "mien.api.evaluation",
    "compare_runs": "mien.api.runs",
    "crop_faces": "mien.api.cropping",
    "draw": "mien.drawing.drawing",
    "evaluate": "mien.api.evaluation",
    "evaluate_corruptions": "mien.api.evaluation",
    "evaluate_groups": "mien.api.evaluation",
    "evaluate_shifts": "mien.api.evaluation",
    "explain": "mien.api.explaining",
    "export": "mien.api.exporting",
    "export_web": "mien.api.web",
    "list_recipes": "mien.config.load",
    "load": "mien.recognition.load",
    "lr_range": "mien.api.tuning",
    "merge": "mien.api.merging",
    "out_of_fold": "mien.api.folds",
    "read_bundle": "mien.bundles.reading",
    "read_faces": "mien.data.sources",
    "read_recipe": "mien.config.load",
    "resume": "mien.api.training",
    "runs": "mien.api.runs",
    "stack": "mien.api.stacking",
    "train": "mien.api.training",
    "tune": "mien.api.tuning",
}

__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
