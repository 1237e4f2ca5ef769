"""Base strings and signatures of RFC 5849 section 3.4, on Python's standard library alone.

As plain as it can be, to be read beside the RFC, and of no use for anything but vectors: it refuses nothing,
protects no secret and knows nothing of transmission. It shares no code with the library that the vectors test.
At every import it is checked against what the RFC prints; `python vectors/reference.py` says so.

Everything is octets. A string stands for its UTF-8 octets, by surrogateescape where they are not UTF-8. Where the
RFC is silent it makes the choice that README.md and the vectors call "expected".
"""

import base64
import hashlib
import hmac
from urllib.parse import quote, unquote_to_bytes, urlsplit

VERSION = "1.0"  # "generatorVersion" in the files
# RFC 3986: what may stand in a path as it is, "%" included. Brackets may not, but HTTP clients send them.
PATH = "%/:@!$&'()*+,;=[]"
# RFC 3447 section 9.2: the DER in front of the hash.
DIGEST_INFO = {
    "sha1": "3021300906052b0e03021a05000414",
    "sha256": "3031300d060960864801650304020105000420",
    "sha512": "3051300d060960864801650304020305000440",
}


def octets(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def percent_encode(text):
    """Section 3.6."""
    return quote(octets(text), safe="-._~")


def percent_decode(text):
    """Section 3.6 backwards."""
    return unquote_to_bytes(octets(text)).decode("utf-8", "surrogateescape")


def decode_form(text):
    """Section 3.4.1.3.1: the pairs of a query or form, as octets."""
    pairs = []
    for piece in octets(text).replace(b"+", b" ").split(b"&"):
        if piece != b"":
            name, _, value = piece.partition(b"=")
            pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
    return pairs


def collect_parameters(uri, protocol_parameters, form):
    """Section 3.4.1.3.1."""
    query = octets(uri).partition(b"#")[0].partition(b"?")[2]
    own = [(octets(name), octets(value)) for name, value in protocol_parameters]
    return [pair for pair in decode_form(query) + own + decode_form(form) if pair[0] != b"oauth_signature"]


def normalize_parameters(parameters):
    """Section 3.4.1.3.2."""
    encoded = sorted([(percent_encode(name), percent_encode(value)) for name, value in parameters])
    return "&".join([name + "=" + value for name, value in encoded])


def base_string_uri(uri):
    """Section 3.4.1.2."""
    parts = urlsplit(octets(uri).decode("latin-1"))  # one character for each octet
    host = "[" + parts.hostname + "]" if ":" in parts.hostname else parts.hostname
    if parts.port is not None and (parts.scheme, parts.port) not in [("http", 80), ("https", 443)]:
        host += ":" + str(parts.port)
    return parts.scheme + "://" + host + quote(parts.path.encode("latin-1") or "/", safe=PATH)


def signature_base_string(method, uri, protocol_parameters, form):
    """Section 3.4.1.1."""
    normalized = normalize_parameters(collect_parameters(uri, protocol_parameters, form))
    return "&".join([percent_encode(part) for part in (method.upper(), base_string_uri(uri), normalized)])


def signature(signature_method, base_string, client_secret="", token_secret="", rsa_key=None):
    """Sections 3.4.2, 3.4.3 and 3.4.4; ``rsa_key`` as in the member "keys" of a file of vectors."""
    key = percent_encode(client_secret) + "&" + percent_encode(token_secret)
    if signature_method == "PLAINTEXT":
        return key
    family, digest = signature_method.lower().split("-")
    if family == "hmac":
        mac = hmac.new(key.encode("ascii"), octets(base_string), digest).digest()
    else:
        n, d = int(rsa_key["modulus"], 16), int(rsa_key["privateExponent"], 16)
        size = (n.bit_length() + 7) // 8
        end = bytes.fromhex(DIGEST_INFO[digest]) + hashlib.new(digest, octets(base_string)).digest()
        padded = b"\x00\x01" + b"\xff" * (size - 3 - len(end)) + b"\x00" + end
        mac = pow(int.from_bytes(padded, "big"), d, n).to_bytes(size, "big")
    return base64.b64encode(mac).decode("ascii")


def own_parameters(client, token, protocol_parameters, signature_method, timestamp, nonce, version):
    """Section 3.1, without the signature."""
    parameters = [["oauth_consumer_key", client["identifier"]]]
    if token is not None:
        parameters.append(["oauth_token", token["identifier"]])
    parameters.append(["oauth_signature_method", signature_method])
    parameters += [["oauth_timestamp", timestamp], ["oauth_nonce", nonce]]
    if version is not None:
        parameters.append(["oauth_version", version])
    return parameters + [list(pair) for pair in protocol_parameters]


def sign(
    method, uri, client, token, form, protocol_parameters, signature_method, timestamp, nonce, version, rsa_key=None
):
    """Section 3.1: all protocol parameters, oauth_signature last."""
    parameters = own_parameters(client, token, protocol_parameters, signature_method, timestamp, nonce, version)
    base_string = signature_base_string(method, uri, parameters, form)
    secrets = client["secret"], "" if token is None else token["secret"]
    return parameters + [["oauth_signature", signature(signature_method, base_string, *secrets, rsa_key)]]


def check():
    """Raise AssertionError unless the examples of the RFC come out as printed."""
    printer = {"identifier": "dpf43f3p2l4k3l03", "secret": "kd94hf93k423kf44"}
    temporary = {"identifier": "hh5s93j4hdidpola", "secret": "hdhd0244k9j7ao03"}
    granted = {"identifier": "nnch734d00sl2jdk", "secret": "pfkkdhi9sl3r4s00"}
    method_and_form = {"form": "", "signature_method": "HMAC-SHA1", "version": None}

    # Section 1.2
    signed = sign(
        "POST", "https://photos.example.net/initiate", printer, None, timestamp="137131200", nonce="wIjqoS",
        protocol_parameters=[("oauth_callback", "http://printer.example.com/ready")], **method_and_form
    )  # fmt: skip
    assert signed[-1][1] == "74KNZJeDHnMBp0EMJ9ZHt/XKycU=", signed
    signed = sign(
        "POST", "https://photos.example.net/token", printer, temporary, timestamp="137131201", nonce="walatlh",
        protocol_parameters=[("oauth_verifier", "hfdp7dh39dks9884")], **method_and_form
    )  # fmt: skip
    assert signed[-1][1] == "gKgrFCywp7rO0OXSjdot/IHF7IU=", signed
    signed = sign(
        "GET", "http://photos.example.net/photos?file=vacation.jpg&size=original", printer, granted,
        timestamp="137131202", nonce="chapoH", protocol_parameters=[], **method_and_form
    )  # fmt: skip
    assert signed[-1][1] == "MdpQcU8iPSUjWoN/UDMsK2sui9I=", signed

    # Section 3.4.1.1; the signature printed there, bYT5CMsGcbgUdFHObYMEfcx6bsw=, is not that of this request.
    example = (
        "POST", "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
        [
            ("oauth_consumer_key", "9djdj82h48djs9d2"), ("oauth_token", "kkk9d7dh3k39sjv7"),
            ("oauth_signature_method", "HMAC-SHA1"), ("oauth_timestamp", "137131201"), ("oauth_nonce", "7d8f3e4a"),
        ],
        "c2&a3=2+q",
    )  # fmt: skip
    base_string = (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D"
        "%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1"
        "%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )
    assert signature_base_string(*example) == base_string
    # Erratum 2550, verified
    assert signature("HMAC-SHA1", base_string, "j49sk3j29djd", "dh893hdasih9") == "r6/TJjbCOr97/+UU0NsvSne7s5g="

    # Section 3.4.1.2; sections 2.1 and 2.3 for PLAINTEXT
    assert base_string_uri("http://EXAMPLE.COM:80/r%20v/X?id=123") == "http://example.com/r%20v/X"
    assert base_string_uri("https://www.example.net:8080/?q=1") == "https://www.example.net:8080/"
    assert signature("PLAINTEXT", "", "ja893SD9", "") == "ja893SD9&"
    assert signature("PLAINTEXT", "", "ja893SD9", "xyz4992k83j47x0b") == "ja893SD9&xyz4992k83j47x0b"


check()

if __name__ == "__main__":
    print("The examples of RFC 5849 come out as printed, erratum 2550 included.")
