"""Read the request of a curl command, as far as its signature needs it (RFC 5849 section 3.4).

The request has the header fields that the command gives. It has no Host, User-Agent, Accept and Accept-Encoding fields
that curl adds itself, and nothing from a ``.curlrc``. Options that are not in the lists below are refused, even if curl
knows them. ``captured`` describes the errors.
"""

import re
import shlex

from ..parameters import form_text
from ..percent_encoding import percent_decode, percent_encode, utf8_octets
from ..signature_methods import encode_base64
from ..transmission import FORM
from .captured import captured_request
from .recipes import remove_dot_segments

__all__ = ["curl_line", "printable", "request_from_curl"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .captured import CapturedRequest, Headers

    ReadFile = Callable[[str], bytes]

# Header fields that curl writes itself, and Accept-Encoding, which would make curl print compressed data.
NOT_REPEATED = "accept-encoding", "connection", "content-length", "host", "transfer-encoding"
# Options that affect the request: first options with an argument, then options without.
READ_WITH_ARGUMENT = """
    A/user-agent F/form b/cookie d/data data-ascii data-binary data-raw data-urlencode e/referer H/header json
    form-string r/range u/user X/request url
"""
READ = "G/get g/globoff I/head path-as-is"
# Options that affect only the connection or the output.
OTHER_WITH_ARGUMENT = """
    c/cookie-jar D/dump-header E/cert m/max-time o/output U/proxy-user w/write-out x/proxy Y/speed-limit y/speed-time
    abstract-unix-socket alt-svc cacert capath cert-type ciphers connect-timeout connect-to create-file-mode crlfile
    curves dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url egd-file engine etag-save expect100-timeout
    happy-eyeballs-timeout-ms hsts interface keepalive-cnt keepalive-time key key-type libcurl limit-rate local-port
    max-filesize max-redirs noproxy output-dir parallel-max pass pinnedpubkey preproxy proto proto-redir proxy-cacert
    proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type proxy-pass
    proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser
    proxy1.0 random-file rate resolve retry retry-delay retry-max-time socks4 socks4a socks5 socks5-gssapi-service
    socks5-hostname stderr tls-max tls13-ciphers tlsauthtype tlspassword tlsuser trace trace-ascii trace-config
    unix-socket
"""
OTHER = """
    #/progress-bar 0/http1.0 1/tlsv1 2/sslv2 3/sslv3 4/ipv4 6/ipv6 f/fail i/include J/remote-header-name
    j/junk-session-cookies k/insecure L/location N/buffer O/remote-name p/proxytunnel q/disable R/remote-time
    S/show-error s/silent v/verbose Z/parallel
    alpn basic ca-native cert-status clobber compressed compressed-ssh create-dirs disallow-username-in-url
    doh-cert-status doh-insecure fail-early fail-with-body false-start http0.9 http1.1 http2 http2-prior-knowledge http3
    http3-only ignore-content-length keepalive location-trusted npn parallel-immediate post301 post302 post303
    progress-meter proxy-anyauth proxy-basic proxy-ca-native proxy-digest proxy-http2 proxy-insecure proxy-negotiate
    proxy-ntlm proxy-ssl-allow-beast proxy-ssl-auto-client-cert proxy-tlsv1 raw remote-name-all remove-on-error
    retry-all-errors retry-connrefused sessionid socks5-basic socks5-gssapi socks5-gssapi-nec ssl ssl-allow-beast
    ssl-auto-client-cert ssl-no-revoke ssl-reqd ssl-revoke-best-effort styled-output suppress-connect-headers
    tcp-fastopen tcp-nodelay tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 trace-ids trace-time xattr
"""
WITH_ARGUMENT, WITHOUT = [
    [option.rpartition("/")[::2] for option in options.split()]
    for options in (READ_WITH_ARGUMENT + OTHER_WITH_ARGUMENT, READ + OTHER)
]
DESCRIBING = [each for option in READ_WITH_ARGUMENT.split() for each in option.split("/")]
LETTERS = {letter: name for letter, name in WITH_ARGUMENT + WITHOUT if letter}
HAS_ARGUMENT = {name: (letter, name) in WITH_ARGUMENT for letter, name in WITH_ARGUMENT + WITHOUT}
MAY_BE_NEGATED = [option.rpartition("/")[2] for option in OTHER.split()]
# curl expands [ ] and { } in a URL to several URLs, unless they are escaped, empty or an IPv6 address.
GLOB = re.compile(r"\\([][{}])|(\[\]|\[(?=[0-9a-fA-F.]{0,44}:)[0-9a-fA-F:.]{1,45}\])|[][{}]")
AUTHORITY = re.compile("(https?)://([^/?]*)", re.IGNORECASE)
ESCAPED_DOTS = re.compile("/(?:[.]|%2e){1,2}(?=/|$)", re.IGNORECASE)


def request_from_curl(words: "Iterable[str]", read_file: "ReadFile") -> "CapturedRequest":
    """Return the request of a curl command; the first of ``words`` is ``curl``.

    ``read_file`` returns the content of a file that the command names; ``-`` is the standard input.
    """
    program, *arguments = list(words) or [""]
    if re.split(r"[/\\]", program)[-1].lower() not in ("curl", "curl.exe"):
        raise ValueError("the command does not begin with curl: paste a curl command")
    options = list(options_of(arguments))
    last = dict(options)

    data = posted(options, read_file)
    urls = [argument for name, argument in options if name == "url"]
    if len(urls) != 1:
        raise ValueError("the curl command makes {} requests: give a command with exactly one URL".format(len(urls)))
    uri, userinfo = uri_of(urls[0], "globoff" in last, "path-as-is" in last)
    method = "GET" if data is None else "POST"
    if "head" in last:
        method = "HEAD"
    if data is not None and "get" in last:
        method = "HEAD" if "head" in last else "GET"
        if b"#" in data:
            raise ValueError("curl would cut the URL at the #: write %23 instead")
        uri += ("" if uri[-1] in "?&" else "&" if "?" in uri else "?") + form_text(data)
        data = None
    elif data is not None and "head" in last:
        raise ValueError("curl refuses data together with --head: remove one of them")

    if re.search("[\0-\x20\x7f]", uri):
        raise ValueError("the URL contains white space or a control character: percent-encode it")

    content_type = "" if data is None else "application/json" if "json" in last else FORM
    if "form" in last or "form-string" in last:
        if data is not None:
            raise ValueError("curl refuses --form together with --data: remove one of them")
        # "the entity-body is single-part": a multipart body is not signed, so its octets are not needed.
        content_type, method = "multipart/form-data", "POST"
    headers = headers_of(options, userinfo, content_type)
    return captured_request(last.get("request", method), uri, headers, data or b"")


def options_of(words: "list[str]") -> "Iterable[tuple[str, str]]":
    """Yield each option as (name, argument), and each URL as the option ``url``."""
    rest = iter(words)
    for word in rest:
        if word == "--":
            yield from [("url", url) for url in rest]
        elif not word.startswith("-"):
            yield "url", word
        elif word.startswith("--"):
            name = word[2:]
            if name.startswith("no-") and name[3:] in MAY_BE_NEGATED:
                name = name[3:]
            yield name, next_word(rest, word) if takes_argument(name, word) else ""
        else:
            for place, letter in enumerate(word[1:] or " ", 2):
                name = LETTERS.get(letter, "")
                if takes_argument(name, "-" + letter):
                    yield name, word[place:] or next_word(rest, "-" + letter)
                    break
                yield name, ""


def takes_argument(name: str, shown: str) -> bool:
    if name not in HAS_ARGUMENT:
        # The word may contain a secret after the name of the option, so show only the name.
        message = "the curl option {} is not supported: remove it if it does not change the request"
        raise ValueError(message.format(ascii(shown.partition("=")[0])))
    return HAS_ARGUMENT[name]


def next_word(rest: "Iterable[str]", option: str) -> str:
    for word in rest:
        return word
    raise ValueError("the curl option {} needs an argument".format(option))


def posted(options: "list[tuple[str, str]]", read_file: "ReadFile") -> "bytes | None":
    """Return the data of all options that give data, ``None`` without such an option."""
    pieces: "list[bytes]" = []
    for name, argument in options:
        if name.startswith("data") or name == "json":
            pieces += [b"" if name == "json" or not pieces else b"&", piece_of(name, argument, read_file)]
    return b"".join(pieces) if pieces else None


def piece_of(name: str, argument: str, read_file: "ReadFile") -> bytes:
    if name == "data-urlencode":
        head, sign, rest = argument.partition("=")
        if not sign:
            head, sign, rest = argument.partition("@")
        octets = read_file(rest) if sign == "@" else utf8_octets(rest if sign else head)
        encoded = percent_encode(octets.decode("utf-8", "surrogateescape")).replace("%20", "+")
        return utf8_octets(head + "=" if sign and head else "") + encoded.encode("ascii")
    if name == "data-raw" or not argument.startswith("@"):
        return utf8_octets(argument)
    octets = read_file(argument[1:])
    if name in ("data-binary", "json"):
        return octets
    if b"\0" in octets:
        raise ValueError("the file contains NUL, and versions of curl differ in --data with NUL: use --data-binary")
    return octets.translate(None, b"\r\n")


def headers_of(options: "list[tuple[str, str]]", userinfo: "str | None", content_type: str) -> "Headers":
    """Return the given header fields, and the fields that other options add, such as ``--user``, unless given."""
    last = dict(options)
    given = [header_of(argument) for name, argument in options if name == "header"]
    credentials = last.get("user", userinfo)
    if credentials is not None and ":" not in credentials:
        raise ValueError("--user has no password, so curl would ask for it: give --user NAME:PASSWORD")
    cookies = [argument for name, argument in options if name == "cookie" and argument]
    if [cookie for cookie in cookies if "=" not in cookie or cookie.startswith("@")]:
        raise ValueError("cookie files are not read: give the cookies as --cookie NAME=VALUE")
    own = [
        ("Authorization", "" if credentials is None else "Basic " + encode_base64(utf8_octets(credentials))),
        ("Range", "bytes=" + last["range"] if "range" in last else ""),
        ("User-Agent", last.get("user-agent", "")),
        ("Referer", last.get("referer", "").partition(";auto")[0]),
        ("Cookie", ";".join(cookies)),
        ("Content-Type", content_type),
        ("Accept", "application/json" if "json" in last else ""),
    ]
    names = [name.lower() for name, _ in given]
    headers = [(name, value) for name, value in own if value and name.lower() not in names]
    return headers + [(name, value) for name, value in given if value is not None]


def header_of(argument: str) -> "tuple[str, str | None]":
    """Return name and value of a header field; ``None`` is the value of a field that curl must not send."""
    name, colon, value = argument.partition(":")
    if colon:
        return name, value.strip(" \t") or None
    name, semicolon, rest = argument.partition(";")
    if not semicolon or rest.strip(" \t") or argument.startswith("@"):
        raise ValueError("a header must be 'Name: value', or 'Name;' for an empty value, and not a file (@FILE)")
    return name, ""


def uri_of(url: str, globoff: bool, path_as_is: bool) -> "tuple[str, str | None]":
    """Return the URI that curl requests for a URL, and the userinfo of the URL."""
    if not globoff:
        url = GLOB.sub(without_glob, url)
    if re.match("[a-z][a-z0-9+.-]*:/(?!/)", url, re.IGNORECASE):
        raise ValueError("the URL needs two slashes after its scheme")
    url = url.partition("#")[0]
    if "://" not in url.partition("?")[0]:
        url = "http://" + url
    match = AUTHORITY.match(url)
    if match is None:
        raise ValueError("the URL must begin with http:// or https://")
    scheme, authority = match.groups()
    userinfo, at_sign, host = authority.rpartition("@")
    path, question_mark, query = url[match.end() :].partition("?")
    path = path or "/"
    if not path_as_is:
        if [each for each in ESCAPED_DOTS.findall(path) if "%" in each]:
            raise ValueError("versions of curl differ in %2e in a path: add --path-as-is, or remove that segment")
        path = remove_dot_segments(path)
    if [character for character in path if character > "\x7f"]:
        raise ValueError("versions of curl differ in a path that is not ASCII: percent-encode the path")
    return scheme.lower() + "://" + host + path + question_mark + query, percent_decode(userinfo) if at_sign else None


def without_glob(match: "re.Match[str]") -> str:
    escaped, literal = match.groups()
    if not escaped and not literal:
        raise ValueError("curl expands [ ] and { } in a URL to several requests: give --globoff, or escape them")
    return str(escaped or literal)


# Write a curl command


def curl_line(method: str, uri: str, headers: "Headers", body: bytes) -> str:
    """Return a POSIX shell command with which curl sends exactly this request.

    Of several Authorization header fields, only the last is sent. Raises ValueError if the method or a header field
    contains a character that a terminal would hide or obey.
    """
    uri = printable(uri)
    if not "".join([method, *[text for header in headers for text in header]]).isprintable():
        raise ValueError("the method or a header field contains a character that cannot be printed: remove it")
    words = ["curl", "--globoff", "--path-as-is"]
    words += ["--head"] if method == "HEAD" and not body else ["--request", method]
    fields = [header for header in headers if header[0].lower() not in NOT_REPEATED]
    replaced = [header for header in fields if header[0].lower() == "authorization"][:-1]
    for name, value in [header for header in fields if header not in replaced]:
        words += ["--header", name + ": " + value if value else name + ";"]
    source = ""
    if body or method in ("POST", "PUT", "PATCH"):
        if "content-type" not in [name.lower() for name, _ in headers]:
            words += ["--header", "Content-Type:"]
        text = body.decode("utf-8", "surrogateescape")
        if text.replace("\n", "").isprintable():
            words += ["--data-raw", text]
        else:
            words += ["--data-binary", "@-"]
            source = "printf '{}' | ".format("".join(["\\{:03o}".format(octet) for octet in body]))
    return source + " ".join([shlex.quote(word) for word in [*words, uri]])


def printable(text: str) -> str:
    """Return an equal URI or form, with spaces and characters that cannot be printed percent-encoded."""
    return "".join([each if each.isprintable() and each != " " else percent_encode(each) for each in text])
