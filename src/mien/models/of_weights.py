"""The network of pretrained weights, whatever it is: a training takes it over from a run or a bundle."""

from typing import Literal, cast

from torch import nn

from mien.errors import RecipeError
from mien.models.base import NetworkConfig


class NetworkOfWeights(NetworkConfig):
    """Stands for the network of `source`; a training replaces it by that network's configuration."""

    kind: Literal["pretrained"]
    source: str = "small"
    """Run folder, bundle file, or name of a shipped bundle that a training starts from, unless it is given
    another one."""

    def build(self, classes: int, *, size: int, channels: int) -> nn.Module:
        """Return the network of a bundle with new weights; see `NetworkConfig.build`.

        Raises:
            RecipeError: The source is no bundle.
            BundleError: The bundle is damaged.
        """
        from mien.bundles.reading import is_bundle, read_bundle
        from mien.config.parts import NETWORKS
        from mien.files.writing import as_path

        if not is_bundle(as_path(self.source, "network.source", RecipeError)):
            raise RecipeError(
                f"network.source: {self.source} is no bundle, so its network is known in training only"
            )
        section = read_bundle(self.source).metadata.members[0].section("network")
        config = cast("NetworkConfig", NETWORKS.get(str(section.get("kind"))).model_validate(section))
        return config.build(classes, size=size, channels=channels)

    def pretrained_source(self) -> str | None:
        """Return `source`."""
        return self.source

    def takes_network_of_weights(self) -> bool:
        """Return True."""
        return True
