"""A request as a curl command line makes it: what of it RFC 5849 section 3.4 signs.

Of the header fields, those that the command line gives; not Host, User-Agent, Accept or Accept-Encoding of curl's own,
and nothing that a ``.curlrc`` adds. An option that is not in the lists here is refused, whether or not curl knows it.
``captured`` says what else is refused, and how.
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

# What curl writes itself, and what has it print the answer as it is packed.
NOT_REPEATED = "accept-encoding", "connection", "content-length", "host", "transfer-encoding"
# Options with an argument, then those without. First what says how the request is made ...
READ_WITH_ARGUMENT = """
    A/user-agent F/form b/cookie d/data data-ascii data-binary data-raw data-urlencode e/referer H/header json
    form-string r/range u/user X/request url
"""
READ = "G/get g/globoff I/head path-as-is"
# ... then what decides how it travels, or what becomes of the answer.
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
LETTERS = {letter: name for letter, name in WITH_ARGUMENT + WITHOUT if letter}
HAS_ARGUMENT = {name: (letter, name) in WITH_ARGUMENT for letter, name in WITH_ARGUMENT + WITHOUT}
MAY_BE_NEGATED = [option.rpartition("/")[2] for option in OTHER.split()]
# In a URL curl takes these for the alternatives of several, unless they are escaped, empty or an IPv6 address.
GLOB = re.compile(r"\\([][{}])|(\[\]|\[(?=[0-9a-fA-F.]{0,44}:)[0-9a-fA-F:.]{1,45}\])|[][{}]")
AUTHORITY = re.compile("(https?)://([^/?]*)", re.IGNORECASE)
ESCAPED_DOTS = re.compile("/(?:[.]|%2e){1,2}(?=/|$)", re.IGNORECASE)


def request_from_curl(words: "Iterable[str]", read_file: "ReadFile") -> "CapturedRequest":
    """Return the request that a curl command line makes; ``words`` begin with ``curl`` itself.

    ``read_file`` returns the octets of a file that is named in it, ``-`` for the standard input.
    """
    program, *arguments = list(words) or [""]
    if re.split(r"[/\\]", program)[-1].lower() not in ("curl", "curl.exe"):
        raise ValueError("the command line does not begin with curl")
    options = list(options_of(arguments))
    last = dict(options)

    data = posted(options, read_file)
    urls = [argument for name, argument in options if name == "url"]
    if len(urls) != 1:
        raise ValueError("curl would make {} requests: give the options of one, with its URL".format(len(urls)))
    uri, userinfo = uri_of(urls[0], "globoff" in last, "path-as-is" in last)
    method = "GET" if data is None else "POST"
    if "head" in last:
        method = "HEAD"
    if data is not None and "get" in last:
        method = "HEAD" if "head" in last else "GET"
        if b"#" in data:
            raise ValueError("curl would take the # for the end of the URL: percent-encode it")
        uri += ("" if uri[-1] in "?&" else "&" if "?" in uri else "?") + form_text(data)
        data = None
    elif data is not None and "head" in last:
        raise ValueError("curl takes no data together with --head")

    if re.search("[\0-\x20\x7f]", uri):
        raise ValueError("the URL holds white space: percent-encode it")

    content_type = "" if data is None else "application/json" if "json" in last else FORM
    if "form" in last or "form-string" in last:
        if data is not None:
            raise ValueError("curl takes --form or --data, not both")
        # "the entity-body is single-part": several parts are not signed, and their octets are not needed.
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
        # It may hold a secret behind the name.
        message = "curl's option {} is unknown here, or makes a request that cannot be read from the command line"
        raise ValueError(message.format(ascii(shown.partition("=")[0])))
    return HAS_ARGUMENT[name]


def next_word(rest: "Iterable[str]", option: str) -> str:
    for word in rest:
        return word
    raise ValueError("curl's option {} lacks its argument".format(option))


def posted(options: "list[tuple[str, str]]", read_file: "ReadFile") -> "bytes | None":
    """Return the data of all options that give some, ``None`` if none does."""
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
        raise ValueError("curl's versions differ in what --data sends of a file that holds NUL: give --data-binary")
    return octets.translate(None, b"\r\n")


def headers_of(options: "list[tuple[str, str]]", userinfo: "str | None", content_type: str) -> "Headers":
    """Return the header fields that are given, and those of curl's own that options ask for, unless given."""
    last = dict(options)
    given = [header_of(argument) for name, argument in options if name == "header"]
    credentials = last.get("user", userinfo)
    if credentials is not None and ":" not in credentials:
        raise ValueError("curl would ask for the password of --user")
    cookies = [argument for name, argument in options if name == "cookie" and argument]
    if [cookie for cookie in cookies if "=" not in cookie or cookie.startswith("@")]:
        raise ValueError("the cookies of a file are not read: give them as --cookie NAME=VALUE")
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
    """Return name and value of a header field, ``None`` for one that curl is told to leave out."""
    name, colon, value = argument.partition(":")
    if colon:
        return name, value.strip(" \t") or None
    name, semicolon, rest = argument.partition(";")
    if not semicolon or rest.strip(" \t") or argument.startswith("@"):
        raise ValueError("a header is given as 'Name: value' (or 'Name;' for an empty one), not in a file")
    return name, ""


def uri_of(url: str, globoff: bool, path_as_is: bool) -> "tuple[str, str | None]":
    """Return the URI that curl requests for a URL, and the userinfo of the URL."""
    if not globoff:
        url = GLOB.sub(without_glob, url)
    if re.match("[a-z][a-z0-9+.-]*:/(?!/)", url, re.IGNORECASE):
        raise ValueError("the URL lacks a slash")
    url = url.partition("#")[0]
    if "://" not in url.partition("?")[0]:
        url = "http://" + url
    match = AUTHORITY.match(url)
    if match is None:
        raise ValueError("the URL is not of http or https")
    scheme, authority = match.groups()
    userinfo, at_sign, host = authority.rpartition("@")
    path, question_mark, query = url[match.end() :].partition("?")
    path = path or "/"
    if not path_as_is:
        if [each for each in ESCAPED_DOTS.findall(path) if "%" in each]:
            raise ValueError("curl's versions differ in what %2e is in a path: give --path-as-is, or no such segment")
        path = remove_dot_segments(path)
    if [character for character in path if character > "\x7f"]:
        raise ValueError("curl's versions differ in how a path is sent that is not ASCII: percent-encode it")
    return scheme.lower() + "://" + host + path + question_mark + query, percent_decode(userinfo) if at_sign else None


def without_glob(match: "re.Match[str]") -> str:
    escaped, literal = match.groups()
    if not escaped and not literal:
        raise ValueError("curl would make several requests of [ ] or { } in a URL: give --globoff, or escape them")
    return str(escaped or literal)


# The other way round


def curl_line(method: str, uri: str, headers: "Headers", body: bytes) -> str:
    """Return a command line for a POSIX shell, in which curl sends exactly this; of several Authorizations, the last.

    ValueError if a part of it would not be shown as it is: a terminal obeys some characters, and hides others.
    """
    uri = printable(uri)
    if not "".join([method, *[text for header in headers for text in header]]).isprintable():
        raise ValueError("the method or a header field holds a character that cannot be printed")
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
    """Return a URI or form of the same meaning, in which a space and what cannot be printed are percent-encoded."""
    return "".join([each if each.isprintable() and each != " " else percent_encode(each) for each in text])
