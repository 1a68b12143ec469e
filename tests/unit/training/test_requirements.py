from pathlib import Path

import pytest

from builders import faces
from mien.config import read_recipe
from mien.errors import DataError, RecipeError
from mien.training.parallel.world import World
from mien.training.requirements import require_batch_for
from training_builders import begin


@pytest.mark.parametrize(("size", "channels"), [(24, 1), (48, 3)])
def test_faces_of_another_shape_than_the_recipe_are_an_error(
    tmp_path: Path, size: int, channels: int
) -> None:
    with pytest.raises(
        DataError, match=f"faces of {size} pixels with {channels} channels?, but data.size=48"
    ):
        begin(tmp_path / "run", faces(40, size=size, channels=channels))


def test_a_batch_has_two_faces_for_each_process() -> None:
    recipe = read_recipe("fast", ["train.batch_size=6"])
    require_batch_for(World(size=3), recipe)
    with pytest.raises(RecipeError, match=r"batch_size=6: the batch of all 4 devices .* expected 8 or more"):
        require_batch_for(World(size=4), recipe)
