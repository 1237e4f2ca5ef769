"""Code shared by the adapters of servers: it builds the URI that a client signed from the parts that a server passes.

A request names its target and its Host (RFC 5849 section 3.4.1.2), and both come from the client. So Host must be the
host of an allowed origin, and the target must be a path: the target ``.evil.com/a`` after an origin would name another
host. This module depends on no server library.
"""

from ..errors import LimitExceeded, MalformedRequest, SigningError
from ..transmission import authorization_header, is_form_type
from ..uris import is_sound_path, origin_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..receiving import Limits

__all__ = ["Origins"]


class Origins:
    """The addresses that clients use, such as ``["https://api.example.com"]``.

    ``prefix`` is the beginning of each path that a proxy has removed, such as ``"/v1"``.
    """

    def __init__(self, origins: "Iterable[str]", prefix: str = "") -> None:
        given = list(origins)
        self.origins: "frozenset[str]" = frozenset([origin_of(origin) for origin in given])
        for origin in given:
            rest = origin.partition("://")[2]
            if any([character in rest[:-1] for character in "/?#@*"]) or rest[-1] in "?#@*":
                raise ValueError(
                    "an origin must be a scheme, a host and a port, without path, query, userinfo or wildcard"
                )
        if prefix and (prefix[0] != "/" or prefix[-1] == "/" or not is_sound_path(prefix) or "?" in prefix):
            raise ValueError('prefix must be the first part of a path, such as "/v1"')
        self.prefix = prefix
        hosts = [origin.partition("://")[2] for origin in self.origins]
        self.by_host: "dict[str, list[str]]" = {host: self.with_host(host) for host in hosts}

    def uri(self, hosts: "list[str]", target: str, scheme: str = "") -> str:
        """Return the URI of a request from its Host header fields, its target as it was sent, and the server's scheme.

        ``scheme`` matters only if an ``http`` and an ``https`` origin share a Host.
        """
        if target[:1] != "/":
            # A target of another form (RFC 9112 section 3.2) could name another authority than Host does.
            raise MalformedRequest("the request target is not a path", parameter="uri")
        return self.of(hosts, scheme) + self.prefix + target

    def of(self, hosts: "list[str]", scheme: str = "") -> str:
        """Return the origin that Host names; raises MalformedRequest if no origin has that Host."""
        if len(hosts) != 1 or any([character in hosts[0] for character in "@/?#"]):
            message = "the request must have exactly one Host header field, with a host and a port"
            raise MalformedRequest(message, parameter="host")
        found = self.by_host.get(hosts[0])
        if found is None:
            try:
                found = self.with_host(hosts[0])
            except SigningError as error:
                raise MalformedRequest(str(error), parameter="host") from None
        for origin in found:
            if len(found) == 1 or origin.startswith(scheme + "://"):
                return origin
        raise MalformedRequest("this server does not serve the host in the Host header", status=421, parameter="host")

    def with_host(self, host: str) -> "list[str]":
        spelled = [origin_of("{}://{}".format(scheme, host)) for scheme in ("https", "http")]
        return [origin for origin in spelled if origin in self.origins]

    def checked(self, uri: str) -> str:
        """Return ``uri`` if it belongs to one of the origins, or if there are no origins; otherwise raise an error."""
        try:
            if self.origins and origin_of(uri) not in self.origins:
                raise MalformedRequest("this server does not serve the request URI", status=421, parameter="uri")
        except SigningError as error:
            raise MalformedRequest(str(error), parameter="uri") from None
        return uri


def check_options(realm: str, token: str) -> None:
    """Raise an error when the middleware is made, not with each request, if ``realm`` or ``token`` is not valid."""
    authorization_header((), realm)
    if token not in ("required", "optional", "absent"):
        raise ValueError('token must be "required", "optional" or "absent"')


def body_limit(content_type: str, declared: str, limits: "Limits", max_body: int) -> int:
    """Return how many octets of a body to read; raises LimitExceeded if Content-Length is larger."""
    limit = min(max_body, limits.form) if is_form_type(content_type) else max_body
    # int() takes long for many digits.
    if declared and not declared.strip("0123456789") and (len(declared) > 18 or int(declared) > limit):
        raise too_long(limit)
    return limit


def too_long(limit: int) -> "LimitExceeded":
    return LimitExceeded("the body is longer than {} octets".format(limit), status=413, problem="", parameter="body")
