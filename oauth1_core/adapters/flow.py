"""What the adapters' ``Flow`` and ``AsyncFlow`` have in common: the steps of the core, driven, sync or awaited.

Each adapter adds how its client sends one request, without following a redirect, and takes in one reply.
"""

import time

from ..authorization import MAX_REPLY, AuthorizationFlow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from typing import Any, TypeVar

    from ..authorization import Answer, Provider
    from ..credentials import ClientCredentials, TemporaryCredentials, TokenCredentials
    from ..parameters import Parameters
    from ..signature_methods import SignatureMethod

    Result = TypeVar("Result")

TIMEOUT = 30.0  # seconds for each step, where the client is not the caller's
DEADLINE = 60.0  # and for a whole reply


class FlowOfClient(AuthorizationFlow):
    """The steps, and the HTTP client that the caller has given, or ``None``."""

    def __init__(
        self,
        provider: "Provider",
        client: "ClientCredentials",
        *,
        http: "Any" = None,
        signature_method: "SignatureMethod | None" = None,
        clock: "Callable[[], float]" = time.time,
    ) -> None:
        super().__init__(provider, client, signature_method=signature_method, clock=clock)
        self.http = http


class SyncFlow(FlowOfClient):
    """The steps, each sent by :meth:`send`, which an adapter adds."""

    def temporary_credentials(
        self, callback: "str | None" = "oob", *, protocol_parameters: "Iterable[tuple[str, str]]" = ()
    ) -> "TemporaryCredentials":
        """Ask for temporary credentials (2.1).

        ``callback`` is where the resource owner comes back to; "oob" shows a code to copy; ``None`` sends none, to a
        provider that allows it. Raises TokenRequestRefused or CallbackNotConfirmed, and what the client raises.
        """
        return self._driven(self.request_temporary_credentials(callback, protocol_parameters))

    def token_credentials(self, temporary: "TemporaryCredentials", verifier: "str | None" = None) -> "TokenCredentials":
        """Exchange temporary credentials, once, for token credentials (2.3).

        ``verifier`` is the code, or the URI that the resource owner came back to; ``None`` sends none, to a provider
        that allows it. Raises TokenRequestRefused, the errors of ``parse_callback``, and what the client raises.
        """
        return self._driven(self.request_token_credentials(temporary, verifier))

    def _driven(self, steps: "Generator[Any, Any, Result]", send: "Callable[..., Any] | None" = None) -> "Result":
        send = send or self.send
        try:
            sent = next(steps)
            while True:
                sent = steps.send(send(*sent))
        except StopIteration as stop:
            result: "Result" = stop.value
            return result

    if TYPE_CHECKING:  # each adapter's own

        def send(self, method: str, uri: str, headers: "Parameters", body: bytes) -> "Answer": ...


class AwaitedFlow(FlowOfClient):
    """The same, awaited."""

    async def temporary_credentials(
        self, callback: "str | None" = "oob", *, protocol_parameters: "Iterable[tuple[str, str]]" = ()
    ) -> "TemporaryCredentials":
        """Ask for temporary credentials (2.1).

        ``callback`` is where the resource owner comes back to; "oob" shows a code to copy; ``None`` sends none, to a
        provider that allows it. Raises TokenRequestRefused or CallbackNotConfirmed, and what the client raises.
        """
        return await self._driven(self.request_temporary_credentials(callback, protocol_parameters))

    async def token_credentials(
        self, temporary: "TemporaryCredentials", verifier: "str | None" = None
    ) -> "TokenCredentials":
        """Exchange temporary credentials, once, for token credentials (2.3).

        ``verifier`` is the code, or the URI that the resource owner came back to; ``None`` sends none, to a provider
        that allows it. Raises TokenRequestRefused, the errors of ``parse_callback``, and what the client raises.
        """
        return await self._driven(self.request_token_credentials(temporary, verifier))

    async def _driven(self, steps: "Generator[Any, Any, Result]", send: "Callable[..., Any] | None" = None) -> "Result":
        send = send or self.send
        try:
            sent = next(steps)
            while True:
                sent = steps.send(await send(*sent))
        except StopIteration as stop:
            result: "Result" = stop.value
            return result

    if TYPE_CHECKING:  # each adapter's own

        async def send(self, method: str, uri: str, headers: "Parameters", body: bytes) -> "Answer": ...


class Reply:
    """A body as it comes in: one octet more than a reply may have, and nothing after the deadline."""

    def __init__(self, too_late: "type[Exception]", most: int = MAX_REPLY) -> None:
        self.too_late = too_late
        self.most = most
        self.deadline: float = time.monotonic() + DEADLINE
        self.octets: "bytearray" = bytearray()

    @property
    def body(self) -> bytes:
        return bytes(self.octets)

    def take(self, piece: bytes) -> bool:
        """Add a piece; tell whether more may follow."""
        if time.monotonic() > self.deadline:
            raise self.too_late("the reply takes longer than {:g} seconds".format(DEADLINE))
        self.octets += piece
        return len(self.octets) <= self.most


def through_proxy(uri: str) -> bool:
    """Tell whether the environment's proxy may see a request: only a loopback address is asked over http."""
    return uri.lower().startswith("https:")
