"""What happened between signer and server is named, first and alone (RFC 5849 section 3.4.1).

Requests are signed and changed by tests/support/on_the_way.py, which knows nothing of the core.
"""

import random
from urllib.parse import urlsplit

import pytest

from oauth1_core import ClientCredentials, TokenCredentials, diagnose
from oauth1_core.debugging.mistakes import CATALOGUE
from tests.support import wrong_signer
from tests.support.on_the_way import CLIENT_SECRET, ON_THE_WAY, TOKEN_SECRET, arrived

CLIENT = ClientCredentials("9djdj82h48djs9d2", CLIENT_SECRET)
TOKEN = TokenCredentials("kkk9d7dh3k39sjv7", TOKEN_SECRET)
# What needs another request than those here.
NOT_HERE = {
    *wrong_signer.NEEDS,
    "another-secret",
    "another-uri",
    "another-host",
    "realm-put-in",
    "not-utf-8",
    *wrong_signer.OUTPUT,
}
CASES = [(id, number) for id, cases in ON_THE_WAY.items() for number in range(len(cases))]


def test_each_entry_of_what_happens_on_the_way_is_tried():
    ids = [mistake.id for mistake in CATALOGUE]
    # Two are found when the form cannot be read, and are no entries.
    unreadable = {"body-packed", "sent-as-windows-1252"}
    assert set(ON_THE_WAY) - unreadable == set(ids[: ids.index("method-in-lower-case")])


@pytest.mark.parametrize("id, number", CASES)
def test_what_happened_is_named_first(id, number):
    signed, changes = ON_THE_WAY[id][number]
    findings = diagnose(*arrived(signed, **changes), CLIENT, TOKEN)
    assert [finding.id for finding in findings] == [id]


@pytest.mark.parametrize("id, number", CASES)
def test_what_arrives_as_it_was_signed_is_not_accused(id, number):
    signed, _ = ON_THE_WAY[id][number]
    if signed.get("form", "") is not None:
        assert diagnose(*arrived(signed), CLIENT, TOKEN) == []


def wrongly(mistake):
    """Return what signs a request with one mistake, in the place of ``signature_of``."""

    def sign(request):
        parts = urlsplit(request["uri"])
        port = f":{parts.port}" if parts.port else ""
        of_signer = {
            **wrong_signer.RICH, "method": request["method"], "scheme": parts.scheme, "host": parts.hostname,
            "port": port, "path": parts.path, "query": request["query"], "form": request["form"], "token": TOKEN,
        }  # fmt: skip
        return wrong_signer.independent_signature(of_signer, request["protocol"], "sha1", {mistake})

    return sign


def test_what_happened_is_found_together_with_a_mistake_of_the_signer():
    """500 pairs by chance. What is named instead, where it is, comes to the same signature."""
    chance = random.Random(5849)
    # What is rare is combined with what leaves the parameters alone, for the sake of time.
    common = [each.id for each in CATALOGUE if each.id in ON_THE_WAY and each.rank < 2]
    signers = [each.id for each in CATALOGUE if each.id not in ON_THE_WAY and each.id not in NOT_HERE]
    named = unknown = 0
    for _ in range(500):
        id, mistake = chance.choice(common), chance.choice(signers)
        signed, changes = chance.choice(ON_THE_WAY[id])
        findings = diagnose(*arrived(signed, sign=wrongly(mistake), **changes), CLIENT, TOKEN)
        found = {finding.id for finding in findings}
        # A mistake that changes nothing of this request leaves what happened on the way, and the reverse.
        is_hidden = arrived(signed) == arrived(signed, sign=wrongly(mistake))
        named += found == ({id} if is_hidden else {id, mistake})
        unknown += "unknown" in found
    assert named >= 430 and unknown <= 20
