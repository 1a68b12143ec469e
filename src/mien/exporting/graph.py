"""The network of a run as torch sees it: uint8 faces in, logits out.

First station of an export: it puts a run's preparation in front of its network, which
`mien.exporting.convert` writes as ONNX and `mien.exporting.ensemble` makes a bundle of.
"""

from torch import Tensor, nn

from mien.config.data import Preprocess
from mien.transforms.preprocess import standardize


class RunGraph(nn.Module):
    """Standardize and look: uint8 (n, side, side) -> logits.

    Args:
        network: The trained network; it is put into evaluation mode.
        preprocess: How it wants its faces.
    """

    def __init__(self, network: nn.Module, preprocess: Preprocess) -> None:
        super().__init__()
        self.network = network
        self.preprocess = preprocess
        self.eval()

    def forward(self, faces: Tensor) -> Tensor:
        """Return logits, float32 (n, classes).

        Args:
            faces: uint8, (n, side, side), after CLAHE where the recipe has it.
        """
        logits: Tensor = self.network(standardize(faces[:, None].float() / 255, self.preprocess))
        return logits
