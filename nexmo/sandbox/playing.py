"""The provider that the sandbox plays: Nexmo, a provider in ``oauth1_core.providers``, or a provider in a file.

The sandbox follows the :class:`~oauth1_core.Provider`: its paths, methods, placement, signature method, realm, and what
it leaves out. MANNERS has what a ``Provider`` cannot express, from the sources named in ``oauth1_core.providers``. The
providers do not document media types. Some entries have another media type than a form, as real providers do, so that
no client relies on the media type.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    HMAC_SHA512,
    PLAINTEXT,
    MalformedRequest,
    Provider,
    RsaSha1,
    RsaSha256,
    RsaSha512,
    SignatureMethod,
    SigningError,
    decode_form,
    form_encoded_body,
    request_uri,
)
from oauth1_core.providers import BASED, KNOWN

from ..endpoints import NEXMO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from oauth1_core import AuthenticatedRequest, Credentials

    Pairs = list[tuple[str, str]]

FORM = "application/x-www-form-urlencoded"
ENDPOINTS = ("temporary_credentials", "authorization", "token_credentials")
# Paths of the sandbox's own pages, where a played provider cannot have an endpoint.
OWN_PATHS = ("/", "/favicon.ico", "/static/", "/inspector", "/oauth/sign-in", "/oauth/sign-out", "/oauth/revoke")
TOKEN = "{token}"
METHODS: tuple[SignatureMethod, ...] = (HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT)
WITH_KEY = {method.name: method for method in (RsaSha1, RsaSha256, RsaSha512)}


class Manners(NamedTuple):
    """The behaviour of a provider that its ``Provider`` does not describe; the defaults are the most common."""

    # The parameters of the callback after a denial; None: the user sees a page and is not redirected.
    denial: tuple[tuple[str, str], ...] | None = (("oauth_token", TOKEN), ("oauth_problem", "user_refused"))
    fragment: str = ""
    # "registered": the registered callback or "oob"; "oob": only "oob"; "optional": a missing callback means "oob".
    callback: str = "registered"
    client_has_secret: bool = True
    wants_user_agent: bool = False
    also_signed_by: str = ""
    # Text around the credentials: in both replies; in the reply with the token credentials only.
    reply: str = "{}"
    token_reply: str = "{}"
    media_type: str = FORM
    # The JSON body of each refusal of a signed request; None: a form with oauth_problem.
    refusal: object = None


MANNERS = {
    "x": Manners(
        denial=(("denied", TOKEN),),
        token_reply="{}&user_id=7&screen_name=jane",
        media_type="text/html; charset=utf-8",
        refusal={"errors": [{"code": 32, "message": "Could not authenticate you."}]},
    ),
    # python3-discogs-client uses an undocumented signature method, and sends no callback instead of "oob".
    "discogs": Manners(
        denial=(("denied", TOKEN),), callback="optional", wants_user_agent=True, also_signed_by="HMAC-SHA1"
    ),
    "flickr": Manners(
        token_reply="fullname=Jos%E9&{}&user_nsid=7%40N07&username=jane", media_type="text/plain; charset=utf-8"
    ),
    "tumblr": Manners(denial=(), fragment="#_=_"),
    "mediawiki": Manners(denial=None),
    "etrade": Manners(callback="oob"),
    "zotero": Manners(token_reply="{}&userID=7&username=jane", media_type="text/html; charset=utf-8"),
    "launchpad": Manners(client_has_secret=False, media_type="text/plain"),
    "jira": Manners(denial=(("oauth_token", TOKEN), ("oauth_verifier", "denied")), media_type="text/plain"),
    "wordpress": Manners(reply="\n{}"),
}


class Played:
    """A provider, its behaviour, and the signature methods that it accepts; ``private_key`` is the client's, as PEM.

    ``is_another``: the provider is not Nexmo.
    """

    def __init__(self, name: str, provider: Provider, manners: Manners, *, is_another: bool) -> None:
        self.name = name
        self.provider = provider
        self.manners = manners
        self.is_another = is_another
        self.private_key = ""
        self.accept: tuple[SignatureMethod, ...] = tuple(
            each
            for each in METHODS
            if each.name in (provider.signature_method, manners.also_signed_by) or not is_another
        )
        if not manners.client_has_secret:
            self.accept = tuple(ClientWithoutSecret(method) for method in self.accept)
        if provider.signature_method in WITH_KEY:
            self.private_key, method = new_key(provider.signature_method)
            self.accept = (method,)

    def leaves_out(self, word: str) -> bool:
        return word in self.provider.allow

    def moved(self, origin: str) -> Provider:
        """Return the provider with its endpoints at ``origin``."""
        values = self.provider.to_dict()
        there = urlsplit(origin)
        for name in ENDPOINTS:
            values[name] = urlunsplit(urlsplit(values[name])._replace(scheme=there.scheme, netloc=there.netloc))
        return Provider.from_dict(values)

    def methods(self) -> list[list[str]]:
        """Return the HTTP methods that each of the two token endpoints accepts, the documented method first.

        A provider that documents GET also accepts POST, the method of RFC 5849. Only Nexmo accepts GET beside POST.
        """
        documented = self.provider.methods()
        return [
            [each] if self.is_another and each == "POST" else [*dict.fromkeys([each, "POST", "GET"])]
            for each in documented
        ]

    def notes(self, request: AuthenticatedRequest, headers: Mapping[str, str], documented: str | None) -> list[str]:
        """Return how a request differs from this provider's documentation; raise MalformedRequest if it is refused.

        ``documented`` is the documented HTTP method of a token endpoint.
        """
        notes = []
        if documented not in (None, request.method):
            by = f"{self.name} documents" if self.is_another else "RFC 5849 uses"
            notes.append(f"The method is {request.method}; {by} {documented}, and other servers may require it.")
        if not self.is_another:
            return notes
        if self.manners.wants_user_agent and not headers.get("user-agent"):
            raise MalformedRequest(f"{self.name} requires a User-Agent that names the application")
        wanted, found = self.provider.placement, placement_of(request)
        if found == "query" and request.signature_method == PLAINTEXT.name:
            raise MalformedRequest(
                "PLAINTEXT in the query writes the secrets to logs: send the protocol parameters in the header"
            )
        if wanted != found:
            notes.append(f"The protocol parameters are in the {found}; {self.name} documents the {wanted}.")
        elif found == "header" and self.provider.realm not in (None, request.realm):
            notes.append(f'{self.name} documents realm="{self.provider.realm}".')
        return notes

    def reply(self, issued: Credentials, further: Iterable[tuple[str, str]] = (), *, is_token: bool) -> str:
        """Return the body of the reply with credentials."""
        pairs = [("oauth_token", issued.identifier)]
        if not self.leaves_out("no-token-secret"):
            pairs.append(("oauth_token_secret", issued.secret))
        body = form_encoded_body([*pairs, *further])
        return self.manners.reply.format(self.manners.token_reply.format(body) if is_token else body)

    def denial(self, token: str) -> Pairs | None:
        """Return the parameters of the callback after a denial, None if the user is not redirected."""
        if self.manners.denial is None:
            return None
        return [(name, value.replace(TOKEN, token)) for name, value in self.manners.denial]

    def targets(self) -> list[tuple[str, frozenset[tuple[str, str]]]]:
        return [target_of(getattr(self.provider, name)) for name in ENDPOINTS]

    def endpoints(self) -> Pairs:
        """Return the method and target of each of the three endpoints, and its purpose."""
        first, last = self.provider.methods()
        purposes = ("a request token", "the approval of a user", "an access token")
        return [
            (f"{method} {request_uri(sorted(query), path)}", purpose)
            for method, (path, query), purpose in zip((first, "GET", last), self.targets(), purposes)
        ]


class ClientWithoutSecret:
    """A signature method with an empty client secret, for a provider whose clients have no secret."""

    def __init__(self, method: SignatureMethod) -> None:
        self.method = method
        self.name = method.name

    def sign(self, base_string: str, client_secret: str, token_secret: str) -> str:
        return self.method.sign(base_string, "", token_secret)

    def verify(self, signature: str, base_string: str, client_secret: str, token_secret: str) -> bool:
        return self.method.verify(signature, base_string, "", token_secret)


NEXMO_ITSELF = Played(
    "nexmo", Provider(NEXMO.request_token, NEXMO.authorize, NEXMO.access_token), Manners(), is_another=False
)


def played(like: str | None) -> Played:
    """Return the provider with the name ``like``, or in the JSON or TOML file ``like``; None: Nexmo.

    The member ``sandbox`` of a file has the fields of :class:`Manners`. Raises ValueError or SigningError if the
    provider is unknown or cannot be played.
    """
    if like is None:
        return NEXMO_ITSELF
    if like in KNOWN or like in BASED:
        provider = KNOWN[like] if like in KNOWN else BASED[like]("https://host.example")
        manners = MANNERS.get(like, Manners())
    else:
        values = read(Path(like))
        manners = manners_of(values.pop("sandbox", {}))
        provider = Provider.from_dict(values)
    playing = Played(Path(like).stem, provider, manners, is_another=True)
    if len(set(playing.targets())) < len(ENDPOINTS):
        raise ValueError("two endpoints of this provider have the same path and query: change one of them")
    for path, _ in playing.targets():
        if path in OWN_PATHS or path.startswith(("/static/", "/inspector/")):
            raise ValueError(f"{path} is a page of the sandbox: an endpoint of a played provider needs another path")
    return playing


def read(path: Path) -> dict[str, Any]:
    """Return the table in a JSON or TOML file; raise ValueError if the file has no table."""
    if not path.exists():
        raise ValueError(f"{str(path)!r} must be a file or one of {', '.join([*KNOWN, *BASED])}")
    text = path.read_text(encoding="utf-8")
    loads: Callable[[str], Any] = json.loads
    if path.suffix == ".toml":
        try:
            from tomllib import loads
        except ImportError:
            raise ValueError("TOML needs Python 3.11 or newer: write the provider as JSON") from None
    try:
        values = loads(text)
    except RecursionError:
        raise ValueError(f"{str(path)!r} is nested too deeply") from None
    if not isinstance(values, dict):
        raise ValueError(f"{str(path)!r} has no provider: it must be a JSON object with the arguments of Provider")
    return values


def manners_of(values: dict[str, Any]) -> Manners:
    try:
        manners = Manners(**values)
        denial: Any = manners.denial
        # TOML has no null, so denial = false also stands for a page.
        pairs = None if denial in (None, False) else tuple((str(name), str(value)) for name, value in denial)
        manners = manners._replace(denial=pairs)
        check(manners)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the member sandbox may have {', '.join(Manners._fields)}: {error}") from None
    return manners


def check(manners: Manners) -> None:
    """Raise ValueError, with the name of the field, if a value cannot be used in a response."""
    for name, default in Manners._field_defaults.items():
        value = getattr(manners, name)
        if name not in ("denial", "refusal") and type(value) is not type(default):
            raise ValueError(f"{name} must be {'true or false' if isinstance(default, bool) else 'text'}")
    # Both become part of a header field.
    for name in ("fragment", "media_type"):
        value = getattr(manners, name)
        if not (value.isascii() and value.isprintable()) or value != value.strip():
            raise ValueError(f"{name} must be printable ASCII, without white space around it")
    if manners.callback not in ("registered", "optional", "oob"):
        raise ValueError("callback must be registered, optional or oob")
    for name in ("reply", "token_reply"):
        try:
            getattr(manners, name).format("").encode("utf-8")
        except (AttributeError, IndexError, KeyError, ValueError):
            raise ValueError(f"{name} must have {{}} where the credentials go") from None
    try:
        json.dumps(manners.refusal)
    except (TypeError, ValueError, RecursionError):
        raise ValueError("refusal must be a value that JSON can express") from None
    try:
        form_encoded_body(manners.denial or ())
    except SigningError:
        raise ValueError("denial must be pairs of text") from None


def target_of(uri: str) -> tuple[str, frozenset[tuple[str, str]]]:
    """Return the path of a URI, and the pairs of its query."""
    parts = urlsplit(uri)
    return parts.path or "/", frozenset(decode_form(parts.query))


def placement_of(request: AuthenticatedRequest) -> str:
    for place, text in (("query", request.uri.partition("?")[2]), ("form", request.body if request.is_form else "")):
        if any(name.startswith("oauth_") for name, _ in decode_form(text)):
            return place
    return "header"


def new_key(name: str) -> tuple[str, SignatureMethod]:
    """Return a private key for the client, as PEM, and the signature method that verifies its signatures."""
    try:
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        from oauth1_core.adapters.cryptography import rsa_from_pem
    except ImportError:
        raise ValueError(f"{name} needs the package cryptography: pip install 'oauth1-core[rsa]'") from None
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    return pem, rsa_from_pem(WITH_KEY[name], pem)
