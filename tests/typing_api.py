"""What type checkers make of the public names: read by mypy and pyright, never run.

A wrong call carries a comment that expects its error; both checkers complain where they find none.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true
from __future__ import annotations

import ssl
import urllib.request
from typing import NoReturn, assert_type

import aiohttp
import httpx
import httpx2
import redis
import redis.asyncio
import requests
from redis.cluster import RedisCluster

import oauth1_core.adapters.aiohttp
import oauth1_core.adapters.httpx
import oauth1_core.adapters.httpx2
import oauth1_core.adapters.requests
import oauth1_core.adapters.urllib
from oauth1_core import *
from oauth1_core.adapters import wsgi
from oauth1_core.adapters.asgi import OAuth1Middleware
from oauth1_core.adapters.clock import LearningClock
from oauth1_core.adapters.cryptography import rsa_from_pem, rsa_from_pkcs12
from oauth1_core.debugging.recipes import Recipe, replacing
from oauth1_core.nonce_stores.memory import MemoryNonceStore
from oauth1_core.nonce_stores.redis import AsyncRedisNonceStore, RedisNonceStore
from oauth1_core.nonce_stores.sqlite import SQLiteNonceStore
from oauth1_core.signature_methods import Rsa

Pairs = list[tuple[str, str]]

URI = "https://api.example.com/r"
client = ClientCredentials("identifier", "secret")
token = TokenCredentials("identifier", "secret", extra=[("user_id", "7")])

# Encoding and the base string (3.4, 3.6).
assert_type(percent_encode("a"), str)
assert_type(percent_decode("a"), str)
percent_encode(b"a")  # type: ignore[arg-type]  # text is str
assert_type(decode_form("a=b"), Pairs)
assert_type(decode_form(b"a=b"), Pairs)
assert_type(collect_parameters(URI, [("a", "b")], b"c=d"), Pairs)
assert_type(collect_parameters(URI, (pair for pair in {"a": "b"}.items()), form="c=d"), Pairs)
collect_parameters(URI, {"a": "b"})  # type: ignore[dict-item]  # pairs, since a name may stand twice
assert_type(normalize_parameters([("a", "b")]), str)
normalize_parameters([("a", 1)])  # type: ignore[list-item]  # a value is str
assert_type(base_string_uri(URI), str)
assert_type(signature_base_string("GET", URI, []), str)

# Credentials (1.1).
assert_type(client.identifier, str)
assert_type(token.secret, str)
assert_type(token.extra, Pairs)
assert_type(client.__copy__(), ClientCredentials)
assert_type(TemporaryCredentials("identifier", "secret").extra, Pairs)
a_client: ClientCredentials = PublicClientCredentials("identifier")
any_credentials: list[Credentials] = [client, token, a_client]
ClientCredentials("identifier")  # type: ignore[call-arg]  # the secret is missing
ClientCredentials("identifier", b"secret")  # type: ignore[arg-type]  # a secret is str
PublicClientCredentials("identifier", "")  # type: ignore[call-arg]  # it has no secret
print(client.extra)  # type: ignore[attr-defined]  # a reply has further fields, a client has none

# Signature methods (3.4.2 to 3.4.4).


def sign_octets(octets: bytes) -> bytes:
    return octets


def verify_octets(signature: bytes, octets: bytes) -> bool:
    return signature == octets


class OwnMethod:
    name = "X-OWN"

    def sign(self, base_string: str, client_secret: str, token_secret: str) -> str:
        return base_string

    def verify(self, signature: str, base_string: str, client_secret: str, token_secret: str) -> bool:
        return signature == base_string


class HalfMethod:
    name = "X-HALF"

    def sign(self, base_string: str, client_secret: str, token_secret: str) -> str:
        return base_string


assert_type(HMAC_SHA1.name, str)
assert_type(HMAC_SHA256.sign("text", "secret", ""), str)
assert_type(HMAC_SHA512.verify("signature", "text", "secret", ""), bool)
assert_type(PLAINTEXT.sign("text", "secret", ""), str)
assert_type(Plaintext(in_clear=True).in_clear, bool)
assert_type(RsaSha1(sign_octets).sign("text"), str)
assert_type(RsaSha256(verify=verify_octets).verify("signature", "text"), bool)
assert_type(RsaSha512(sign_octets, verify_octets).digest, str)
assert_type(RsaPssSha256(sign_octets).name, str)
RsaSha1(sign=verify_octets)  # type: ignore[arg-type]  # takes two arguments
assert_type(rsa_from_pem(RsaSha256, b"pem", password=None), Rsa)
assert_type(rsa_from_pem(RsaSha256, "pem", "password"), Rsa)
assert_type(rsa_from_pkcs12(RsaSha256, b"file", "password"), Rsa)
rsa_from_pkcs12(RsaSha256, "file")  # type: ignore[arg-type]  # a PKCS#12 file is octets
assert_type(body_hash(b"{}"), str)
assert_type(body_hash(b"{}", HMAC_SHA256.digest), str)
body_hash("{}")  # type: ignore[arg-type]  # a body is bytes

# Making requests (3.1, 3.3, 3.5).
assert_type(generate_nonce(), str)
assert_type(generate_timestamp(), str)
assert_type(sign("GET", URI, client), Pairs)
sign("GET", URI, client, token, form=b"a=b", signature_method=OwnMethod(), timestamp=1, nonce="n", version=None)
sign("GET", URI, client, signature_method=RsaSha1(sign_octets), protocol_parameters=[("oauth_callback", "oob")])
sign("GET", URI, token)  # type: ignore[arg-type]  # a token is no client
sign("GET", URI, client, signature_method=HalfMethod())  # type: ignore[arg-type]  # it cannot verify
sign("GET", URI, client, signature_method="HMAC-SHA1")  # type: ignore[arg-type]  # a method, not its name
sign("GET", URI)  # type: ignore[call-arg]  # by which client
assert_type(authorization_header(sign("GET", URI, client), realm="r"), str)
assert_type(form_encoded_body([], "a=b"), str)
assert_type(request_uri([], URI), str)
assert_type(parse_authorization_header("OAuth"), Pairs)
signer = Signer(client, token, realm="r", version=None, nonce=lambda: "n", clock=LearningClock())
assert_type(signer.sign("POST", URI, form="a=b"), Pairs)
assert_type(signer.authorization_header("GET", URI, realm="other"), str)
assert_type(signer.for_token(token), Signer)
Signer(client, nonce="n")  # type: ignore[arg-type]  # a fresh one for each request

# Verifying requests (3.2).


class Known:
    def client(self, identifier: str) -> ClientCredentials | None:
        return client

    def token(self, client_identifier: str, token_identifier: str) -> TokenCredentials | None:
        return None


def granted(request: AuthenticatedRequest) -> None:
    raise InvalidToken("revoked", parameter="oauth_token")


request = parse_request("GET", URI, [("Authorization", "OAuth")], b"", limits=LIMITS)
assert_type(request, AuthenticatedRequest)
assert_type(request.parameters, Pairs)
assert_type(request.protocol_parameters, Pairs)
assert_type(request.client_identifier, str)
assert_type(request.token_identifier, str | None)
assert_type(request.timestamp, int | None)
assert_type(request.body, bytes)
parse_request("GET", URI, {"Authorization": "OAuth"})
parse_request("GET", URI, httpx.Headers())
parse_request("GET", URI, requests.Response().headers)
parse_request("GET", URI, 7)  # type: ignore[arg-type]
parse_request("GET", URI, body="a=b")  # type: ignore[arg-type]  # a body is bytes
verify_signature(request, None)
verify_signature(request, client, token, accept=[PLAINTEXT, RsaSha1(verify=verify_octets)])
verifier = Verifier(Known(), MemoryNonceStore(epoch=0), limits=Limits(header=4096), check_status=granted)
assert_type(verifier.verify("GET", URI, token="optional"), AuthenticatedRequest)
Verifier(Known(), SQLiteNonceStore("nonces"), accept=lambda identifier: (HMAC_SHA1, OwnMethod()))
Verifier(Known(), RedisNonceStore(redis.Redis(), skew=2))
Verifier(Known(), RedisNonceStore(RedisCluster("127.0.0.1")))
Verifier(Known(), MemoryNonceStore(), disclose="minimal")
Verifier(Known(), MemoryNonceStore(), disclose="verbos")  # type: ignore[arg-type]
verifier.verify("GET", URI, token="requierd")  # type: ignore[arg-type]
Verifier(Known())  # type: ignore[call-arg]  # the nonce store is required
Verifier(Known(), {})  # type: ignore[arg-type]
Verifier(client, MemoryNonceStore())  # type: ignore[arg-type]
assert_type(MemoryNonceStore().claim("client", "token", 1, "nonce", 1.5), bool)
assert_type(refusal(MalformedRequest("message", fields=[("a", "b")])), tuple[int, Pairs, bytes])
refusal(SigningError("message"))  # type: ignore[arg-type]


def read_request() -> NoReturn:
    try:
        verifier.verify("GET", URI)
    except VerificationError as error:
        assert_type(error.status, int)
        assert_type(error.problem, str)
        assert_type(error.parameter, str | None)
        assert_type(error.fields, Pairs)
    raise OAuth1Error("message", parameter=None)


of_the_caller: list[type[SigningError]] = [InsecureEndpoint]
of_the_server: list[type[AuthorizationError]] = [
    AuthorizationDenied,
    CallbackMismatch,
    CallbackNotConfirmed,
    MalformedTokenResponse,
    TokenRequestRefused,
]
malformed: list[type[BadRequest]] = [
    DuplicatedParameter,
    MissingParameter,
    UnsupportedSignatureMethod,
    UnsupportedVersion,
]
not_authentic: list[type[Unauthorized]] = [InvalidClientCredentials, InvalidNonce, InvalidSignature, InvalidTimestamp]
refused: list[type[VerificationError]] = [InsecureTransport, LimitExceeded, StoreUnavailable]

# The redirection-based flow (2).
assert_type(temporary_credentials_request(URI, client, "https://example.org/back", method="GET"), Pairs)
temporary = parse_temporary_credentials(b"")
assert_type(temporary, TemporaryCredentials)
assert_type(resource_owner_authorization_uri(URI, temporary), str)
assert_type(parse_callback(URI, temporary), str)
assert_type(token_credentials_request(URI, client, temporary, "verifier", signature_method=PLAINTEXT), Pairs)
assert_type(parse_token_credentials("a=b"), TokenCredentials)
provider = Provider(URI, URI, URI, method=("GET", "POST"), placement="query", allow=["no-verifier"])
assert_type(Provider.from_dict(provider.to_dict()), Provider)
Provider(URI, URI, URI, allow=["no-secret"])  # type: ignore[list-item]  # none of the words
assert_type(AuthorizationFlow(provider, client).authorization_uri(temporary, perms="read"), str)
assert_type(AuthorizationFlow(provider, client).refused(URI, (500, [], b""), [token.secret]).excerpt, str)
assert_type(TokenCredentials.from_dict(token.to_dict()), TokenCredentials)
parse_callback(URI, token)  # type: ignore[arg-type]
temporary_credentials_request(URI, client, token=token)  # type: ignore[call-arg]

# How a signature came to be, and why it does not match.
explanation = explain("GET", URI, client, token, realm="r")
assert_type(explanation, Explanation)
assert_type(explain_request(request).as_json(), str)
assert_type(explanation.as_text() + explanation.as_html() + explanation.base_string, str)
assert_type([step.pieces for step in explanation.steps], list[Pairs])
assert_type(diagnose("GET", URI, [], b"", client, token, other_secrets=["s"], other_uris=[URI]), list[Finding])
assert_type(diagnose("GET", URI, [], b"", client, token, token_client="ck"), list[Finding])
assert_type([finding.alike for finding in diagnose("GET", URI, [], b"", client)], list[tuple[Finding, ...]])
assert_type(compare_base_strings("ours", "theirs"), list[Difference])
assert_type([difference.causes for difference in compare_base_strings("ours", "theirs")], list[list[Finding]])
recipe = Recipe("GET", URI, (), (), ())
assert_type(recipe.replaced(encode_uri=(percent_encode,), detail="a"), Recipe)
recipe.replaced(encode_urii=())  # type: ignore[call-arg]  # misspelt
recipe.replaced(method=b"GET")  # type: ignore[arg-type]  # a method is str
recipe.replaced(headers=[])  # type: ignore[call-arg]  # what was received is not changed
replacing(sort=None, encode_again=())
replacing(encode_agian=())  # type: ignore[call-arg]  # misspelt

# Adapters.


async def application(scope: object, receive: object, send: object) -> None:
    return None


def answer(error: VerificationError, realm: str) -> tuple[int, Pairs, bytes]:
    return refusal(error, realm)


OAuth1Middleware(application, verifier, origins=["https://api.example.com"], answer=answer)
async_verifier = AsyncVerifier(Known(), MemoryNonceStore())
OAuth1Middleware(application, async_verifier, origins=[], prefix="/v1", uri=lambda scope: scope["path"])
OAuth1Middleware(application, verifier, origins=[], body_timeout=5, threads=1, waiting=0)
wsgi.OAuth1Middleware(lambda environ, start: [], verifier, origins=[], prefix="/v1", uri=lambda environ: environ["URI"])
wsgi.OAuth1Middleware(lambda environ, start: [], async_verifier, origins=[])  # type: ignore[arg-type]
assert_type(verifier.verify("POST", "https://api.example.com/", body=lambda: b""), AuthenticatedRequest)
assert_type(verifier.head("POST", "https://api.example.com/", [], "required"), AuthenticatedRequest)
OAuth1Middleware(application, verifier)  # type: ignore[call-arg]
OAuth1Middleware(application, verifier, origins=[], token="none")  # type: ignore[arg-type]  # "absent"
assert_type(LearningClock(never_back=True, largest_correction=60)(), float)
assert_type(LearningClock()("https://api.example.com/"), float)
assert_type(LearningClock().correct(401, [("Date", "")]), bool)
assert_type(LearningClock().correct(401, {"Date": ""}, timestamp=1, uri="https://api.example.com/"), bool)
assert_type(LearningClock().correct(401, httpx.Headers(), b""), bool)
assert_type(LearningClock().correct(401, requests.Response().headers), bool)
SQLiteNonceStore("nonces", durability="normal")
SQLiteNonceStore("nonces", durability="off")  # type: ignore[arg-type]  # "full" or "normal"

# A word that is none of them.
oauth1_core.adapters.requests.OAuth1(client, placement="body")  # type: ignore[arg-type]  # "form"
oauth1_core.adapters.httpx.OAuth1(client, body_hash="on")  # type: ignore[arg-type]  # "auto" or "always"
oauth1_core.adapters.httpx2.OAuth1(client, placement="url")  # type: ignore[arg-type]  # "query"
oauth1_core.adapters.urllib.OAuth1(client, body_hash="sha1")  # type: ignore[arg-type]
oauth1_core.adapters.aiohttp.OAuth1(client, placement="Header")  # type: ignore[arg-type]
oauth1_core.adapters.aiohttp.OAuth1(client, place="header")  # type: ignore[call-arg]


def call_by_every_client() -> None:
    auth = oauth1_core.adapters.requests.OAuth1(client, token, placement="query", body_hash="auto")
    assert_type(auth.with_realm("r"), oauth1_core.adapters.requests.OAuth1)
    assert_type(requests.get(URI, auth=auth), requests.Response)
    diagnose(*oauth1_core.adapters.requests.as_sent(requests.get(URI, auth=auth)), client, token)
    explain_request(parse_request(*oauth1_core.adapters.httpx.as_sent(httpx.get(URI))))
    explain_request(parse_request(*oauth1_core.adapters.httpx2.as_sent(httpx2.get(URI))))
    explain_request(parse_request(*oauth1_core.adapters.urllib.as_sent(urllib.request.urlopen(URI))))
    requests.Session().mount("https://", oauth1_core.adapters.requests.OAuth1Adapter(max_retries=2))
    transport = oauth1_core.adapters.httpx.OAuth1Transport(
        oauth1_core.adapters.httpx.OAuth1(client), httpx.HTTPTransport()
    )
    httpx.Client(transport=transport)
    oauth1_core.adapters.httpx.OAuth1Transport(httpx.HTTPTransport())  # type: ignore[arg-type]
    httpx.AsyncClient(auth=oauth1_core.adapters.httpx.OAuth1(client), transport=transport)
    transport2 = oauth1_core.adapters.httpx2.OAuth1Transport(
        oauth1_core.adapters.httpx2.OAuth1(client), httpx2.HTTPTransport()
    )
    httpx2.Client(transport=transport2)
    oauth1_core.adapters.httpx2.OAuth1Transport(httpx2.HTTPTransport())  # type: ignore[arg-type]
    httpx2.AsyncClient(auth=oauth1_core.adapters.httpx2.OAuth1(client), transport=transport2)
    https = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    urllib.request.build_opener(https, oauth1_core.adapters.urllib.OAuth1(client, token))
    oauth1_core.adapters.urllib.OAuth1(token)  # type: ignore[arg-type]


def log_in_by_every_client() -> None:
    flow = oauth1_core.adapters.httpx.Flow(provider, client, http=httpx.Client(), clock=LearningClock())
    assert_type(flow.temporary_credentials(None), TemporaryCredentials)
    assert_type(flow.token_credentials(temporary), TokenCredentials)
    assert_type(oauth1_core.adapters.httpx2.Flow(provider, client).token_credentials(temporary, "v"), TokenCredentials)
    assert_type(oauth1_core.adapters.requests.Flow(provider, client).authorization_uri(temporary), str)
    oauth1_core.adapters.urllib.Flow(provider, client, signature_method=OwnMethod()).token_credentials(token)  # type: ignore[arg-type]
    oauth1_core.adapters.requests.OAuth1(client, realm=lambda uri: uri, protocol_parameters=[("a", "b")])


async def log_in_by_clients_that_are_awaited() -> None:
    flow = oauth1_core.adapters.aiohttp.AsyncFlow(provider, client)
    assert_type(await flow.temporary_credentials("oob"), TemporaryCredentials)
    assert_type(
        await oauth1_core.adapters.httpx.AsyncFlow(provider, client).token_credentials(temporary), TokenCredentials
    )


async def claim_in_redis() -> None:
    store = AsyncRedisNonceStore(redis.asyncio.Redis(socket_timeout=1), skew=2)
    assert_type(await store.start(), None)
    assert_type(await store.claim("client", "token", 1, "nonce", 1.5), bool)
    AsyncRedisNonceStore(redis.asyncio.RedisCluster("127.0.0.1"), 300, epoch=0, prefix="p", trust_server=True)
    AsyncRedisNonceStore(redis.Redis())  # type: ignore[arg-type]  # that client is not awaited
    RedisNonceStore(redis.asyncio.Redis())  # type: ignore[arg-type]  # and this one is


async def call_by_aiohttp() -> None:
    middleware = oauth1_core.adapters.aiohttp.OAuth1(client, token, origin="https://api.example.com")
    async with aiohttp.ClientSession(middlewares=[middleware]) as session, session.get(URI) as response:
        assert_type(response, aiohttp.ClientResponse)


# What an annotation of one's own may name.
source: CredentialsSource = Known()
nonces: NonceStore = MemoryNonceStore(epoch=0)
methods: list[SignatureMethod] = [HMAC_SHA1, OwnMethod(), RsaSha1()]
fields: Headers = [("Host", "example.com")]
collected: Parameters = collect_parameters(URI)
steps: list[Step] = explain("GET", URI, client).steps
assert_type(keeps_secrets(URI), bool)
assert_type(request.single("to"), str)
assert_type(problem_report({"WWW-Authenticate": "OAuth"}), dict[str, str])
assert_type(origin_of(URI), str)
check_endpoint(URI)


async def verified_later() -> None:
    verifier = AsyncVerifier(source, nonces)
    assert_type(await verifier.verify("GET", URI), AuthenticatedRequest)
