"""`GET /v1/bundles`: what requests can choose."""

from fastapi import APIRouter

from mien.bundles.description import listing
from mien.serving.catalog import Catalog
from mien.serving.openapi import documented
from mien.serving.options import ServerOptions
from mien.serving.schemas import BundleSchema, BundlesSchema, LimitsSchema


def make_router(catalog: Catalog, options: ServerOptions) -> APIRouter:
    """Return the route, which describes `catalog` and the limits of `options`."""
    router = APIRouter(prefix="/v1", tags=["bundles"])
    limits = LimitsSchema(
        body_bytes=options.limits.body_bytes,
        video_bytes=options.limits.video_bytes,
        keep_hours=options.keep_hours,
    )

    @router.get("/bundles", responses=documented("unauthorized"))
    async def list_bundles() -> BundlesSchema:
        """List the bundles, with their metrics, the detectors, and the limits of the server."""
        found = [
            BundleSchema(**listing(name, metadata, is_default=number == 0))
            for number, (name, metadata) in enumerate(catalog.bundles.items())
        ]
        return BundlesSchema(bundles=found, detectors=list(catalog.detectors), limits=limits)

    return router
