"""Networks: from a recipe's `network` part to a torch module that gives logits.

Stands between `transforms`, which prepares the faces, and `train`, which teaches the network.
"""

from mien.models.registry import build_network

__all__ = ["build_network"]
