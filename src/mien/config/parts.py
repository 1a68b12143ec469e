"""Sections of a recipe that are found by their `kind`: networks, losses, optimizers, schedules.

A class of configuration is defined beside what it configures, in the packages above this one, so it is
named by a string and imported when a recipe needs it. An installed package adds kinds by entry points
(see `mien.registry`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from mien.config.base import Part
from mien.errors import RecipeError
from mien.openmp import import_torch
from mien.registry import Registry

if TYPE_CHECKING:
    from mien.models.base import NetworkConfig
    from mien.training.losses.base import LossConfig
    from mien.training.optimizers.base import OptimizerConfig
    from mien.training.schedules.base import ScheduleConfig

MISSING_KIND: Final = "kind_missing"
UNKNOWN_KIND: Final = "kind_unknown"
"""Pydantic's types of the errors of `ByKind`."""

PartRegistry = Registry[type[Part]]

NETWORKS: Final = PartRegistry(
    "mien.networks",
    {
        "plain": "mien.models.plain:Plain",
        "resnet9": "mien.models.resnet9:ResNet9",
        "resnetv2": "mien.models.resnet_v2:ResNetV2",
        "efficientnet_lite": "mien.models.efficientnet_lite:EfficientNetLite",
        "pretrained": "mien.models.of_weights:NetworkOfWeights",
    },
    noun="network",
    error=RecipeError,
)

LOSSES: Final = PartRegistry(
    "mien.losses",
    {
        "cross_entropy": "mien.training.losses.cross_entropy:CrossEntropy",
        "focal": "mien.training.losses.focal:Focal",
    },
    noun="loss",
    error=RecipeError,
)

OPTIMIZERS: Final = PartRegistry(
    "mien.optimizers",
    {
        "sgd": "mien.training.optimizers.sgd:Sgd",
        "adam": "mien.training.optimizers.adam:Adam",
        "adamw": "mien.training.optimizers.adam:Adam",
        "rmsprop": "mien.training.optimizers.rmsprop:RmsProp",
    },
    noun="optimizer",
    error=RecipeError,
)

SCHEDULES: Final = PartRegistry(
    "mien.schedules",
    {
        "constant": "mien.training.schedules.constant:Constant",
        "step": "mien.training.schedules.step:Step",
        "cosine": "mien.training.schedules.cosine:Cosine",
        "log_cosine": "mien.training.schedules.cosine:LogCosine",
        "one_cycle": "mien.training.schedules.one_cycle:OneCycle",
        "plateau": "mien.training.schedules.plateau:Plateau",
    },
    noun="schedule",
    error=RecipeError,
)


@dataclass(frozen=True)
class ByKind:
    """Pydantic annotation: validates a mapping by the class that its `kind` names in a registry.

    Attributes:
        registry: Where kinds are found.
        default: Kind of a mapping that names none; without it, that is an error.
    """

    registry: PartRegistry
    default: str | None = None

    def validate(self, value: object) -> Part:
        """Return `value` as an instance of the class of its kind.

        Raises:
            PydanticCustomError: It isn't a mapping, has no kind, or one that isn't known.
            RecipeError: Its kind is of a package that can't be imported.
        """
        if isinstance(value, Part):
            return value
        if not isinstance(value, Mapping):
            raise PydanticCustomError("model_type", "Input should be keys with values")
        kind = value.get("kind", self.default)
        if kind is None:
            raise PydanticCustomError(MISSING_KIND, "{text}", {"text": ", ".join(self.registry.names())})
        if not isinstance(kind, str) or kind not in self.registry:
            raise PydanticCustomError(UNKNOWN_KIND, "{text}", {"text": self.registry.unknown(str(kind))})
        import_torch()  # the modules of most parts import it
        return self.registry.get(kind).model_validate({"kind": kind, **value})

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate by `validate`; serialize by the class that a value has."""
        return core_schema.no_info_plain_validator_function(self.validate)


def default_loss() -> "LossConfig":
    """Return cross-entropy without label smoothing."""
    return LOSSES.get("cross_entropy").model_validate({"kind": "cross_entropy"})  # type: ignore[return-value]


def default_schedule() -> "ScheduleConfig":
    """Return a constant learning rate."""
    return SCHEDULES.get("constant").model_validate({"kind": "constant"})  # type: ignore[return-value]


if TYPE_CHECKING:
    Network = NetworkConfig
    Loss = LossConfig
    Optimizer = OptimizerConfig
    Schedule = ScheduleConfig
else:
    Network = Annotated[Part, ByKind(NETWORKS)]
    Loss = Annotated[Part, ByKind(LOSSES, default="cross_entropy")]
    Optimizer = Annotated[Part, ByKind(OPTIMIZERS)]
    Schedule = Annotated[Part, ByKind(SCHEDULES)]
