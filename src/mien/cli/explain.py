"""`mien explain`: saliency maps of faces, as a figure, a page or arrays."""

import sys
from collections.abc import Sequence
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from mien.cli import candidates
from mien.cli.app import with_options
from mien.cli.image_progress import ImageProgress
from mien.cli.messages import say
from mien.cli.option_groups import OUTPUT, RECOGNITION, Name
from mien.cli.outputs import require_distinct
from mien.cli.overwriting import refuse_overwriting
from mien.cli.printing import print_result
from mien.cli.recognizer_options import RecognizerOptions
from mien.cli.tables import message_console
from mien.cli.usage import require_inputs
from mien.errors import ImageError, MienError
from mien.text import counted

if TYPE_CHECKING:
    from mien.api.explained_faces import CollectedFaces
    from mien.recognition.sources.inputs import Inputs

METHODS = candidates.registered("mien.explanation.registry:METHODS")

UNREADABLE: Final = 1
"""Exit code when an input could not be read and the others were explained."""

PAGE: Final = Path("explanation.html")

_DEFAULTS = RecognizerOptions()


def explain(
    *inputs: Annotated[Name, Parameter(allow_leading_hyphen=True)],
    run: Annotated[Path | None, Parameter(group=RECOGNITION)] = None,
    class_name: Annotated[tuple[str, ...], Parameter(name="--class", show_default=False)] = (),
    method: Annotated[str, Parameter(completer=METHODS)] = "rise",
    check: bool = False,
    limit: int = 100,
    output: Annotated[
        tuple[Path, ...], Parameter(name=("--output", "-o"), show_default=False, group=OUTPUT)
    ] = (),
    force: Annotated[bool, Parameter(group=OUTPUT)] = False,
    options: RecognizerOptions = _DEFAULTS,
) -> int:
    """Show which parts of faces support a class, or speak against it.

    Writes explanation.html, one page with each face, its map and its probabilities, and prints its path.

    Args:
        inputs: Images, folders (all images below them), "patterns/**/*.jpg", data sets of cropped faces
            (.csv, .zip, .tar.gz, synthetic:N), or - (standard input): an image, or paths, one per line. With
            --detector whole each image is one cropped face.
        run: Explain the best network of this run instead of a bundle.
        class_name: Class to explain; the predicted one of each face by default. May be repeated.
        method: rise or occlusion (bundles and runs), gradcam or integrated-gradients (runs), or that of a
            plugin.
        check: Also test the maps: deletion and insertion curves, and maps of randomized weights.
        limit: Explain this many faces at most.
        output: File of the maps; its ending selects a page (.html), a figure (.png) or arrays (.npz). May be
            repeated.
        force: Replace files that are not explanations of mien.
        options: Bundle, engine and detector.
    """
    from mien.api.explained_faces import collect_faces
    from mien.api.explained_model import open_subject
    from mien.api.explaining import class_numbers, explain_faces, make_method, require_method
    from mien.runtime.threads import limit_opencv

    if run is not None and options.bundle != _DEFAULTS.bundle:
        raise MienError("--run and --bundle: expected one of them")
    if limit < 1:
        raise MienError(f"--limit {limit}: expected 1 or more")
    found, targets = _inputs_and_targets(inputs, output or (PAGE,), force=force)
    chosen = options if found.needs_detector else options.without_detector()
    arguments = chosen.arguments() | {"notice": say}
    device = arguments.pop("device")
    limit_opencv(options.threads)
    made, name = make_method(method)
    subject = open_subject(None if run else options.bundle, run, device, **arguments)
    require_method(subject.model, made, name)
    wanted = class_numbers(subject.model.classes, list(class_name) or None)
    console = message_console()
    with console.status("detecting faces"):
        faces = collect_faces(subject.recognizer.components, found, limit, say)
    _report_faces(faces, limit)
    with ImageProgress("explaining", console) as bar:
        explanation = explain_faces(
            subject.model, made, name, faces, wanted, checks=check, progress=bar.update
        )
    if explanation.checks is not None:
        say(explanation.checks.verdict)
    for target in targets:
        print_result(explanation.save(target))
    return UNREADABLE if faces.failures else 0


def _inputs_and_targets(
    inputs: Sequence[str], output: Sequence[Path], *, force: bool
) -> "tuple[Inputs, list[Path]]":
    """Return what is read and written, after checks that need no work."""
    from mien.explanation.writing import require_target
    from mien.files.identify import EXPLANATION, require_own
    from mien.recognition.sources.finding import find_inputs

    require_inputs("explain", inputs, "images, a folder or a data set", _options())
    targets = [require_target(path) for path in output]
    require_distinct(targets)
    found = find_inputs(inputs, sys.stdin.buffer)
    refuse_overwriting(targets, found.contains)
    if not force:
        for target in targets:
            require_own(target, EXPLANATION)
    return found, targets


def _options() -> list[str]:
    """Return the names of all options: a lone hyphen is an input, so cyclopts accepts any word there."""
    names = [*signature(explain).parameters, *signature(RecognizerOptions).parameters]
    return [f"--{name.removesuffix('_name').replace('_', '-')}" for name in names]


def _report_faces(faces: "CollectedFaces", limit: int) -> None:
    for failure in faces.failures:
        say(with_options(failure))
    if not faces.images:
        raise ImageError("none of the inputs could be read")
    if not len(faces):
        say("no faces were found")
    if faces.is_limited:
        say(f"explained: the first {counted(limit, 'face')}; --limit {10 * limit} explains more")
