"""The WSGI middleware: what reaches an application is verified, and what does not is answered in full."""

import io
import wsgiref.validate

import pytest

from oauth1_core import (
    AsyncVerifier,
    ClientCredentials,
    MalformedRequest,
    SigningError,
    TokenCredentials,
    Verifier,
    authorization_header,
    body_hash,
    decode_form,
    form_encoded_body,
    sign,
)
from oauth1_core.adapters.wsgi import OAuth1Middleware
from oauth1_core.nonce_stores.memory import MemoryNonceStore

CLIENT, TOKEN = ClientCredentials("client", "cs"), TokenCredentials("token", "ts")
ORIGIN = "https://api.example"
FORM = "application/x-www-form-urlencoded"


class Known:
    def client(self, identifier):
        return CLIENT if identifier == CLIENT.identifier else None

    def token(self, client_identifier, token_identifier):
        return TOKEN if token_identifier == TOKEN.identifier else None


def verifier(**options):
    return Verifier(Known(), options.pop("nonces", MemoryNonceStore(epoch=0)), **options)


class Application:
    """Reads what Content-Length says, and answers; keeps what it was given."""

    def __init__(self):
        self.requests, self.bodies = [], []

    def __call__(self, environ, start_response):
        self.requests.append(environ["oauth1"])
        self.bodies.append(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"fine"]


@pytest.fixture
def app():
    return Application()


def protect(app, **options):
    options.setdefault("origins", [ORIGIN])
    return OAuth1Middleware(app, options.pop("verifier", None) or verifier(), **options)


def environ_of(method="GET", target="/r", body=b"", pairs=None, **more):
    environ = {
        "REQUEST_METHOD": method,
        # As servers do: decoded, so that it tells less than the target.
        "SCRIPT_NAME": "",
        "PATH_INFO": "/decoded",
        "QUERY_STRING": target.partition("?")[2],
        "REQUEST_URI": target,
        "SERVER_NAME": "inner",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "api.example",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **more,
    }
    if body and "HTTP_TRANSFER_ENCODING" not in environ:
        environ.setdefault("CONTENT_LENGTH", str(len(body)))
    if pairs is not None:
        environ["HTTP_AUTHORIZATION"] = authorization_header(pairs)
    return {name: value for name, value in environ.items() if value is not None}


def signed(method="GET", target="/r", form="", origin=ORIGIN, **more):
    return environ_of(method, target, form.encode(), sign(method, origin + target, CLIENT, TOKEN, form=form), **more)


def posted(form="a=1&b=2", **more):
    return signed("POST", form=form, CONTENT_TYPE=FORM, **more)


def call(middleware, environ):
    """Return status, header fields and body, where the standard library's validator finds nothing wrong."""
    started = []

    def start_response(status, headers, exc_info=None):
        started.append((status, headers))
        return lambda data: None

    result = wsgiref.validate.validator(middleware)(environ, start_response)
    body = b"".join(result)
    result.close()
    [(status, headers)] = started
    return int(status[:3]), dict(headers), body


def status_of(middleware, environ):
    return call(middleware, environ)[0]


def refused(middleware, environ):
    status, headers, body = call(middleware, environ)
    assert headers["Content-Length"] == str(len(body)) and headers["Content-Type"] == FORM
    return status, headers, dict(decode_form(body))


# What is accepted


def test_a_verified_request_reaches_the_application_in_its_environ(app):
    assert call(protect(app), signed(target="/r%2Fs?b=2&a=1&a=1"))[::2] == (200, b"fine")
    [request] = app.requests
    assert (request.client_identifier, request.token_identifier) == ("client", "token")
    assert request.uri == ORIGIN + "/r%2Fs?b=2&a=1&a=1"


@pytest.mark.parametrize("name", ["RAW_URI", "REQUEST_URI"])
def test_the_target_is_taken_as_it_was_sent(app, name):
    for target in ("/r%2Fs", "/%7Er", "/r//s", "/caf%c3%a9", "/%FF", "//r", "/a/../r?", "/r?a=%C3%BC&a=+"):
        environ = {**signed(target=target), name: target}
        if name == "RAW_URI":
            environ["REQUEST_URI"] = "/" + target  # which a proxy of the server's own may have changed
        assert status_of(protect(app), environ) == 200
        assert app.requests[-1].uri == ORIGIN + target


def test_a_form_is_read_and_handed_on(app):
    assert status_of(protect(app), posted()) == 200
    assert app.bodies == [b"a=1&b=2"]
    assert app.requests[0].parameters[-2:] == [("a", "1"), ("b", "2")]


def test_a_form_in_chunks_is_handed_on_with_a_length(app):
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    environ = posted(**chunked)
    assert status_of(protect(app), environ) == 200
    assert app.bodies == [b"a=1&b=2"]


def test_the_protocol_parameters_may_come_in_the_form(app):
    form = form_encoded_body(sign("POST", ORIGIN + "/r", CLIENT, TOKEN, form="a=1"), "a=1")
    assert status_of(protect(app), environ_of("POST", body=form.encode(), CONTENT_TYPE=FORM)) == 200


@pytest.mark.parametrize("sent, status", [(b"{}", 200), (b"[]", 401)])
def test_a_body_that_its_hash_covers_is_read_and_handed_on(app, sent, status):
    pairs = sign("PUT", ORIGIN + "/r", CLIENT, TOKEN, protocol_parameters=[("oauth_body_hash", body_hash(b"{}"))])
    assert status_of(protect(app), environ_of("PUT", body=sent, pairs=pairs, CONTENT_TYPE="application/json")) == status
    assert app.bodies == ([b"{}"] if status == 200 else [])


def test_a_body_that_no_signature_covers_is_left_to_the_application():
    class Unread(io.BytesIO):
        def read(self, *arguments):
            raise AssertionError

    body, seen = Unread(b"x"), []

    def app(environ, start_response):
        seen.append(environ["wsgi.input"])
        start_response("200 OK", [])
        return []

    environ = signed("PUT", CONTENT_TYPE="image/png", CONTENT_LENGTH="9000000", **{"wsgi.input": body})
    protect(app)(environ, lambda *arguments: None)
    assert seen == [body]


def test_of_two_origins_with_one_host_the_scheme_decides(app):
    middleware = protect(app, origins=["http://api.example", ORIGIN])
    for scheme in ("http", "https"):
        more = {"wsgi.url_scheme": scheme}
        assert status_of(middleware, signed(origin=scheme + "://api.example", **more)) == 200
    assert status_of(middleware, signed()) == 401


def test_what_a_proxy_took_off_the_path_is_put_back(app):
    pairs = sign("GET", ORIGIN + "/v1/r%2Fs", CLIENT, TOKEN)
    assert status_of(protect(app), environ_of(target="/r%2Fs", pairs=pairs)) == 401
    assert status_of(protect(app, prefix="/v1"), environ_of(target="/r%2Fs", pairs=pairs)) == 200


@pytest.mark.parametrize("original, status", [("/v1/r%2Fs", 200), (".evil.example/r", 421)])
def test_a_function_tells_what_was_signed(app, original, status):
    pairs = sign("GET", ORIGIN + "/v1/r%2Fs", CLIENT, TOKEN)
    environ = environ_of(pairs=pairs, HTTP_X_ORIGINAL_URI=original, HTTP_HOST="inner", REQUEST_URI=None)
    middleware = protect(app, uri=lambda environ: ORIGIN + environ["HTTP_X_ORIGINAL_URI"])
    assert status_of(middleware, environ) == status


# What is refused


def test_a_request_that_is_not_signed_gets_the_challenge(app):
    status, headers, form = refused(protect(app, realm="Photos"), environ_of())
    assert (status, form["oauth_problem"]) == (401, "parameter_absent")
    assert headers["WWW-Authenticate"] == 'OAuth realm="Photos", oauth_problem="parameter_absent"'
    assert app.requests == []


def test_a_forged_request_changes_nothing(app):
    nonces = MemoryNonceStore(epoch=0)
    middleware = protect(app, verifier=verifier(nonces=nonces))
    environ = posted("a=1")
    forged = {**environ, "wsgi.input": io.BytesIO(b"a=2")}
    assert refused(middleware, forged)[2] == {"oauth_problem": "signature_invalid"}
    assert (app.requests, len(nonces)) == ([], 0)
    assert status_of(middleware, dict(environ)) == 200
    environ["wsgi.input"] = io.BytesIO(b"a=1")
    assert refused(middleware, environ)[2] == {"oauth_problem": "nonce_used"}


def test_a_form_that_something_else_has_read_is_refused(app):
    environ = posted()
    environ["wsgi.input"].read()
    assert refused(protect(app), environ)[0] == 400


@pytest.mark.parametrize(
    "target", ["", "*", "r", ".evil.example/r", ":81/r", "@evil.example/r", "https://evil.example/r", "/r#x", "/\xff"]
)
def test_a_target_that_is_read_in_two_ways_is_refused(app, target):
    pairs = sign("GET", ORIGIN + "/r", CLIENT, TOKEN)
    assert refused(protect(app), environ_of(target=target, pairs=pairs))[0] == 400
    assert app.requests == []


@pytest.mark.parametrize(
    "host, status", [(None, 400), ("", 400), ("evil.example", 421), ("api.example:80", 421), ("a@api.example", 400)]
)
def test_the_host_is_one_of_the_origins(app, host, status):
    forwarded = {"HTTP_X_FORWARDED_HOST": "api.example", "HTTP_FORWARDED": "host=api.example"}
    assert refused(protect(app), signed(HTTP_HOST=host, **forwarded))[0] == status


@pytest.mark.parametrize(
    "more, status",
    [
        ({"CONTENT_LENGTH": "262145"}, 413),
        ({"CONTENT_LENGTH": "9" * 5000}, 413),
        ({"CONTENT_LENGTH": "six"}, 400),
        ({"CONTENT_LENGTH": "-1"}, 400),
        ({"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ({"CONTENT_LENGTH": "\xb2"}, 400),
    ],
)
def test_a_body_whose_length_is_too_large_or_unknown_is_refused_unread(app, more, status):
    environ = {**posted(), "wsgi.input": None, **more}
    sent = []
    environ = {name: value for name, value in environ.items() if value is not None or name == "wsgi.input"}
    protect(app)(environ, lambda status, headers: sent.append(int(status[:3])))
    assert sent == [status]


def test_a_body_in_chunks_ends_at_the_limit(app):
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    assert refused(protect(app, max_body=6), posted(**chunked))[0] == 413
    assert status_of(protect(app, max_body=7), posted(**chunked)) == 200


def test_a_server_that_passes_no_target_is_of_no_use_without_a_function(app):
    with pytest.raises(RuntimeError, match="gunicorn.*uri="):
        protect(app)(signed(REQUEST_URI=None), None)


def test_an_application_may_word_the_refusals(app):
    def answer(error, realm):
        return 499, [("Content-Type", "application/json")], b"{}"

    assert call(protect(app, answer=answer), environ_of())[::2] == (499, b"{}")


def test_the_applications_errors_are_its_own():
    def app(environ, start_response):
        raise MalformedRequest("not the verifier's")

    with pytest.raises(MalformedRequest, match="not the verifier's"):
        protect(app)(signed(), None)


@pytest.mark.parametrize(
    "options, error",
    [
        ({"origins": ["https://api.example/v1"]}, ValueError),
        ({"origins": ["api.example"]}, SigningError),
        ({"prefix": "v1"}, ValueError),
        ({"realm": 'a"b'}, SigningError),
        ({"token": "none"}, ValueError),
        ({"verifier": AsyncVerifier(Known(), MemoryNonceStore())}, TypeError),
    ],
)
def test_what_could_never_work_is_said_at_once(app, options, error):
    with pytest.raises(error):
        protect(app, **options)
