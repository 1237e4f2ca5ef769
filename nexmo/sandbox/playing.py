"""Which provider the sandbox plays: Nexmo, one that ``oauth1_core.providers`` knows, or one of a file.

What a :class:`~oauth1_core.Provider` says is played as it stands: paths, methods, placement, signature method, realm,
and what it leaves out. MANNERS holds what it cannot say, from the sources named in ``oauth1_core.providers``. Media
types are not documented; some differ from form data, as they do in practice, so that no client relies on them.
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
# What is where the provider's own endpoints cannot be.
OWN_PATHS = ("/", "/favicon.ico", "/static/", "/inspector", "/oauth/sign-in", "/oauth/sign-out", "/oauth/revoke")
TOKEN = "{token}"
METHODS: tuple[SignatureMethod, ...] = (HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT)
WITH_KEY = {method.name: method for method in (RsaSha1, RsaSha256, RsaSha512)}


class Manners(NamedTuple):
    """What a provider does beside what its entry says; what is not stated is what most of them do."""

    # What is put into the callback when the user denies; None where a page says so and nobody is led back.
    denial: tuple[tuple[str, str], ...] | None = (("oauth_token", TOKEN), ("oauth_problem", "user_refused"))
    fragment: str = ""
    # Which callback is taken: any that is registered, only "oob", or none as well, which is "oob" then.
    callback: str = "registered"
    client_has_secret: bool = True
    wants_user_agent: bool = False
    also_signed_by: str = ""
    # Around the credentials: in both replies, and in that with the token credentials.
    reply: str = "{}"
    token_reply: str = "{}"
    media_type: str = FORM
    # The body of each refusal by an endpoint that wants a signature; None is form data with oauth_problem.
    refusal: object = None


MANNERS = {
    "x": Manners(
        denial=(("denied", TOKEN),),
        token_reply="{}&user_id=7&screen_name=jane",
        media_type="text/html; charset=utf-8",
        refusal={"errors": [{"code": 32, "message": "Could not authenticate you."}]},
    ),
    # python3-discogs-client signs by what the documents do not name, and sends no callback in place of "oob".
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
    """A provider, how it behaves, and what its signatures are verified with; ``private_key`` is the client's, as PEM.

    ``is_another``: another one than Nexmo.
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
        """Return by which methods each of the two token endpoints may be asked, the documented one first.

        POST, which RFC 5849 has, is taken by who documents GET; GET only by who plays nobody that wants POST.
        """
        documented = self.provider.methods()
        return [
            [each] if self.is_another and each == "POST" else [*dict.fromkeys([each, "POST", "GET"])]
            for each in documented
        ]

    def notes(self, request: AuthenticatedRequest, headers: Mapping[str, str], documented: str | None) -> list[str]:
        """Return where a request is not sent as this provider documents it; MalformedRequest if that is not taken.

        ``documented`` is the method of a token endpoint.
        """
        notes = []
        if documented not in (None, request.method):
            by = f"{self.name} documents" if self.is_another else "RFC 5849 has"
            notes.append(f"This was asked by {request.method}; {by} {documented}, and others may insist on it.")
        if not self.is_another:
            return notes
        if self.manners.wants_user_agent and not headers.get("user-agent"):
            raise MalformedRequest(f"{self.name} wants a User-Agent that names the application")
        wanted, found = self.provider.placement, placement_of(request)
        if found == "query" and request.signature_method == PLAINTEXT.name:
            raise MalformedRequest("PLAINTEXT in the query puts the secrets into logs: send them in the header")
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
        """Return what is put into the callback when the user denies, None if nobody is led back."""
        if self.manners.denial is None:
            return None
        return [(name, value.replace(TOKEN, token)) for name, value in self.manners.denial]

    def targets(self) -> list[tuple[str, frozenset[tuple[str, str]]]]:
        return [target_of(getattr(self.provider, name)) for name in ENDPOINTS]

    def endpoints(self) -> Pairs:
        """Return method and target of each of the three endpoints, and what it is for."""
        first, last = self.provider.methods()
        purposes = ("a request token", "the approval of a user", "an access token")
        return [
            (f"{method} {request_uri(sorted(query), path)}", purpose)
            for method, (path, query), purpose in zip((first, "GET", last), self.targets(), purposes)
        ]


class ClientWithoutSecret:
    """A signature method by which each client signs with an empty secret, so that anyone can."""

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
    """Return the provider of a name, or of a file in JSON or TOML; ValueError or SigningError if it is none.

    ``sandbox`` in a file holds its manners, by the names of :class:`Manners`.
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
        raise ValueError("two endpoints of this provider are at the same address")
    for path, _ in playing.targets():
        if path in OWN_PATHS or path.startswith(("/static/", "/inspector/")):
            raise ValueError(f"{path} is a page of the sandbox: a provider with an endpoint there cannot be played")
    return playing


def read(path: Path) -> dict[str, Any]:
    """Return what a file holds; ValueError if that is no table."""
    if not path.exists():
        raise ValueError(f"{str(path)!r} is neither a file nor one of {', '.join([*KNOWN, *BASED])}")
    text = path.read_text(encoding="utf-8")
    loads: Callable[[str], Any] = json.loads
    if path.suffix == ".toml":
        try:
            from tomllib import loads
        except ImportError:
            raise ValueError("TOML needs Python 3.11: write the provider as JSON") from None
    try:
        values = loads(text)
    except RecursionError:
        raise ValueError(f"{str(path)!r} is nested too deeply") from None
    if not isinstance(values, dict):
        raise ValueError(f"{str(path)!r} does not hold a provider")
    return values


def manners_of(values: dict[str, Any]) -> Manners:
    try:
        manners = Manners(**values)
        denial: Any = manners.denial
        # TOML has no null, so that a page is denial = false.
        pairs = None if denial in (None, False) else tuple((str(name), str(value)) for name, value in denial)
        manners = manners._replace(denial=pairs)
        check(manners)
    except (TypeError, ValueError) as error:
        raise ValueError(f"sandbox of the provider holds {', '.join(Manners._fields)}: {error}") from None
    return manners


def check(manners: Manners) -> None:
    """Raise ValueError, with the name of the field, if the sandbox could not answer with it."""
    for name, default in Manners._field_defaults.items():
        value = getattr(manners, name)
        if name not in ("denial", "refusal") and type(value) is not type(default):
            raise ValueError(f"{name} is {'true or false' if isinstance(default, bool) else 'text'}")
    # Both go into a header field.
    for name in ("fragment", "media_type"):
        value = getattr(manners, name)
        if not (value.isascii() and value.isprintable()) or value != value.strip():
            raise ValueError(f"{name} holds ASCII, without white space around it")
    if manners.callback not in ("registered", "optional", "oob"):
        raise ValueError("callback is registered, optional or oob")
    for name in ("reply", "token_reply"):
        try:
            getattr(manners, name).format("").encode("utf-8")
        except (AttributeError, IndexError, KeyError, ValueError):
            raise ValueError(f"{name} holds {{}} where the credentials stand") from None
    try:
        json.dumps(manners.refusal)
    except (TypeError, ValueError, RecursionError):
        raise ValueError("refusal is what JSON can hold") from None
    try:
        form_encoded_body(manners.denial or ())
    except SigningError:
        raise ValueError("denial holds pairs of text") from None


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
    """Return a private key for the client, as PEM, and what verifies its signatures."""
    try:
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        from oauth1_core.adapters.cryptography import rsa_from_pem
    except ImportError:
        raise ValueError(f"{name} needs the package cryptography: pip install 'oauth1-core[rsa]'") from None
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    return pem, rsa_from_pem(WITH_KEY[name], pem)
