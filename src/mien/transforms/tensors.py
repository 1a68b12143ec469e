"""Images as tensors."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def as_tensor(images: NDArray[np.uint8]) -> Tensor:
    """Return images (n, size, size) or (n, size, size, 3) as a uint8 tensor (n, channels, size, size).

    Gray images share memory with the tensor if they are writable.
    """
    tensor = torch.from_numpy(images if images.flags.writeable else images.copy())
    return tensor[:, None] if images.ndim == 3 else tensor.permute(0, 3, 1, 2).contiguous()
