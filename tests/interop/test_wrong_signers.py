"""Where another implementation signs something else (vectors/CONFORMANCE.md), ``diagnose`` says what.

What is expected follows from the flag of the test and from what the matrix, by the reference, says of the difference.
What is not installed is skipped by name; with REQUIRE_PEERS in the environment it fails instead.
"""

import re

import pytest

from oauth1_core import (
    HMAC_SHA1,
    HMAC_SHA256,
    HMAC_SHA512,
    PLAINTEXT,
    ClientCredentials,
    InvalidSignature,
    OAuth1Error,
    TokenCredentials,
    authorization_header,
    diagnose,
    parse_request,
    verify_signature,
)
from oauth1_core.debugging.mistakes import CATALOGUE
from tests.interop import peers
from tests.interop.matrix import FILES, difference, run
from tests.interop.test_peers import headers_of, name_of, started

pytestmark = pytest.mark.peers

ACCEPT = (HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, PLAINTEXT)
# Of these no wrong signature arrives at a server: they cannot be sent, are refused for something else, are right
# as they are sent, or need a key that is not here.
NOT_RECEIVED = {"Fragment", "OAuthNames", "Rsa", "SignedAsSent", "Userinfo"}
# They sign everything that the RFC decides as it says.
AGREEING = {"oauthlib", "requests-oauthlib", "oauth-sign"}

DUPLICATE = {"first-duplicate-kept", "last-duplicate-kept"}
LEFT_OUT = {"query-left-out", "form-left-out"}
ORDER = {"not-sorted", "sorted-before-encoding", "sorted-by-name-only", "sorted-when-joined"}
KEY = {mistake.id for mistake in CATALOGUE if mistake.section in ("3.4.2", "3.4.4")}
UNKNOWN = {"unknown"}
# Flags ("" for any), how the difference is told, and the findings of which one has to be there; the first row counts.
EXPECTED = [
    ("Duplicates", r"leaves out `a=`$", {"equal-pairs-signed-once"}),
    ("OtherHash", r"leaves out `a=1&a=2`", LEFT_OUT),
    ("Duplicates SortEncoded SortValues OtherHash", r"leaves out ", DUPLICATE),
    ("SignedAsSent", r"leaves out `b=1&b=2`", DUPLICATE),
    ("SignedAsSent", r"leaves out `a=&c=`", {"empty-values-dropped"}),
    ("EmptyValue", r"leaves out `flag=`", {"empty-values-dropped"}),
    ("FormSigned Published PublishedMistake Identifiers OAuthNames SignedAsSent", r"leaves out ", LEFT_OUT),
    ("", r"signs in the order ", ORDER),
    ("", r"signs the method `(get|Post)`", {"method-in-lower-case"}),
    ("EscapedUnreserved", r"signs ", UNKNOWN),  # the values decoded, the names not
    ("QuerySigned EncodedOnce", r"signs `searchCriteria(%255B|\[)", UNKNOWN),  # names and values, in two ways
    ("Plus", r"signs `searchCriteria\[", UNKNOWN),
    ("", r"signs `[^`]*%25[0-9A-F][0-9A-F]", {"not-decoded", "values-encoded-twice"}),
    ("", r"signs `[^`]*%5B0%5D=[^`]*%5B1%5D=", {"duplicates-numbered"}),
    ("Plus SignedAsSent QuerySigned FormSigned", r"signs `[^`]*%2B[^`]*`, not `[^`]*%20", {"plus-taken-literally"}),
    ("Utf8 SortEncoded CaseOfEscapes", r"signs `[^`]*%C3%..%C2%", {"utf-8-twice"}),
    (
        "Plus ReservedCharacters SortEncoded SortValues QuerySigned FormSigned Utf8",
        r"signs `[^`]*( |\[|\\x|\\u)",
        {"values-not-encoded"},
    ),
    ("EncodedOnce Identifiers ProtocolParametersSigned", r"signs ", {"decoded-twice"}),
    ("FormSigned", r"signs `ext_content=a&ext_content=b`", {"brackets-changed"}),
    ("ShortSecret", r"the same base string, another key", KEY),
    ("Utf8", r"signs `a=`, not `a=%00`", {"value-filled-in"}),  # the value ends at an octet of zero
    # A value that ends at a second =, a ? in the query that begins another one, a method or URI that is spelled anew …
    ("Method EmptyValue QueryStart ReservedCharacters SignedAsSent Utf8", r"signs |another", UNKNOWN),
]
URIS = re.compile("signs the URI `(.*?)`, not `(.*?)`")


@pytest.fixture(scope="module", params=peers.OTHERS, ids=name_of)
def answers(request):
    """What a peer signs differently where the RFC decides."""
    with started(request.param) as implementation:
        answers = [each for each in run(implementation, FILES, ["sign"], ["valid"]) if each.outcome == "failed"]
    assert (answers == []) == (request.param.name in AGREEING), "make interop"
    return [answer for answer in answers if "output" in answer.reply]


def test_what_others_sign_differently_is_named(answers):
    wrong = []
    for answer in answers:
        flag, told = answer.case["flags"][0], difference(answer)
        found = diagnosed(answer)
        if found is None:
            assert flag in NOT_RECEIVED, told
        elif not all(found & ids for ids in expected(flag, told)):
            wrong.append((answer.case["id"], flag, told, found))
    assert wrong == []


def diagnosed(answer):
    """Return the ids of what is found, None where the server has no wrong signature to look at."""
    asked, header = answer.case["input"], answer.reply["output"]
    header = header if isinstance(header, str) else authorization_header(header)
    client = ClientCredentials(**asked["client"])
    token = asked["token"] and TokenCredentials(**asked["token"])
    request = asked["method"], asked["uri"], headers_of(header, asked["form"]), asked["form"].encode()
    try:
        verify_signature(parse_request(*request), client, token, accept=ACCEPT)
    except InvalidSignature:
        findings = diagnose(*request, client, token, accept=ACCEPT)
        return {id for finding in findings for id in (finding.id, *(other.id for other in finding.alike))}
    except OAuth1Error:
        pass
    return None


def expected(flag, told):
    """Return sets of findings, from each of which one has to be there."""
    uris = URIS.match(told)
    if uris:
        return expected_of_uris(*uris.groups())
    for flags, pattern, ids in EXPECTED:
        if (not flags or flag in flags.split()) and re.match(pattern, told):
            return [ids]
    raise AssertionError(f"{flag}: {told}")


def expected_of_uris(signed, right):
    authorities = [uri.split("/")[2] for uri in (signed, right)]
    paths = [uri.split("/", 3)[3:] for uri in (signed, right)]
    ports = [re.search(r":\d+$", authority.rpartition("]")[2] or authority) for authority in authorities]
    found = []
    if ports[0] and not ports[1]:
        found.append({"default-port-kept"})
    if ports[1] and not ports[0]:
        found.append({"port-left-out"})
    if signed.partition("//")[0].isupper() or authorities[0] != authorities[0].lower():
        found.append({"host-case-kept"})
    if signed + "/" == right:
        found.append({"slash-at-the-end"})
    elif paths[0] != paths[1]:
        # The path is signed in another spelling; a part of it that is lost is none that is known.
        respelled = "%" in signed or "%" in right
        found.append({"path-decoded", "path-normalized", "path-encoded-twice"} if respelled else UNKNOWN)
    if "[" in right and "[" not in signed:
        return [UNKNOWN]
    return found
