"""Why a request failed, read from a reply (OAuth Problem Reporting). How it is written: ``tests/test_verifying.py``."""

import pytest

from oauth1_core import MalformedRequest, SigningError, problem_report, problem_reporting
from oauth1_core.problem_reporting import pairs_of_piece, reply_text

REFUSED = 'OAuth realm="r", oauth_problem="nonce_used"'
OLD = 'OAuth oauth_problem_advice="a%20b"'


@pytest.mark.parametrize(
    "headers, body, report",
    [
        ([], b"", {}),
        ([("WWW-Authenticate", REFUSED)], b"", {"oauth_problem": "nonce_used"}),
        ([("www-AUTHENTICATE", REFUSED)], b"", {"oauth_problem": "nonce_used"}),
        ({"WWW-Authenticate": REFUSED}, b"", {"oauth_problem": "nonce_used"}),
        ([("X-Authenticate", REFUSED), ("Authorization", REFUSED)], b"", {}),
        (
            [("WWW-Authenticate", REFUSED), ("WWW-Authenticate", OLD)],
            b"",
            {"oauth_problem": "nonce_used", "oauth_problem_advice": "a b"},
        ),
        ([("WWW-Authenticate", "Bearer x"), ("WWW-Authenticate", REFUSED)], b"", {"oauth_problem": "nonce_used"}),
        ([("WWW-Authenticate", 'OAuth oauth_problem="')], b"oauth_problem=b", {"oauth_problem": "b"}),
        (
            [("WWW-Authenticate", OLD)],
            b"a=b&oauth_problem=c&oauth_token=d&oauth_acceptable_timestamps=1-2&oauth_parameters_absent=e%26f",
            {
                "oauth_problem_advice": "a b",
                "oauth_problem": "c",
                "oauth_acceptable_timestamps": "1-2",
                "oauth_parameters_absent": "e&f",
            },
        ),
        ([], b"x=" + b"y" * (65536 - 19) + b"&oauth_problem=a&oauth_problem=b", {"oauth_problem": "a"}),
    ],
)
def test_a_problem_is_read_in_each_challenge_and_in_the_first_64_kib_of_the_body(headers, body, report):
    assert problem_report(headers, body) == report


def test_headers_that_are_no_text_are_refused():
    with pytest.raises(MalformedRequest):
        problem_report([("WWW-Authenticate", REFUSED.encode())])


def test_the_text_of_a_reply():
    assert reply_text("é") == reply_text("é".encode()) == "é"
    assert reply_text(b"a\xff") == "a\udcff"
    for wrong in (None, 5, bytearray(b"a")):
        with pytest.raises(SigningError):
            reply_text(wrong)


def test_where_python_cannot_decode_a_reply_its_escapes_stay(monkeypatch):
    """As in MicroPython, of which no text holds octets that are not UTF-8."""

    def undecodable(text):
        raise SigningError("the octets are not UTF-8")

    monkeypatch.setattr(problem_reporting, "form_text", undecodable)
    assert reply_text(b"a\x7f\x80\xff") == "a\x7f%80%FF"
    monkeypatch.setattr(problem_reporting, "decode_form", undecodable)
    assert pairs_of_piece("a=b=%FF") == [("a", "b=%FF")]
