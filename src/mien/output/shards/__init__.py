"""Shards of results: writing one so that it can be resumed, and merging all of them."""

from mien.output.shards.merging import Merged, merge_shards
from mien.output.shards.session import ShardSession

__all__ = ["Merged", "ShardSession", "merge_shards"]
