"""How long a diagnosis may take when nothing explains the signature (RFC 5849 section 3.4), in CPU time.

The least of several runs, since other programs only ever add to it.
"""

import functools
import time

import pytest

from oauth1_core import ClientCredentials, TokenCredentials, diagnose
from tests.support.on_the_way import CLIENT_SECRET, TOKEN_SECRET, arrived, signature_of

pytestmark = pytest.mark.slow

CLIENT = ClientCredentials("9djdj82h48djs9d2", CLIENT_SECRET)
TOKEN = TokenCredentials("kkk9d7dh3k39sjv7", TOKEN_SECRET)
REQUESTS = {
    "a normal request": ({}, 100),
    "a launch of 45 parameters": (
        {
            "uri": "https://tool.example.com/lti/launch",
            "query": "",
            "form": "&".join(f"custom_value_{number}=Value+number+{number}%21" for number in range(40)),
        },
        250,
    ),
}


@pytest.mark.parametrize("what", REQUESTS)
def test_a_diagnosis_in_vain_ends_soon(what, report, full):
    signed, limit = REQUESTS[what]
    received = arrived(signed, sign=functools.partial(signature_of, key="another&secret"))
    times = []
    for _ in range(10):
        before = time.process_time()
        (finding,) = diagnose(*received, CLIENT, TOKEN)
        times.append(time.process_time() - before)
        assert finding.id == "unknown"
    milliseconds = min(times) * 1000
    report("L28", "nothing found in " + what, f"<= {limit} ms", f"{milliseconds:.0f} ms CPU", milliseconds <= limit)
    assert not full or milliseconds <= limit
