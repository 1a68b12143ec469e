import numpy as np
import pytest

from builders import faces
from mien.transforms.tensors import as_tensor


@pytest.mark.parametrize("channels", [1, 3])
def test_channels_come_before_rows_and_columns(channels):
    images = faces(5, size=8, channels=channels).images
    tensor = as_tensor(images)
    assert tensor.shape == (5, channels, 8, 8)
    assert tensor.is_contiguous()
    expected = images[:, None] if channels == 1 else np.moveaxis(images, -1, 1)
    assert (tensor.numpy() == expected).all()


def test_read_only_images_are_copied():
    images = faces(2).images
    before = images.copy()
    as_tensor(images)[:] = 0
    assert (images == before).all()
