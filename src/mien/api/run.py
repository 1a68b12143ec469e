"""`mien.Run`: a training that is on disk, with everything that can be done with it."""

from pathlib import Path
from typing import TYPE_CHECKING

from mien.arguments import FLAG, PATH, TEXT, checked, optional
from mien.errors import RunError
from mien.files.writing import as_path
from mien.text import counted
from mien.training.run_folder.run import RunFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mien.bundles.reading import Bundle
    from mien.evaluation.evaluation import Evaluation
    from mien.faceset import FaceSet
    from mien.predictions import Predictions
    from mien.training.callbacks import Callback
    from mien.training.run_folder.state import Epoch


class Run(RunFolder):
    """A run folder: recipe, history, checkpoints, predictions and reports of one training.

    Args:
        path: The folder, as `mien.train` created it.
        data: The data set or its path, if it can't be read from the path that the run recorded.

    Attributes:
        path: The folder.
        info: The content of `run.json`: data set, classes, size, environment.
        data: The data set or its path as it was passed, or None.

    Raises:
        RunError: It is no run folder, or is damaged.
    """

    def __repr__(self) -> str:
        epochs = self.history
        what = f"{type(self).__name__}({str(self.path)!r}): recipe {self.info.recipe_name}"
        if not epochs:
            return f"{what}, not trained yet"
        best = max(epochs, key=lambda row: row.validation_accuracy)
        return (
            f"{what}, {counted(len(epochs), 'epoch')}, best validation accuracy "
            f"{100 * best.validation_accuracy:.2f} % in epoch {best.epoch}"
        )

    @property
    def history(self) -> "tuple[Epoch, ...]":
        """One row for each epoch: losses, accuracies, learning rate, seconds.

        Raises:
            RunError: `history.jsonl` is damaged.
        """
        from mien.training.run_folder.history import read_history

        return read_history(self.path)

    @checked(RunError, split=TEXT, tta=FLAG, device=TEXT)
    def predictions(
        self,
        split: str = "validation",
        *,
        tta: bool = False,
        data: "str | Path | FaceSet | None" = None,
        device: str = "auto",
    ) -> "Predictions":
        """Return the probabilities of the best checkpoint for one split, computed once and then saved.

        Args:
            split: "validation", "test", "train" or "all".
            tta: Average over the views of the recipe's test-time augmentation.
            data: Another data set, or the run's own if it was moved.
            device: "auto", "cpu", "cuda", "cuda:1" or "mps".

        Raises:
            DataError: The data set can't be read, or has no face in that split.
            RunError: There is no undamaged checkpoint.
        """
        from mien.evaluation.request import Request
        from mien.evaluation.runs import predictions_of_run

        return predictions_of_run(self, Request(split, data, tta=tta, device=device)).predictions

    def evaluate(
        self,
        split: str = "validation",
        *,
        tta: bool = False,
        data: "str | Path | FaceSet | None" = None,
        device: str = "auto",
    ) -> "Evaluation":
        """Return accuracy, confusion matrix, calibration and more on one split.

        Args and errors are those of `predictions`.
        """
        from mien.evaluation.doubtful import with_audit_of_run
        from mien.evaluation.scoring import evaluate

        found = self.predictions(split, tta=tta, data=data, device=device)
        return evaluate(with_audit_of_run(found, self))

    @checked(RunError, split=TEXT, tta=FLAG, device=TEXT, out=optional(PATH), explain=FLAG)
    def report(
        self,
        split: str = "validation",
        *,
        tta: bool = False,
        data: "str | Path | FaceSet | None" = None,
        device: str = "auto",
        out: str | Path | None = None,
        explain: bool = False,
    ) -> Path:
        """Write the report of one split and return the path of its page.

        Args:
            split: As `predictions`, like `tta`, `data` and `device`.
            tta: As `predictions`.
            data: As `predictions`.
            device: As `predictions`.
            out: The folder of the report; below the run folder by default.
            explain: Also show the mean saliency map of each class, and maps of the most confident errors.
        """
        from mien.evaluation.doubtful import with_audit_of_run
        from mien.evaluation.report import PAGE, write_report
        from mien.evaluation.request import Request
        from mien.evaluation.runs import predictions_of_run
        from mien.evaluation.sections.saliency import sections_of_maps
        from mien.evaluation.training_record import training_record
        from mien.files.targets import require_folder

        require_folder(self.path / "report" if out is None else Path(out))
        found = predictions_of_run(self, Request(split, data, tta=tta, device=device))
        folder = self.path / "report" / found.name if out is None else as_path(out, "out")
        additional = sections_of_maps(self, found.predictions, device) if explain else []
        write_report(
            with_audit_of_run(found.predictions, self),
            folder,
            training=training_record(self),
            additional=additional,
        )
        return folder / PAGE

    def export(
        self,
        out: str | Path | None = None,
        *,
        int8: bool = False,
        tta: bool = False,
        flip: bool = False,
        blur: bool = False,
        data: str | Path | None = None,
        name: str | None = None,
    ) -> "Bundle":
        """Write the run as a bundle, one calibrated and verified ONNX file, and return it.

        Args:
            out: The file; `NAME.onnx` in the run folder by default.
            int8: Quantize it: a quarter of the size, and faster.
            tta: Build the recipe's test-time augmentation into the graph.
            flip: Build only the horizontal flip into the graph.
            blur: Blur each face as much as augmentation blurred training faces.
            data: The data set, if it was moved.
            name: Name of the bundle; that of the file by default.

        Raises:
            RunError: The run is not trained, or `out` is another kind of file.
            DataError: The data set is needed and can't be found.
            BundleError: The bundle differs from the run's network, or int8 costs too much accuracy.
        """
        from mien.api.exporting import export

        return export(self, out=out, int8=int8, tta=tta, flip=flip, blur=blur, data=data, name=name)

    def resume(
        self,
        *,
        data: "str | Path | FaceSet | None" = None,
        callbacks: "Sequence[Callback]" = (),
        device: str = "auto",
        recover: bool = False,
        epochs: int | None = None,
    ) -> "Run":
        """Continue the training, with another number of epochs if one is given; see `mien.resume`."""
        from mien.api.training import resume

        return resume(self, data=data, callbacks=callbacks, device=device, recover=recover, epochs=epochs)
