"""Recognition on Ray Data: on one machine or a cluster, in actors that load the model once (`mien[ray]`).

    import mien.ray
    import ray

    ray.init()  # this machine; ray.init(address="ray://head:10001") is a cluster
    images = mien.ray.read_images("s3://bucket/photos/")
    mien.ray.recognize(images, actors=8).write_parquet("s3://bucket/faces/")

See docs/guides/many-images.md.
"""

from mien.lazy import lazy_names

TYPE_CHECKING = False

if TYPE_CHECKING:
    from mien.ray.listing import read_images
    from mien.ray.recognition import recognize

__all__ = ["read_images", "recognize"]

__getattr__ = lazy_names(__name__, {"read_images": "mien.ray.listing", "recognize": "mien.ray.recognition"})
