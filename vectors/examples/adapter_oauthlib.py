"""A worked example: oauthlib answers the vectors. Needs oauthlib, for RSA oauthlib[signedtoken].

    python runner.py --command "python examples/adapter_oauthlib.py"

Each function takes the members of ``input`` and returns the output. What oauthlib cannot take is Unsupported; what it
refuses, it refuses by one of REFUSALS; anything else is a crash.
"""

import json
import sys
import types

from oauthlib import oauth1
from oauthlib.oauth1.rfc5849 import errors, signature, utils
from oauthlib.oauth1.rfc5849.endpoints import base

REFUSALS = (ValueError, errors.OAuth1Error)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Unsupported(Exception):
    """oauthlib has no way to do what is asked; the message says what."""


def need(so, what):
    if not so:
        raise Unsupported(what)


def percent_encode(text):
    return utils.escape(text)


def percent_decode(text):
    return utils.unescape(text)


def base_string_uri(uri):
    return signature.base_string_uri(uri)


def normalize_parameters(parameters):
    return signature.normalize_parameters([tuple(pair) for pair in parameters])


def client_of(client, token, protocol_parameters, signature_method, timestamp, nonce, version, rsa_key=None):
    """Return the arguments of oauthlib's client."""
    names = {"oauth_callback": "callback_uri", "oauth_verifier": "verifier"}
    further = dict(protocol_parameters)
    need(version == "1.0", "a request without oauth_version")
    need(set(further) <= set(names), ", ".join(sorted(set(further) - set(names))) + " as a parameter")
    return {
        "client_key": client["identifier"],
        "client_secret": client["secret"],
        "resource_owner_key": token and token["identifier"],
        "resource_owner_secret": token and token["secret"],
        "signature_method": signature_method,
        "rsa_key": rsa_key and rsa_key["privateKeyPem"],
        "timestamp": timestamp,
        "nonce": nonce,
        **{names[name]: value for name, value in further.items()},
    }


def sign(method, uri, form, **rest):
    client = oauth1.Client(**client_of(**rest))
    return client.sign(uri, method, form or None, dict(FORM) if form else {})[1]["Authorization"]


def verify(
    method, uri, headers, body, now, credentials, accept, token, earlier=(), window=300, require_tls=False, **options
):
    options.pop("disclose", None)  # changes what is told, not what is refused
    need(not options, f"the option {', '.join(options)}")
    need(
        all(client["secret"] and "methods" not in client for client in credentials), "clients with methods of their own"
    )
    server = Server(credentials, accept, window)
    server.tls = server.tls or require_tls
    for request in [*earlier, {"method": method, "uri": uri, "headers": headers, "body": body, "now": now}]:
        names = [name.lower() for name, _ in request["headers"]]
        need(len(set(names)) == len(names), "a header field twice")
        base.time = types.SimpleNamespace(time=lambda seconds=request["now"]: seconds)
        accepted = server.accepts(request, token)
        need(request.get("accepted", accepted) == accepted, "an earlier request had another outcome")
    if not accepted:
        raise ValueError("refused")
    return {}


class Server(oauth1.RequestValidator):
    """The credentials of one test, as oauthlib asks for them."""

    dummy_client = dummy_access_token = "unknown"

    def __init__(self, credentials, accept, window):
        super().__init__()
        self.clients = {client["identifier"]: client for client in credentials}
        self.allowed = accept
        self.tls = "PLAINTEXT" in accept  # its switch is for all of http
        self.window = window
        self.used = set()

    allowed_signature_methods = property(lambda self: self.allowed)
    timestamp_lifetime = property(lambda self: self.window)
    enforce_ssl = property(lambda self: self.tls)

    def accepts(self, request, token):
        has_token = "oauth_token" in json.dumps([request["uri"], request["headers"], request["body"]])
        if token == "absent" or (token == "optional" and not has_token):
            answer = oauth1.SignatureOnlyEndpoint(self).validate_request
        else:
            answer = oauth1.ResourceEndpoint(self).validate_protected_resource_request
        return answer(request["uri"], request["method"], request["body"] or None, dict(request["headers"]))[0]

    def token_of(self, client_key, token):
        tokens = self.clients.get(client_key, {}).get("tokens", [])
        return next((each for each in tokens if each["identifier"] == token), None)

    def check_any(self, value):
        return True

    # Its own limits on length and characters are a choice of each server.
    check_client_key = check_nonce = check_access_token = check_any

    def validate_client_key(self, client_key, request):
        return client_key in self.clients

    def validate_access_token(self, client_key, token, request):
        found = self.token_of(client_key, token)
        return found is not None and "status" not in found

    def validate_realms(self, client_key, token, request, uri=None, realms=None):
        return True

    def validate_timestamp_and_nonce(
        self, client_key, timestamp, nonce, request, request_token=None, access_token=None
    ):
        key = client_key, timestamp, nonce, access_token
        new = key not in self.used
        self.used.add(key)
        return new

    def get_client_secret(self, client_key, request):
        return self.clients.get(client_key, {}).get("secret", "unknown")

    def get_access_token_secret(self, client_key, token, request):
        return (self.token_of(client_key, token) or {}).get("secret", "unknown")

    def get_rsa_key(self, client_key, request):
        return self.clients.get(client_key, {}).get("rsa_key", {}).get("publicKeyPem")


def has_octets(value):
    """Tell whether there is a text of octets that are not UTF-8: oauthlib holds text as str."""
    if isinstance(value, dict):
        return set(value) == {"octets"} or any(map(has_octets, value.values()))
    return isinstance(value, list) and any(map(has_octets, value))


FUNCTIONS = {
    "percent_encode": percent_encode,
    "percent_decode": percent_decode,
    "base_string_uri": base_string_uri,
    "normalize_parameters": normalize_parameters,
    "sign": sign,
    "verify": verify,
}


def answer(function, input):
    seen.clear()
    try:
        need(function in FUNCTIONS, "the function")
        need(not has_octets(input), "octets that are not UTF-8")
        reply = {"output": FUNCTIONS[function](**input)}
        if function == "sign" and seen:
            reply["base_string"] = seen[-1]
        return reply
    except Unsupported as reason:
        return {"unsupported": str(reason)}
    except REFUSALS as error:
        return {"error": f"{type(error).__name__}: {error}"}
    except Exception as error:
        return {"crash": f"{type(error).__name__}: {error}"}


def watched(method, uri, parameters):
    seen.append(original(method, uri, parameters))
    return seen[-1]


# What oauthlib signs, so that the runner can tell where a difference begins.
seen, original = [], signature.signature_base_string
signature.signature_base_string = watched

if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps({"id": asked["id"], **answer(asked["function"], asked["input"])}), flush=True)
