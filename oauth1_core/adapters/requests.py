"""OAuth 1.0a for requests: ``requests.get(url, auth=OAuth1(client, token))``.

The adapter signs the request exactly as requests sends it. With the default ``placement`` it only adds the
Authorization header. Each redirect to the same origin is signed again; a redirect to another origin is followed without
protocol parameters. To sign urllib3's retries too, mount OAuth1Adapter:

    session = requests.Session()
    session.auth = OAuth1(client, token)
    session.mount("https://", OAuth1Adapter(max_retries=urllib3.Retry(3)))

Strategy. requests calls ``auth`` once, when it prepares a request. The request may then be sent several times, and each
time it needs a new nonce. requests does not call ``auth`` again, so the code that sends the request must sign it:

- Redirects: ``OAuth1`` makes the request a :class:`SignedRequest`. The session copies the request, sets method, URL and
  body of the redirect, and then calls ``prepare_cookies``. This method signs the redirect.
- Retries: urllib3 calls ``urlopen`` of a pool for each attempt, with the same header fields. :class:`OAuth1Adapter`
  signs the first attempt. It passes header fields that can sign the other attempts (:class:`Attempts`) to pools that
  call them (:class:`Pool`). So each attempt is signed, whatever ``Retry`` is configured to do.
- The clock: a response hook reads a refusal of the timestamp before the session sees it, and sends a signed copy of the
  request once, through the same adapter.

Each of the three is needed. ``OAuth1Adapter.send`` alone would sign once for all retries, because urllib3 retries
inside of it. The pool alone would not work for ``requests.get(url, auth=OAuth1(...))``, which mounts no OAuth1Adapter,
and ``response.request`` would not show the request that was sent.
"""

from __future__ import annotations

import functools
import io
import re
from contextlib import ExitStack
from urllib.parse import urlsplit

import requests.adapters
import requests.auth
import requests.structures
import urllib3
import urllib3.exceptions

from ..errors import SigningError
from ..problem_reporting import MAX_BODY
from ..uris import origin_of
from .flow import TIMEOUT, Reply, SyncFlow, through_proxy
from .outgoing import (
    REFUSALS,
    Rejoined,
    RequestSigner,
    as_parsed,
    body_octets,
    decoded,
    is_form,
    with_query,
    without_protocol_parameters,
    without_query_parameters,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from ..authorization import Answer
    from ..parameters import Parameters
    from .outgoing import Sent

    Fields = requests.structures.CaseInsensitiveDict[str]
    Attempt = Callable[[Fields], tuple[str, Any, "Attempts"]]
else:
    Fields = requests.structures.CaseInsensitiveDict

__all__ = ["Flow", "OAuth1", "OAuth1Adapter", "as_sent"]

# Releases of requests differ in how they send a path that begins with two slashes.
TARGETS = requests.adapters.HTTPAdapter()
# A URL that is sent unchanged, if the request has no Host header field of its own.
PLAIN_URL = re.compile('https?://[A-Za-z0-9.:-]+/(?!/)[!"$-~]*(?<![?])')


class OAuth1(RequestSigner, requests.auth.AuthBase):
    """Pass an instance as ``auth``, to a session or to one call.

    :param client: the client credentials.
    :param token: the token credentials; ``None``, the default, signs requests without a token.
    :param signature_method: ``HMAC_SHA1`` by default; or another method of the core, or a method of your own.
    :param realm: ``realm`` of the Authorization header, or a callable that takes the request URI and returns it; with
        ``None``, the default, no ``realm`` is sent.
    :param version: ``oauth_version``, ``"1.0"`` by default; with ``None`` no ``oauth_version`` is sent.
    :param placement: where the protocol parameters are sent: ``"header"`` (default), ``"form"`` or ``"query"``.
        ``"query"`` is refused with PLAINTEXT, because servers log URLs. With ``"form"``, a GET request, a HEAD request
        and a request without a form send them in the header.
    :param body_hash: ``"off"`` (default) sends no ``oauth_body_hash``. ``"auto"`` sends it for each body that is
        neither a form nor a stream. ``"always"`` does the same, and refuses to sign a form or a stream.
    :param protocol_parameters: (name, value) pairs that an extension requires in each request; none by default.
    :param nonce: called once for each signature, returns the nonce; ``generate_nonce`` by default.
    :param clock: called once for each signature, returns seconds since 1970-01-01 00:00 UTC; ``time.time`` by default,
        or a :class:`~oauth1_core.adapters.clock.LearningClock`.
    :raises SigningError: if an argument is not valid or cannot be sent; later, if a request cannot be signed.
    """

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        hooks: Any = request.hooks
        hooks["response"].append(ResponseHook())
        request.__class__ = SignedRequest
        signed: Any = request
        signed.auth, signed.home = self, request.url
        signed.timestamp = self.sign(request)
        return request

    def sign(self, request: requests.PreparedRequest) -> int | None:
        """Sign a prepared request that holds no protocol parameters; return the timestamp if the clock learns."""
        has_form, body = is_form(field(request, "Content-Type")), None
        if has_form:
            body = form_of(request)
        elif self.body_hash != "off":
            body = sent_octets(request)
        where, text, timestamp = self.signed(request.method or "", uri_of(request), has_form, body)
        if where == "header":
            request.headers["Authorization"] = text
        elif where == "query":
            request.url = with_query(request.url or "", text)
        else:
            set_form(request, text)
        return timestamp


class OAuth1Adapter(requests.adapters.HTTPAdapter):
    """An adapter that signs each redirect and each retry of a request with ``auth=OAuth1(...)``. Mount it on a session.

    It takes the arguments of :class:`requests.adapters.HTTPAdapter`:

    :param pool_connections: how many pools of connections are kept, one for each host; 10 by default.
    :param pool_maxsize: how many connections a pool keeps; 10 by default.
    :param max_retries: how often a request is retried: a number, 0 by default, or a :class:`urllib3.util.Retry`.
    :param pool_block: whether a request waits if ``pool_maxsize`` connections are in use; False by default.
    :raises SigningError: when a request is sent, if it cannot be signed.
    """

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        sign_attempts(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        sign_attempts(manager)
        return manager

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        # By name, as requests passes them: the next adapter may be a class of anyone.
        settings = {"stream": stream, "timeout": timeout, "verify": verify, "cert": cert, "proxies": proxies}
        if not isinstance(request, SignedRequest) or request.home is None:
            return super().send(request, **settings)
        sent = [request.copy()]
        sent[0].sign()

        def attempt(fields: Fields) -> tuple[str, Any, Attempts]:
            again = request.copy()
            again.headers = Fields(fields)
            again.sign()
            sent.append(again)
            return self.request_url(again, proxies), again.body, Attempts(again.headers, attempt, is_sent=True)

        # The first attempt is signed here, because a mock or cache may read it; the pools sign urllib3's retries.
        sent[0].headers = Attempts(sent[0].headers, attempt)
        response = super().send(sent[0], **settings)
        response.request = sent[-1]
        return response


class Flow(SyncFlow):
    """Run the authorization flow (2): request temporary credentials, and exchange them for token credentials.

    :param provider: the server's endpoints, and what they require.
    :param client: the client credentials.
    :param http: a :class:`requests.Session`, which the flow does not close; by default a new session for each request.
        Its ``auth`` and ``params`` are not used, no redirect is followed, and the timeout is 30 seconds.
    :param signature_method: the provider's by default; an RSA method must be given, because it needs a key.
    :param clock: called once for each signature, returns seconds since 1970-01-01 00:00 UTC; ``time.time`` by default.
        With a :class:`~oauth1_core.adapters.clock.LearningClock`, the flow sends a request once more if the server
        refused its timestamp.
    :raises SigningError: if the provider's signature method needs a key and ``signature_method`` is not given.
    """

    def send(self, method: str, uri: str, headers: Parameters, body: bytes) -> Answer:
        def as_given(request: requests.PreparedRequest) -> requests.PreparedRequest:
            request.prepare_url(uri, None)  # without the session's own parameters
            return request

        reply = Reply(requests.exceptions.ReadTimeout)
        with ExitStack() as stack:
            http = self.http
            if http is None:
                http = stack.enter_context(requests.Session())
                http.trust_env = through_proxy(uri)
            request = http.prepare_request(
                requests.Request(method, uri, headers=dict(headers), data=body, auth=as_given)
            )
            settings: Any = http.merge_environment_settings(request.url, {}, True, None, None)
            # The session's own send() would read the whole body of a redirect, even if it does not follow it.
            send = http.get_adapter(uri).send
            response = send(request, timeout=TIMEOUT, **settings)  # pyright: ignore[reportArgumentType]  # object
            stack.enter_context(response)
            read = getattr(response.raw, "read1", response.raw.read)
            try:
                for piece in iter(lambda: read(4096, decode_content=False), b""):
                    if not reply.take(piece):
                        break
            except urllib3.exceptions.HTTPError as error:
                raise requests.exceptions.ConnectionError(error, request=response.request) from error
        return response.status_code, response.raw.headers.items(), reply.body


class SignedRequest(requests.PreparedRequest):
    """A request that an :class:`OAuth1` has signed, or a redirect that a session has made from it.

    ``home`` is a URL of the first request's origin; ``None`` after a redirect to another origin. ``timestamp`` is the
    timestamp of the last signature if the clock learns; ``answer`` is the raw response.
    """

    auth: OAuth1
    home: str | None
    timestamp: int | None
    answer: Any = None

    def copy(self) -> SignedRequest:
        other: Any = super().copy()
        other.__class__ = SignedRequest
        other.auth, other.home, other.timestamp = self.auth, self.home, self.timestamp
        return other  # type: ignore[no-any-return]  # Any, to change its class

    def __deepcopy__(self, memo: Any) -> SignedRequest:
        return self.copy()

    def __reduce__(self) -> Any:
        # A response is pickled with its request: leave the credentials out.
        state = {name: value for name, value in vars(self).items() if name not in SignedRequest.__annotations__}
        return restored, (state,)

    def sign(self) -> None:
        """Replace the signature of the request with a new signature."""
        clear(self, self.auth)
        self.timestamp = self.auth.sign(self)

    def prepare_cookies(self, cookies: Any) -> None:
        """Sign a redirect: a session calls this method after it has set method, URL and body."""
        super().prepare_cookies(cookies)
        clear(self, self.auth)
        # requests has normalized the first URL; normalize a redirect's URL too, so that the signed URL is the URL sent.
        self.prepare_url(self.url or "", None)
        if self.home is not None and origin_of(self.url or "") != origin_of(self.home):
            self.home = None
        if self.home is not None:
            self.timestamp = self.auth.sign(self)

    def prepare_auth(self, auth: Any, url: Any = "") -> None:
        """Ignore credentials from .netrc, which a session looks up for a redirect, if the request is signed."""
        if self.home is None:
            super().prepare_auth(auth, url)


def restored(state: dict[str, Any]) -> requests.PreparedRequest:
    request = requests.PreparedRequest()
    vars(request).update(state)
    return request


class Attempts(Fields):
    """The header fields of a signed request; ``attempt`` signs the next attempt."""

    def __init__(self, fields: Any, attempt: Attempt, is_sent: bool = False) -> None:
        super().__init__(fields)
        self.attempt = attempt
        self.is_sent = is_sent

    def copy(self) -> Attempts:
        return Attempts(self, self.attempt, self.is_sent)

    def __reduce__(self) -> Any:
        return Fields, (dict(self),)


class Pool:
    """A pool that signs each attempt: urllib3 calls ``urlopen`` for each attempt, with the same header fields."""

    def urlopen(self, method: str, url: str, body: Any = None, headers: Any = None, *args: Any, **options: Any) -> Any:
        if isinstance(headers, Attempts):
            if headers.is_sent:
                url, body, headers = headers.attempt(headers)
            headers.is_sent = True
        return super().urlopen(method, url, body, headers, *args, **options)  # type: ignore[misc]  # of the other base


def sign_attempts(manager: Any) -> None:
    """Make a pool manager, or the manager of a proxy, create pools of class :class:`Pool`."""
    manager.pool_classes_by_scheme = {
        scheme: kind if issubclass(kind, Pool) else type(kind.__name__, (Pool, kind), {})
        for scheme, kind in manager.pool_classes_by_scheme.items()
    }


class ResponseHook:
    """A hook that requests calls with the response to a signed request, and to each redirect."""

    def __call__(self, response: requests.Response, **options: Any) -> requests.Response:
        request: Any = response.request
        # The request of a cached response is a record of an earlier request, or none was sent.
        if getattr(request, "home", None) is None or getattr(response, "from_cache", False):
            return response
        if request.answer not in (None, response.raw):
            message = "a prepared request was sent twice with the same nonce: mount OAuth1Adapter, or prepare it again"
            raise SigningError(message, parameter="oauth_nonce")
        request.answer = response.raw
        return self.corrected(request, response, **options)

    def corrected(self, request: SignedRequest, response: requests.Response, **options: Any) -> requests.Response:
        """Return the response; if it has corrected the clock, send the request again and return the new response."""
        raw = response.raw
        if request.timestamp is None or response.status_code not in REFUSALS:
            return response  # nearly every response
        if not isinstance(raw, urllib3.response.BaseHTTPResponse):
            return response  # the response of an adapter that asks no server
        # Use urllib3's header fields: requests joins several fields of the same name into one.
        heard = request.timestamp, uri_of(request), response.status_code, raw.headers
        encoding, first = raw.headers.get("Content-Encoding", ""), b""
        corrected = request.auth.corrected_by_head(*heard)
        if corrected is None:
            read = functools.partial(raw.read, decode_content=False)
            first = read(MAX_BODY)
            request.answer = response.raw = with_body(raw, io.BufferedReader(Rejoined(first, read, raw.close)))
            corrected = request.auth.corrected_by_body(*heard, decoded(encoding, first))
        if not corrected or sent_octets(request) is None:
            return response
        raw.close()
        response.raw = with_body(raw, io.BytesIO(b"" if encoding else first))
        again = request.copy()
        again.sign()
        answer: requests.Response = response.connection.send(again, **options)
        answer.history.append(response)
        return answer

    def __reduce__(self) -> Any:
        return functools.partial, (unchanged,)

    def __deepcopy__(self, memo: Any) -> ResponseHook:
        return self


def with_body(raw: Any, body: io.BufferedIOBase) -> urllib3.HTTPResponse:
    """Return a copy of ``raw`` with another body, which is not decoded yet."""
    return urllib3.HTTPResponse(
        body,
        raw.headers,
        raw.status,
        raw.version,
        reason=raw.reason,
        preload_content=False,
        original_response=getattr(raw, "_original_response", None),  # requests reads the cookies from it
        enforce_content_length=False,  # raw enforces it
    )


def unchanged(response: requests.Response, **options: Any) -> requests.Response:
    return response


def as_sent(sent: requests.PreparedRequest | requests.Response) -> Sent:
    """Return method, URI, headers and body of a request as it was sent, for ``parse_request`` and ``diagnose``.

    A stream that is not a form has been used up when it was sent: the returned body is empty.

    :param sent: a response, or the prepared request.
    """
    request: Any = sent.request if isinstance(sent, requests.Response) else sent
    headers = [(name, field(request, name)) for name in request.headers]
    return as_parsed(request.method, uri_of(request), headers, sent_octets(request))


def uri_of(request: requests.PreparedRequest) -> str:
    # The authority is the one "declared by the HTTP "Host" request header field" (3.4.1).
    url, host = request.url or "", field(request, "Host")
    if not host and PLAIN_URL.fullmatch(url):
        return url
    parts = urlsplit(url)
    authority = host or parts.netloc.rpartition("@")[2]
    return "{}://{}{}".format(parts.scheme, authority, TARGETS.request_url(request, None))


def clear(request: requests.PreparedRequest, auth: OAuth1) -> None:
    """Remove everything that ``auth`` has added to a request."""
    if field(request, "Authorization").startswith("OAuth "):
        del request.headers["Authorization"]
    if auth.placement == "query":
        request.url = without_query_parameters(request.url or "", auth.placed)
    body = sent_octets(request)
    if auth.placement == "form" and body and is_form(field(request, "Content-Type")):
        set_form(request, without_protocol_parameters(body.decode("utf-8", "surrogateescape"), auth.placed))


def field(request: requests.PreparedRequest, name: str) -> str:
    value: Any = request.headers.get(name, "")
    return value.decode("latin-1") if isinstance(value, bytes) else value


class StreamedForm:
    """A form that was given as a stream. It is sent as one chunk, and can be sent again.

    It has no ``__len__``, because requests would then send Content-Length in addition to Transfer-Encoding.
    """

    def __init__(self, octets: bytes) -> None:
        self.octets = octets

    def __iter__(self) -> Iterator[bytes]:
        yield self.octets


def sent_octets(request: requests.PreparedRequest) -> bytes | None:
    """Return the octets of the body, or ``None`` if the body is a stream that can be read only once."""
    body: Any = request.body
    return body.octets if isinstance(body, StreamedForm) else body_octets(body)


def form_of(request: requests.PreparedRequest) -> bytes:
    """Return the octets of a form; a stream is replaced by its octets, so that it can still be sent."""
    octets = sent_octets(request)
    if octets is None:
        body: Any = request.body
        octets = b"".join([body_octets(chunk) or b"" for chunk in body])
        request._body_position = None  # type: ignore[attr-defined]  # a redirect has nothing to rewind
        set_form(request, octets.decode("utf-8", "surrogateescape"))
    return octets


def set_form(request: requests.PreparedRequest, form: str) -> None:
    octets = form.encode("utf-8", "surrogateescape")
    body: Any = octets
    if "Transfer-Encoding" in request.headers:
        body = StreamedForm(octets)
    else:
        request.headers["Content-Length"] = str(len(octets))
    request.body = body
