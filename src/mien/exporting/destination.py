"""Where a bundle is written, and its name; checked before anything is computed."""

from collections.abc import Sequence
from pathlib import Path

from mien.bundles.reading import read_bundle
from mien.errors import BundleError, RunError
from mien.exporting.components import Component
from mien.exporting.options import Data, ExportOptions
from mien.files.targets import require_file
from mien.text import visible

SUFFIX = ".onnx"


def choose_name(components: Sequence[Component], output: Path | None, options: ExportOptions) -> str:
    """Return the requested name, or that of the file, or that of the run with the options of the export.

    Raises:
        RunError: It is empty, a path, or can't be printed.
    """
    if options.name is not None:
        name = options.name
    elif output is not None:
        name = visible(output.stem)
    else:
        parts = [components[0].members[0].run, *options.tta_names, *(["int8"] * options.int8)]
        name = visible("-".join(parts))
    if not name.strip() or name != visible(name) or name != Path(name).name or name == "..":
        raise RunError(
            f"{name!r} is not a valid name of a bundle; pass name=... of printable characters without slashes"
        )
    return name


def choose_path(
    components: Sequence[Component], output: Path | None, name: str, data: Data | None = None
) -> Path:
    """Return the file to write: `output`, or NAME.onnx in the folder of a single run.

    Raises:
        RunError: A path is needed; it is a folder, has another ending, is read by this export, or
            is an existing file that is no bundle.
        MienError: It can't be written.
    """
    path = output if output is not None else _in_run_folder(components, name)
    if path.is_dir():
        raise RunError(f"{path}: a folder; give the file to write, such as {path / 'name.onnx'}", path=path)
    if path.suffix.lower() != SUFFIX:
        raise RunError(f"{path}: a bundle is a {SUFFIX} file; give a name that ends in {SUFFIX}", path=path)
    if output is not None and path.is_file():
        _require_replaceable(path, components, data)
    require_file(path)
    return path


def _in_run_folder(components: Sequence[Component], name: str) -> Path:
    run = components[0].run
    if len(components) > 1 or run is None:
        what = f"{len(components)} components" if len(components) > 1 else "a bundle"
        raise RunError(f"exporting {what} needs the file to write; pass out=...")
    return run.path / f"{name}{SUFFIX}"


def _require_replaceable(path: Path, components: Sequence[Component], data: Data | None) -> None:
    """Check that nothing is lost: only an existing bundle that isn't read here may be replaced."""
    sources = [one.path for one in components if one.path]
    sources += [Path(data)] if isinstance(data, str | Path) else []
    if any(source.exists() and path.samefile(source) for source in sources):
        raise RunError(f"{path}: this export reads that file; choose another one to write", path=path)
    try:
        read_bundle(path)
    except BundleError as error:
        raise RunError(
            f"{path}: exists and is not a bundle, so it is not replaced; choose another file", path=path
        ) from error
