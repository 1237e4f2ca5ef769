"""Mutated requests: a typed refusal, or what was signed; nothing else."""

import multiprocessing
import random
from collections import Counter

import pytest

from oauth1_core import (
    HMAC_SHA256,
    VerificationError,
    Verifier,
    authorization_header,
    base_string_uri,
    body_hash,
    form_encoded_body,
    parse_request,
    receiving,
    request_uri,
    sign,
)
from tests.support.load import CLIENT, TOKEN, Registry

pytestmark = pytest.mark.slow

NOW = 1795455318
FORM = ("Content-Type", "application/x-www-form-urlencoded")
# What the grammars are made of.
PIECES = [piece.encode("latin-1") for piece in "%&=+,;:'\"\\/?#@[]<>. \t\r\n\0\x7f\xe9\xff1aA"]
PIECES += [b"%41", b"%C3%A9", b"%c3%a9", b"%FF", b"%00", b"%", b"%2", b"&&", b"OAuth ", b'realm="x",', b"oauth_nonce=1"]
PIECES += [b'oauth_nonce="n",', b"oauth_token=", b"oauth_x=1&", b"a=1&", b"a=2", b"\xc3\xa9", b"HTTPS:", b":443"]
PIECES += [b"\xed\xb3\xbf"]


def requests():
    """Return valid requests, each a list of octet strings: method, URI, header fields, body."""
    options = {"timestamp": NOW, "nonce": "nonce+/=é"}
    plain = "https://api.example/r%20x?b5=%3D%253D&a3=a&c%40=&a2=r%20b&a=%C3%A9"
    form = "c2=&a3=2+q&é=%E2%98%83"
    json = b'{"amount": 1}'
    made = []  # each with a header field at least
    for method, uri, body, place in (
        ("GET", plain, "", "header"),
        ("POST", plain, form, "header"),
        ("POST", "http://EXAMPLE.com:80/", form, "body"),
        ("DELETE", plain, form, "query"),
    ):
        pairs = sign(method, uri, CLIENT, TOKEN, form=body, signature_method=HMAC_SHA256, **options)
        headers = [FORM] if body else []
        if place == "header":
            headers = [("Authorization", authorization_header(pairs, "realm")), *headers]
        elif place == "body":
            body = form_encoded_body(pairs, body)
        else:
            uri = request_uri(pairs, uri)
        made.append((method, uri, headers, body.encode()))
    covered = [("oauth_body_hash", body_hash(json))]
    pairs = sign("PUT", "https://api.example/r", CLIENT, TOKEN, protocol_parameters=covered, **options)
    headers = [("Authorization", authorization_header(pairs)), ("Content-Type", "application/json")]
    made.append(("PUT", "https://api.example/r", headers, json))
    return [
        [method.encode(), uri.encode(), *[text.encode() for field in headers for text in field], body]
        for method, uri, headers, body in made
    ]


def request_of(parts):
    method, uri, *fields, body = [part.decode("latin-1") for part in parts[:-1]] + [parts[-1]]
    return method, uri, list(zip(fields[::2], fields[1::2], strict=True)), body


def mutated(parts, other, chance):
    """Change a few octets, as a man in the middle could."""
    parts = list(parts)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 8])):
        which = chance.randrange(len(parts))
        parts[which] = edited(parts[which], other, chance)
    if chance.random() < 0.05:
        field = chance.choice([[b"Authorization", other[3]], [b"Host", b"x"], [b"content-type", FORM[1].encode()]])
        where = chance.randrange(2, len(parts)) & ~1
        parts[where:where] = field
    return parts


def edited(part, other, chance):
    start = chance.randrange(len(part) + 1)
    end = min(len(part), start + chance.choice([0, 1, 1, 2, 5, 20]))
    change = chance.randrange(7)
    if change == 0:
        return chance.choice(other)
    if change == 1:
        separator = chance.choice([b"&", b", "])
        pieces = part.split(separator)
        chance.shuffle(pieces)
        return separator.join(pieces)
    if change == 2:
        return part[:end] + part[start:]
    middle = [b"", part[start:end].swapcase(), bytes([chance.randrange(256)]), chance.choice(PIECES)]
    return part[:start] + middle[change - 3] + part[end:]


class Everything:
    """Takes every nonce as new, so that it does not hide what got so far."""

    def claim(self, *_):
        return True


def meaning(request):
    """Return what the application sees."""
    body = request.body if any(name == "oauth_body_hash" for name, _ in request.parameters) else b""
    return (
        request.method.upper(),  # "in uppercase" is how it is signed (3.4.1.1)
        base_string_uri(request.uri),
        sorted(request.parameters),
        body,
        (request.client_identifier, request.token_identifier, request.timestamp, request.nonce),
    )


def fuzz(seed, count):
    """Return how the mutated requests were answered, and those that were answered wrong."""
    chance, verifier = random.Random(seed), Verifier(Registry(), Everything(), clock=lambda: NOW)
    originals = requests()
    signed = [meaning(verifier.verify(*request_of(parts))) for parts in originals]
    answers, wrong = Counter(), []
    for _ in range(count):
        number = chance.randrange(len(originals))
        parts = mutated(originals[number], chance.choice(originals), chance)
        try:
            request = verifier.verify(*request_of(parts))
        except VerificationError as error:
            answers[type(error).__name__] += 1
        except Exception as error:
            wrong.append((parts, repr(error)))
        else:
            answers["accepted"] += 1
            if meaning(request) not in signed:
                wrong.append((parts, "accepted"))
    return answers, wrong


def test_a_mutated_request_is_refused_or_is_what_was_signed(size, report):
    count, pieces = size(100000, 10000000), size(4, 200)
    with multiprocessing.get_context("spawn").Pool() as pool:
        found = pool.starmap(fuzz, [(seed, count // pieces) for seed in range(pieces)])
    answers = sum([each for each, _ in found], Counter())
    wrong = [each for _, those in found for each in those]
    others = sum(problem != "accepted" for _, problem in wrong)
    reached = not wrong and answers["accepted"] > count / 1000 and len(answers) > 5
    report(
        "L16",
        f"{count:,} mutated requests",
        "only VerificationError or accept; nothing accepted that was not signed",
        f"{sum(answers.values()) - answers['accepted']:,} refused, {answers['accepted']:,} accepted, {others} other "
        f"exceptions, {len(wrong) - others} accepted with other content",
        reached,
    )
    assert reached, (answers, wrong[:5])


# A header that the quick reader takes as it stands.
USUAL = (
    b'OAuth realm="r", oauth_consumer_key="c", oauth_token="t~", oauth_signature_method="HMAC-SHA1", '
    b'oauth_timestamp="1795455318", oauth_nonce="n0", oauth_version="1.0", oauth_signature="ab%2B%2F%3D"'
)


def read(parts):
    """Return all that is read of a request, or its refusal."""
    try:
        request = parse_request(*request_of(parts))
    except VerificationError as error:
        return type(error), str(error), error.parameter, error.status
    return [getattr(request, name, None) for name in request.__slots__]


def read_twice(seed, count):
    """Return how many headers the quick reader took, and the requests of which the plain one reads something else."""
    chance, quick_reader = random.Random(seed), receiving.values_of_header
    original = [b"GET", b"https://api.example/r?a=1", b"Authorization", USUAL, b""]
    taken, wrong = 0, []
    for _ in range(count):
        parts = list(original)
        items = USUAL[len("OAuth ") :].split(b", ")
        if chance.random() < 0.5:
            chance.shuffle(items)
            if chance.random() < 0.3:
                items.append(chance.choice(items))
        # One kind of comma, or both.
        commas = chance.choice([[b", "], [b","], [b", ", b","]])
        parts[3] = b"OAuth " + items[0] + b"".join([chance.choice(commas) + item for item in items[1:]])
        for _ in range(chance.choice([0, 1, 1, 2])):
            parts[3] = edited(parts[3], original, chance)
        if chance.random() < 0.1:
            parts[1] = edited(parts[1], original, chance)
        taken += quick_reader(parts[3].decode("latin-1")) is not None
        quick = read(parts)
        receiving.values_of_header = lambda value: None
        try:
            if read(parts) != quick:
                wrong.append(parts)
        finally:
            receiving.values_of_header = quick_reader
    return taken, wrong


def test_both_readers_of_a_header_read_the_same(size, report):
    count, pieces = size(20000, 1000000), size(4, 40)
    with multiprocessing.get_context("spawn").Pool() as pool:
        found = pool.starmap(read_twice, [(seed, count // pieces) for seed in range(pieces)])
    taken = sum([each for each, _ in found])
    wrong = [each for _, those in found for each in those]
    reached = not wrong and count / 10 < taken < count
    report(
        "L19",
        f"{count:,} headers of every spelling",
        "the quick reader and the plain one read the same, or refuse alike",
        f"{taken:,} by the quick one, {len(wrong)} differ",
        reached,
    )
    assert reached, (taken, wrong[:5])
