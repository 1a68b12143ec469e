"""The network of a run as torch sees it: uint8 faces in, logits out.

First station of an export: it puts a run's preparation in front of its network, which
`mien.export.convert` writes as ONNX and `mien.export.ensemble` makes a bundle of.
"""

from torch import Tensor, nn

from mien.config.data import Prepare
from mien.transforms.prepare import standardise


class RunGraph(nn.Module):
    """Standardise and look: uint8 (n, side, side) -> logits.

    Args:
        network: The trained network; it is put into evaluation mode.
        prepare: How it wants its faces.
    """

    def __init__(self, network: nn.Module, prepare: Prepare) -> None:
        super().__init__()
        self.network = network
        self.prepare = prepare
        self.eval()

    def forward(self, faces: Tensor) -> Tensor:
        """Return logits, float32 (n, classes).

        Args:
            faces: uint8, (n, side, side), after CLAHE where the recipe has it.
        """
        logits: Tensor = self.network(standardise(faces[:, None].float() / 255, self.prepare))
        return logits
