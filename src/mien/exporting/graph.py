"""The inference graph of a run in torch: uint8 faces to logits.

It combines standardization and network; `mien.exporting.convert` converts it to ONNX.
"""

from torch import Tensor, nn

from mien.config.data import Preprocess
from mien.transforms.preprocess import standardize


class RunGraph(nn.Module):
    """Standardization followed by the network: uint8 faces -> logits.

    Args:
        network: The trained network; it is set to evaluation mode.
        preprocess: The preprocessing of its recipe.
    """

    def __init__(self, network: nn.Module, preprocess: Preprocess) -> None:
        super().__init__()
        self.network = network
        self.preprocess = preprocess
        self.eval()

    def forward(self, faces: Tensor) -> Tensor:
        """Return logits, float32 (n, classes).

        Args:
            faces: uint8, (n, size, size) or (n, size, size, 3), after CLAHE if the recipe has it.
        """
        logits: Tensor = self.network(standardize(to_channels_first(faces).float() / 255, self.preprocess))
        return logits


def to_channels_first(faces: Tensor) -> Tensor:
    """Return faces (n, size, size) or (n, size, size, 3) as (n, channels, size, size)."""
    return faces[:, None] if faces.ndim == 3 else faces.permute(0, 3, 1, 2)
