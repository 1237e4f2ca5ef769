"""The lower floor: HMAC's two padded key blocks are hashed before the clock starts, as Signer hashes them once."""

import binascii
import hashlib
import time

from benchmarks.contenders.floor import KEY, TEXT
from oauth1_core import generate_nonce

label = "floor, key hashed in advance"
form = "none"
INNER = hashlib.sha1(bytes([octet ^ 0x36 for octet in KEY.ljust(64, b"\0")]))
OUTER = hashlib.sha1(bytes([octet ^ 0x5C for octet in KEY.ljust(64, b"\0")]))


def version():
    return ""


def sign(request):
    generate_nonce()
    str(int(time.time()))
    inner, outer = INNER.copy(), OUTER.copy()
    inner.update(TEXT)
    outer.update(inner.digest())
    return binascii.b2a_base64(outer.digest(), newline=False).decode("ascii")
