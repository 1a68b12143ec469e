"""Networks: each file holds a network's configuration, its module and its hooks (see `models.base`)."""

from typing import TYPE_CHECKING

from mien.lazy import lazy_names

if TYPE_CHECKING:
    from mien.models.base import NetworkConfig
    from mien.models.build import build_network

__all__ = ["NetworkConfig", "build_network"]

__getattr__ = lazy_names(
    __name__, {"NetworkConfig": "mien.models.base", "build_network": "mien.models.build"}
)
