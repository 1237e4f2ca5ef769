"""Not a signer: the work that no signer can avoid. The base string of A is made before the clock starts."""

import binascii
import hmac
import time

from benchmarks.requests_to_sign import CREDENTIALS, a
from oauth1_core import collect_parameters, generate_nonce, signature_base_string

label = "floor: nonce, clock, HMAC, base64"
form = "none"
KEY = "&".join(CREDENTIALS[1::2]).encode()
METHOD, URI = a(0)
OWN = [
    ("oauth_consumer_key", CREDENTIALS[0]), ("oauth_nonce", generate_nonce()), ("oauth_signature_method", "HMAC-SHA1"),
    ("oauth_timestamp", "1700000000"), ("oauth_token", CREDENTIALS[2]), ("oauth_version", "1.0"),
]  # fmt: skip
TEXT = signature_base_string(METHOD, URI, collect_parameters(URI, OWN)).encode()


def version():
    return ""


def sign(request):
    generate_nonce()
    str(int(time.time()))
    return binascii.b2a_base64(hmac.digest(KEY, TEXT, "sha1"), newline=False).decode("ascii")
