"""Compare the costs of several ways of signing, in one process, by turns and by CPU time."""

import gc
import statistics
import time

from benchmarks.contenders import oauth1_core_sign as readable
from benchmarks.contenders.oauth1_core_signer import CLIENT, SIGNER, TOKEN
from benchmarks.requests_to_sign import cold
from oauth1_core import Signer, body_hash

CALLBACK = [("oauth_callback", "https://client.example.com/ready?session=42")]
HASHED = [("oauth_body_hash", body_hash(b'{"amount": 1}'))]
PLAIN, READABLE = "plain", "sign() and authorization_header()"
# Each way with the requests that it signs. The other ways are compared with the first two.
CALLS = {
    PLAIN: ("A", lambda method, uri: SIGNER.authorization_header(method, uri)),
    READABLE: ("A new hosts", lambda method, uri: readable.header(method, uri)),
    "a realm for one call": ("A", lambda method, uri: SIGNER.authorization_header(method, uri, realm="Photos")),
    "a callback": ("A", lambda method, uri: SIGNER.authorization_header(method, uri, protocol_parameters=CALLBACK)),
    "a body hash": ("A", lambda method, uri: SIGNER.authorization_header(method, uri, protocol_parameters=HASHED)),
    "a new Signer": ("A new hosts", lambda method, uri: Signer(CLIENT, TOKEN).authorization_header(method, uri)),
    "for_token": ("A new hosts", lambda method, uri: SIGNER.for_token(TOKEN).authorization_header(method, uri)),
}
# The longest time that a call may take, as a multiple of another call's time.
LIMITS = {
    "a realm for one call": (PLAIN, 1.3), "a callback": (PLAIN, 1.4), "a body hash": (PLAIN, 1.4),
    "a new Signer": (READABLE, 0.75), "for_token": (READABLE, 0.5),
}  # fmt: skip


def measure(repetitions, count=100):
    """Return the seconds of one call, by name, for each repetition."""
    found = {name: [] for name in CALLS}
    for _ in range(repetitions):
        gc.collect()
        for name, (workload, call) in CALLS.items():
            requests = [(request.method, request.uri) for request in cold(workload, count)]
            start = time.thread_time()
            for method, uri in requests:
                call(method, uri)
            found[name].append((time.thread_time() - start) / count)
    return found


def ratio(found, name, base):
    return statistics.median([one / other for one, other in zip(found[name], found[base])])
