"""What `mien.Client` and `mien.AsyncClient` share: their arguments."""

from typing import TYPE_CHECKING, Any, ClassVar

from mien.arguments import FLAG, INTEGER, NUMBER, TEXT, checked, optional
from mien.client.calls import Calls
from mien.client.options import DEFAULT_ADDRESS, Choices, address_of, require_seconds
from mien.optional import import_optional

if TYPE_CHECKING:
    from mien.client.connection import Target


class BaseClient:
    """A client of `mien serve`.

    Args: those of `mien.Client`; `transport` is synchronous or asynchronous.

    Attributes:
        address: Of the server.
    """

    _sender_kind: ClassVar[str]
    _sender: Any

    @checked(
        address=TEXT,
        token=optional(TEXT),
        bundle=optional(TEXT),
        detector=optional(TEXT),
        min_face=NUMBER,
        max_faces=optional(INTEGER),
        detector_threshold=optional(NUMBER),
        any_orientation=FLAG,
        timeout=NUMBER,
        patience=NUMBER,
    )
    def __init__(
        self,
        address: str = DEFAULT_ADDRESS,
        *,
        token: str | None = None,
        bundle: str | None = None,
        detector: str | None = None,
        threshold: float | None = None,
        min_face: float = 0.0,
        max_faces: int | None = None,
        detector_threshold: float | None = None,
        any_orientation: bool = False,
        timeout: float = 60.0,
        patience: float = 60.0,
        transport: Any = None,  # noqa: ANN401 - of either kind
    ) -> None:
        choices = Choices(
            bundle, detector, threshold, min_face, max_faces, detector_threshold, any_orientation
        )
        require_seconds(timeout, patience)
        self.address = address_of(address)
        self._calls = Calls(choices)
        sending = import_optional("mien.client.sending", "client")
        self._target: Target = sending.Target(self.address, token, timeout, patience)
        self._sender = getattr(sending, self._sender_kind)(self._target, transport)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.address}>"

    def _live(self, kind: str, smooth: float, detect_every: int) -> Any:  # noqa: ANN401 - either session
        live = import_optional("mien.client.live", "client")
        return getattr(live, kind)(self._target, self._calls.choices.live(smooth, detect_every))
