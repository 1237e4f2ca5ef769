"""Code shared by ``Flow`` and ``AsyncFlow`` of the adapters: it drives the authorization flow (RFC 5849 section 2).

Each adapter adds how its client sends one request, without following a redirect, and reads one response.
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

TIMEOUT = 30.0  # seconds for each connect, read or write, if the adapter makes the HTTP client
DEADLINE = 60.0  # seconds for a whole reply


class FlowOfClient(AuthorizationFlow):
    """The flow with ``http``, the HTTP client of the caller, or ``None``."""

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
    """The flow with blocking calls: :meth:`send`, which an adapter adds, sends each request."""

    def temporary_credentials(
        self, callback: "str | None" = "oob", *, protocol_parameters: "Iterable[tuple[str, str]]" = ()
    ) -> "TemporaryCredentials":
        """Request temporary credentials from the provider, and return them (2.1).

        :param callback: the URI to which the provider sends the resource owner back. With ``"oob"``, the default, the
            provider shows a verification code to copy. With ``None`` no callback is sent, if the provider allows it.
        :param protocol_parameters: further protocol parameters, as (name, value) pairs.
        :raises TokenRequestRefused: if the reply holds no credentials.
        :raises CallbackNotConfirmed: if the provider did not confirm the callback.

        An exception of the HTTP client is not caught.
        """
        return self._driven(self.request_temporary_credentials(callback, protocol_parameters))

    def token_credentials(self, temporary: "TemporaryCredentials", verifier: "str | None" = None) -> "TokenCredentials":
        """Exchange temporary credentials for token credentials, and return these (2.3). This works only once.

        :param temporary: the temporary credentials.
        :param verifier: the verification code, or the URI of the callback. With ``None``, the default, no verification
            code is sent, if the provider allows it.
        :raises TokenRequestRefused: if the reply holds no credentials.
        :raises CallbackMismatch: if the URI of the callback does not belong to ``temporary``.
        :raises AuthorizationDenied: if the URI of the callback says that the resource owner denied access.
        :raises AuthorizationError: if the URI of the callback holds no verification code.

        An exception of the HTTP client is not caught.
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

    if TYPE_CHECKING:  # each adapter defines it

        def send(self, method: str, uri: str, headers: "Parameters", body: bytes) -> "Answer": ...


class AwaitedFlow(FlowOfClient):
    """The flow with awaited calls: :meth:`send`, which an adapter adds, sends each request."""

    async def temporary_credentials(
        self, callback: "str | None" = "oob", *, protocol_parameters: "Iterable[tuple[str, str]]" = ()
    ) -> "TemporaryCredentials":
        """Request temporary credentials from the provider, and return them (2.1).

        :param callback: the URI to which the provider sends the resource owner back. With ``"oob"``, the default, the
            provider shows a verification code to copy. With ``None`` no callback is sent, if the provider allows it.
        :param protocol_parameters: further protocol parameters, as (name, value) pairs.
        :raises TokenRequestRefused: if the reply holds no credentials.
        :raises CallbackNotConfirmed: if the provider did not confirm the callback.

        An exception of the HTTP client is not caught.
        """
        return await self._driven(self.request_temporary_credentials(callback, protocol_parameters))

    async def token_credentials(
        self, temporary: "TemporaryCredentials", verifier: "str | None" = None
    ) -> "TokenCredentials":
        """Exchange temporary credentials for token credentials, and return these (2.3). This works only once.

        :param temporary: the temporary credentials.
        :param verifier: the verification code, or the URI of the callback. With ``None``, the default, no verification
            code is sent, if the provider allows it.
        :raises TokenRequestRefused: if the reply holds no credentials.
        :raises CallbackMismatch: if the URI of the callback does not belong to ``temporary``.
        :raises AuthorizationDenied: if the URI of the callback says that the resource owner denied access.
        :raises AuthorizationError: if the URI of the callback holds no verification code.

        An exception of the HTTP client is not caught.
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

    if TYPE_CHECKING:  # each adapter defines it

        async def send(self, method: str, uri: str, headers: "Parameters", body: bytes) -> "Answer": ...


class Reply:
    """The body of a reply while it is read: until the deadline, and one octet beyond the longest allowed reply."""

    def __init__(self, too_late: "type[Exception]", most: int = MAX_REPLY) -> None:
        self.too_late = too_late
        self.most = most
        self.deadline: float = time.monotonic() + DEADLINE
        self.octets: "bytearray" = bytearray()

    @property
    def body(self) -> bytes:
        return bytes(self.octets)

    def take(self, piece: bytes) -> bool:
        """Add a piece of the body. Return False if no more must be read."""
        if time.monotonic() > self.deadline:
            raise self.too_late("the reply took longer than {:g} seconds".format(DEADLINE))
        self.octets += piece
        return len(self.octets) <= self.most


def through_proxy(uri: str) -> bool:
    """Tell whether a request may use the environment's proxy: http is only used for loopback IP addresses."""
    return uri.lower().startswith("https:")
