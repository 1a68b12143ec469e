"""`GET /v1/bundles`: what requests can choose."""

from fastapi import APIRouter

from mien.bundles.description import listing
from mien.serving.catalog import Catalog
from mien.serving.openapi import documented
from mien.serving.schemas import BundleSchema, BundlesSchema


def make_router(catalog: Catalog) -> APIRouter:
    """Return the route, which describes `catalog`."""
    router = APIRouter(prefix="/v1", tags=["bundles"])

    @router.get("/bundles", responses=documented("unauthorized"))
    async def list_bundles() -> BundlesSchema:
        """List the bundles, with their metrics and limits, and the detectors."""
        found = [
            BundleSchema(**listing(name, metadata, is_default=number == 0))
            for number, (name, metadata) in enumerate(catalog.bundles.items())
        ]
        return BundlesSchema(bundles=found, detectors=list(catalog.detectors))

    return router
