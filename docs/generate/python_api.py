"""The reference of the Python API: the names on each page. mkdocstrings fills the pages from docstrings.

`TOPICS` has every name of `mien.__all__`, and `MODULES` the modules below `mien` that are public; the tests
compare.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from generate.markdown import table

FOLDER: Final = "reference/python"


class Topic(NamedTuple):
    """One page.

    Attributes:
        title: Its heading.
        text: Its introduction, in Markdown.
        names: Names of `mien`, or paths of names and modules below it.
    """

    title: str
    text: str
    names: Sequence[str]


TOPICS: Final = {
    "recognition": Topic(
        "Recognition",
        "Expressions of faces in images and videos: see the guides [Images](../../guides/images.md) and "
        "[Video](../../guides/video.md).",
        ("load", "Recognizer", "Result", "Face", "draw", "crop_faces", "merge"),
    ),
    "client": Topic(
        "Client of the REST API",
        "Calls of a server that `mien serve` runs: see [REST API](../../guides/rest-api.md).",
        ("Client", "AsyncClient"),
    ),
    "data": Topic("Data sets", "Faces with labels, from any source.", ("read_faces", "FaceSet", "audit")),
    "recipes": Topic(
        "Recipes",
        "The configuration of a training; [Recipes](../../recipes/index.md) lists those that are installed.",
        ("list_recipes", "read_recipe", "Recipe"),
    ),
    "training": Topic(
        "Training",
        "From a recipe and a data set to a run folder.",
        ("train", "resume", "Run", "Callback", "runs", "compare_runs", "out_of_fold", "stack"),
    ),
    "tuning": Topic(
        "Tuning",
        "Searches of better values of a recipe's keys: see [Tuning](../../guides/tune.md).",
        ("tune", "Study", "lr_range"),
    ),
    "evaluation": Topic(
        "Evaluation",
        "Metrics, paired tests and leaderboards: see [Evaluate](../../guides/evaluate.md) and "
        "[Compare](../../guides/compare.md).",
        (
            "evaluate",
            "Evaluation",
            "Predictions",
            "compare",
            "Comparison",
            "Leaderboard",
            "evaluate_corruptions",
            "Robustness",
            "evaluate_shifts",
            "ShiftEvaluation",
            "evaluate_groups",
            "GroupEvaluation",
        ),
    ),
    "explanation": Topic(
        "Explanation",
        "Which parts of a face support its class: see [Explain](../../guides/explain.md).",
        ("explain",),
    ),
    "bundles": Topic(
        "Bundles and export",
        "One ONNX file with its metadata: see [Export](../../guides/export.md).",
        ("read_bundle", "Bundle", "export", "export_web"),
    ),
    "errors": Topic(
        "Errors",
        "Every error that a caller can cause is a `MienError` with one line: what was found, where, and what "
        "was expected.",
        (
            "MienError",
            "BundleError",
            "DataError",
            "DetectorError",
            "GraphError",
            "ImageError",
            "MissingExtraError",
            "OutputError",
            "PredictionsError",
            "RecipeError",
            "RunError",
            "ServerError",
        ),
    ),
}
"""Pages of the names of `mien`, in the order of the navigation."""

MODULES: Final = {
    "callbacks": Topic("Callbacks of training", "", ("mien.training.callbacks",)),
    "tracking": Topic(
        "Trackers",
        "TensorBoard, MLflow and Weights & Biases: see [Track](../../guides/track.md).",
        ("mien.tracking.base", "mien.tracking.tensorboard", "mien.tracking.mlflow", "mien.tracking.wandb"),
    ),
    "compat": Topic(
        "Interfaces of fer and DeepFace",
        "For scripts that were written for them: see [Move from fer](../../migrate/fer.md) and "
        "[Move from DeepFace](../../migrate/deepface.md).",
        (
            "mien.compat.fer.FER",
            "mien.compat.fer_video.Video",
            "mien.compat.deepface.analyze",
            "mien.compat.deepface.extract_faces",
            "mien.compat.errors",
        ),
    ),
    "ray": Topic("Ray Data", "", ("mien.ray",)),
    "synthetic": Topic("Synthetic faces", "", ("mien.data.synthetic.generate_faces",)),
    "labels": Topic("Labels", "", ("mien.labels",)),
    "extending": Topic(
        "Extension points",
        "Base classes and protocols of parts that an installed package can add by entry points.",
        (
            "mien.registry",
            "mien.models.base",
            "mien.training.losses.base",
            "mien.training.optimizers.base",
            "mien.training.schedules.base",
            "mien.detection.base",
            "mien.detection.box",
            "mien.recognition.engines.base",
            "mien.output.writers.base",
            "mien.output.writers.text",
        ),
    ),
}
"""Pages of public modules."""

TYPE: Final = """\
::: {path}
    options:
      heading_level: 3
      show_root_full_path: true"""

INDEX: Final = """\
# Python API

```python
import mien
```

`import mien` takes a few milliseconds: each name is imported on first use. Names without a leading
underscore on these pages are the public API, which follows [semantic
versioning](../../project/changelog.md).

{topics}

## Modules

{modules}
"""


def pages(types: Mapping[str, Sequence[str]] | None = None) -> dict[str, str]:
    """Return the index and the pages of the API.

    Args:
        types: The dotted paths of further types on each page, by its name in `TOPICS` or `MODULES`.
    """
    types = types or {}
    index = INDEX.format(topics="\n".join(_overview(TOPICS)), modules="\n".join(_overview(MODULES)))
    return {f"{FOLDER}/index.md": index} | {
        f"{FOLDER}/{name}.md": _page(topic, types.get(name, ())) for name, topic in (TOPICS | MODULES).items()
    }


def _overview(topics: dict[str, Topic]) -> Iterable[str]:
    rows = (
        (f"[{topic.title}]({name}.md)", ", ".join(map(_linked, topic.names)))
        for name, topic in topics.items()
    )
    yield table(("page", "names"), rows)


def _linked(name: str) -> str:
    return f"[`{name}`][{path_of(name)}]"


def _page(topic: Topic, types: Sequence[str]) -> str:
    parts = [f"# {topic.title}", topic.text, *(f"::: {path_of(name)}" for name in topic.names)]
    if types:
        parts += ["## Types", *(TYPE.format(path=path) for path in types)]
    return "\n\n".join(filter(None, parts)) + "\n"


def names_by_page() -> dict[str, list[str]]:
    """Return the dotted paths of the names on each page, pages that types belong to first."""
    topics = TOPICS | MODULES
    first = {page: topics[page] for page in ("recipes", "bundles")}
    return {page: [path_of(name) for name in topic.names] for page, topic in (first | topics).items()}


def path_of(name: str) -> str:
    """Return the dotted path of a name in a `Topic`."""
    return name if name.startswith("mien.") else f"mien.{name}"
