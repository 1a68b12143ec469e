"""The faces of a study: read once for each shape of its trials, and compared with the study's record."""

from pathlib import Path

from mien.config.recipe import Recipe
from mien.data import read_faces
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.files.writing import as_path
from mien.training.run_folder.corrections import divided
from mien.training.run_folder.info import Source


class StudyFaces:
    """Returns the faces for the recipe of a trial.

    Args:
        source: Where the faces of the study came from.
        data: The data set or its path, if it is not there any more.
        first: The faces, if they have been read.
    """

    def __init__(
        self, source: Source, data: str | Path | FaceSet | None = None, first: FaceSet | None = None
    ) -> None:
        self._source = source
        self._data = data if data is None or isinstance(data, FaceSet) else as_path(data, "data", DataError)
        self._faces = data if isinstance(data, FaceSet) else first

    def __call__(self, recipe: Recipe) -> tuple[Source, FaceSet]:
        """Return the source, with the fingerprint of the faces in the shape of a recipe, and the faces.

        Raises:
            DataError: They can't be read.
        """
        shape = (recipe.data.size, recipe.data.channels)
        faces = self._faces
        if faces is None or (not isinstance(self._data, FaceSet) and (faces.size, faces.channels) != shape):
            faces = self._faces = self._read(*shape)
        return self._source.model_copy(update={"fingerprint": faces.fingerprint, "path": self._path}), faces

    def require(self, recipe: Recipe) -> None:
        """Check that the faces are those of the study, and that a part can be held out.

        Args:
            recipe: The recipe of the study.

        Raises:
            DataError: They can't be read, are other ones, or too few.
        """
        source, faces = self(recipe)
        if source.fingerprint != self._source.fingerprint:
            raise DataError(
                f"{faces.source or 'these faces'}: fingerprint {source.fingerprint}, but the study has "
                f"{self._source.fingerprint} ({self._source.path}); pass data=... with the same data set",
                expected=self._source.fingerprint,
            )
        divided(faces, recipe)

    @property
    def _path(self) -> str:
        if self._data is None or isinstance(self._data, FaceSet):
            return self._source.path
        return str(self._data.resolve()) if self._data.exists() else str(self._data)

    def _read(self, size: int, channels: int) -> FaceSet:
        source = self._source
        if source.in_memory and self._data is None:
            raise DataError("the study is of a FaceSet in memory; pass data=... with the same faces")
        return read_faces(
            self._path,
            ferplus=Path(source.ferplus) if source.ferplus else None,
            size=size,
            channels=channels,
            faces=source.faces,
            detector=source.detector or "auto",
            classes=source.named,
            skip_bad=source.skip_bad,
        )
