"""``python -m oauth1_core``, installed as ``oauth1``: RFC 5849 sections 3.1, 3.2 and 3.4 on the command line.

Commands to sign a request, verify a received request, explain how either is signed, diagnose a signature that does
not match, and compare base strings. Secrets are read from environment variables or from a prompt, never from an
argument, because the list of processes shows arguments. Only ``login`` (section 2) and ``call`` send requests, and no
nonce is stored. Output is UTF-8.
"""

import argparse
import contextlib
import getpass
import json
import os
import shlex
import sys
import warnings

from .. import __version__
from ..authorization import Provider
from ..base_string import is_token
from ..credentials import ClientCredentials, PublicClientCredentials, TokenCredentials
from ..errors import (
    AuthorizationDenied,
    AuthorizationError,
    InvalidClientCredentials,
    InvalidSignature,
    InvalidToken,
    MalformedRequest,
    MissingParameter,
    OAuth1Error,
    TokenRequestRefused,
    UnsupportedVersion,
    VerificationError,
)
from ..percent_encoding import percent_encode
from ..problem_reporting import problem_report
from ..providers import BASED, KNOWN
from ..receiving import parse_request, single_fields
from ..signature_methods import HMAC_METHODS, HMAC_SHA1, PLAINTEXT, RSA_METHODS, body_hash
from ..signing import sign
from ..transmission import FORM, authorization_header, form_encoded_body, request_uri, split_scheme
from ..uris import origin_of
from ..vendoring.copying import add_vendor, run_vendor
from ..verifying import verify_signature
from .captured import declares_form, is_signed
from .curl import DESCRIBING, curl_line, printable, request_from_curl
from .diagnosing import compare_base_strings, diagnose
from .explaining import explain, explain_request, visible
from .har import request_from_har
from .pasted import read_pasted
from .shell_words import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ..receiving import AuthenticatedRequest
    from ..signature_methods import SignatureMethod
    from .captured import CapturedRequest
    from .diagnosing import Difference, Finding

    Arguments = argparse.Namespace

CLIENT, CLIENT_SECRET = "OAUTH1_CLIENT_IDENTIFIER", "OAUTH1_CLIENT_SECRET"
TOKEN, TOKEN_SECRET = "OAUTH1_TOKEN_IDENTIFIER", "OAUTH1_TOKEN_SECRET"
OTHER_SECRET, KEY_PASSWORD = "OAUTH1_OTHER_SECRET", "OAUTH1_KEY_PASSWORD"
NOTES = """\
the request:
  Give a URL with -X, -H and -d (they work as in curl), or a file that contains the request, or
  --curl FILE, or --har FILE, or, after all other arguments, a curl command: "-- curl ...". Other
  curl options are accepted if they describe the request or do not affect it, and refused otherwise.

environment:
  OAUTH1_CLIENT_IDENTIFIER  identifier of the client that signs; or use --client
  OAUTH1_CLIENT_SECRET      secret of the client; set it to "" for a client that has no secret
  OAUTH1_TOKEN_IDENTIFIER   identifier of the token; or use --token; without both, there is no token
  OAUTH1_TOKEN_SECRET       secret of the token
  OAUTH1_OTHER_SECRET       another secret for diagnose to try, such as that of the temporary credentials
  OAUTH1_KEY_PASSWORD       password of the encrypted PEM file given with --key
  If a secret is not set, oauth1 asks for it at the terminal, without echo. No output contains a
  secret, except the token secret from login, and PLAINTEXT signatures, which consist of the secrets.

exit status:
  0  success: the signature is valid, the base strings are equal, or the command did its work
  1  the signature does not match, a server refuses or would refuse the request, or base strings differ
  2  error: a wrong argument, an unreadable file or request, a missing key or secret, or no reply
  3  the user denied the login
  4  the user did not finish the login in time
  130  stopped by Ctrl-C
"""
TIMEOUT = 30  # seconds that `call` waits to connect, and for each piece of the reply
DENIED = ("permission_denied", "user_refused")  # the oauth_problem if the resource owner has refused
METHODS = {method.name: method for method in HMAC_METHODS + (PLAINTEXT,)}
WITH_KEY = {method.name: method for method in RSA_METHODS}
# Options that `explain` accepts only for a request that is not signed yet.
SIGNING_OPTIONS = (
    "body_hash", "client", "nonce", "no_version", "parameter", "realm", "signature_method", "timestamp", "token",
)  # fmt: skip
# The limit for a file that a captured command names.
MOST_OCTETS = 16 * 1024 * 1024


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run one command and return its exit status; argparse raises SystemExit for ``--help`` and for usage errors."""
    words = list(sys.argv[1:] if argv is None else argv)
    split = words.index("--") if "--" in words else len(words)
    parser = command_line()
    arguments, unknown = parser.parse_known_args(words[:split])
    if unknown:
        # The value of an unknown option could be a secret, so the message does not repeat it.
        names = [word.partition("=")[0] if word.startswith("--") else word[:2] for word in unknown if word[0:1] == "-"]
        hint = " (set secrets in the environment, or enter them when asked)" if "secret" in "".join(names) else ""
        if [name for name in names if name[1:] in DESCRIBING or name[2:] in DESCRIBING]:
            hint = " (for this option of curl, give the whole curl command after --)"
        parser.error("unknown option: {}{}".format(" ".join(names), hint) if names else "give only one URL")
    arguments.words = words[split + 1 :]
    try:
        return int(arguments.run(arguments))
    except BrokenPipeError:
        # The reader closed the pipe; keep the interpreter from writing the rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        return 130
    except (OAuth1Error, OSError, ValueError) as error:
        print("oauth1:", error, file=sys.stderr)
        if isinstance(error, TokenRequestRefused) and error.problem is None and error.excerpt not in str(error):
            print("oauth1: the reply:", error.excerpt, file=sys.stderr)
        if isinstance(error, AuthorizationDenied) or getattr(error, "problem", None) in DENIED:
            return 3
        if isinstance(error, TimeoutError):
            return 4
        return 1 if isinstance(error, (VerificationError, AuthorizationError)) else 2


# The commands and options.


def command_line() -> argparse.ArgumentParser:
    layout: "Any" = {"formatter_class": argparse.RawDescriptionHelpFormatter}
    description = (
        "Sign, verify, explain and diagnose OAuth 1.0a (RFC 5849) requests, and log in. Only login and call send."
    )
    parser = argparse.ArgumentParser(prog="oauth1", description=description, epilog=NOTES, **layout)
    layout["epilog"] = '"oauth1 --help" lists the environment variables for secrets, and the exit status.'
    parser.add_argument("--version", action="version", version="oauth1 (oauth1-core) " + __version__)
    commands = parser.add_subparsers(metavar="COMMAND", dest="command")
    commands.required = True

    def command(run: "Any", does: str, *options: "Any") -> argparse.ArgumentParser:
        name = run.__name__[len("run_") :]
        added = commands.add_parser(name, help=does, description=does, **layout)
        added.set_defaults(run=run)
        for add_options in options:
            add_options(added)
        return added

    added = command(
        run_sign, "Sign a request and print the Authorization header, or what --as names.",
        add_request, add_signing, add_key,
    )  # fmt: skip
    added.add_argument(
        "--as", dest="place", choices=["header", "url", "form", "curl"], default="header",
        help="what to print: the Authorization header (default), the signed URL, the signed form, or a curl command "
        "for a POSIX shell",
    )  # fmt: skip
    command(run_verify, "Check whether the signature of a request is valid.", add_request, add_key, add_json)
    added = command(
        run_explain, "Show step by step how a signature, or the base string of a signed request, is computed.",
        add_request, add_signing, add_key,
    )  # fmt: skip
    form = added.add_mutually_exclusive_group()
    add_json(form)
    form.add_argument("--html", metavar="FILE", help="write an HTML page to a file; - writes to standard output")
    added = command(run_diagnose, "Find out why a signature does not match.", add_request, add_key, add_json)
    added.add_argument(
        "--other-url", metavar="URL", action="append", default=[],
        help="another URL to try, such as the URL behind a proxy; may be repeated",
    )  # fmt: skip
    added = command(run_compare, "Show where your base string differs from the server's.", add_request, add_json)
    added.add_argument(
        "--ours", metavar="TEXT", help="your base string, or @FILE; default: the base string of the given request"
    )
    added.add_argument(
        "--theirs", metavar="TEXT", default="@-", help="the server's reply, or @FILE; default: standard input"
    )
    added = command(
        run_login, "Get token credentials from a provider, with the user's approval, and print them.", add_key
    )
    add = added.add_argument
    add(
        "provider",
        metavar="PROVIDER",
        help="{}; or a JSON or TOML file with a provider".format(", ".join([*KNOWN, *BASED])),
    )
    add("--at", metavar="URL", help="the address of the server, for {}".format(", ".join(BASED)))
    add("--client", metavar="IDENTIFIER", help="identifier of the client")
    add("--oob", action="store_true", help="ask for the verification code; default: wait for the browser")
    add("--port", metavar="N", type=int, default=0, help="the port on 127.0.0.1 for the browser; default: a free one")
    add("--timeout", metavar="SECONDS", type=int, default=120, help="how long to wait for the browser; default: 120 s")
    add("--callback", metavar="URI", help="your own callback URI; oauth1 then asks for the address in the browser")
    add(
        "--authorize", metavar="NAME=VALUE", action="append", default=[],
        help="a parameter of the approval page, such as perms=read",
    )  # fmt: skip
    add(
        "--as", dest="place", choices=["json", "env"], default="json",
        help='what to print: json (default), or env for eval "$(oauth1 login ...)"',
    )  # fmt: skip
    added = command(run_call, "Send a signed request and print the body of the response.", add_signing, add_key)
    add = added.add_argument
    add("method", metavar="METHOD")
    add("url", metavar="URL")
    add(
        "pairs", nargs="*", metavar="NAME=VALUE",
        help="a parameter of the query, or of the form if METHOD is POST, PUT or PATCH",
    )  # fmt: skip
    add("-H", "--header", metavar="'NAME: VALUE'", action="append", default=[])
    add("-d", "--data", help="the body; a form unless -H sets another Content-Type; @FILE reads a file")
    command(run_vendor, "Copy the needed modules into a program, for use where nothing can be installed.", add_vendor)
    return parser


def add_request(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("the request").add_argument
    add(
        "url", nargs="?", metavar="URL",
        help="the URL; or a file that contains a curl command, a HAR log, an HTTP request or a URL",
    )  # fmt: skip
    add(
        "--scheme",
        choices=["http", "https"],
        help="the scheme of an HTTP request in a file, if the request does not contain it",
    )
    add("-X", "--request", metavar="METHOD", help="default: GET, or POST if -d is given")
    add("-H", "--header", metavar="'NAME: VALUE'", action="append", default=[])
    add(
        "-d", "--data", action="append", default=[],
        help="the body; a form unless -H sets another Content-Type; @FILE reads a file",
    )  # fmt: skip
    add("--curl", metavar="FILE", help="a file with a curl command for bash or cmd; - reads standard input")
    add("--read-files", action="store_true", help="read the files that the command of --curl names, such as @FILE")
    add("--har", metavar="FILE", help="a HAR file saved by a browser; - reads standard input")
    add("--entry", metavar="N", type=int, help="the number of the entry in the HAR file, counted from 0")


def add_signing(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("how it is signed").add_argument
    add("--client", metavar="IDENTIFIER", help="identifier of the client")
    add("--token", metavar="IDENTIFIER", help='identifier of the token; "" sends an empty oauth_token')
    add("--signature-method", choices=[*METHODS, *WITH_KEY], help="default: HMAC-SHA1")
    add(
        "--parameter", metavar="NAME=VALUE", action="append", default=[],
        help="a protocol parameter, such as oauth_callback=oob",
    )  # fmt: skip
    add("--body-hash", action="store_true", help="also send oauth_body_hash; only for a body that is not a form")
    add("--realm", help="the realm of the Authorization header; default: none")
    add("--timestamp", metavar="SECONDS", help="default: now")
    add("--nonce", help="default: a random nonce")
    add("--no-version", action="store_true", help="send no oauth_version")


def add_key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--key", metavar="FILE", help="PEM file with an RSA key or certificate; needs the package cryptography"
    )


def add_json(parser: "argparse._ActionsContainer") -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


# The commands.


def run_sign(arguments: "Arguments") -> int:
    method, uri, headers, body = request = request_given(arguments)
    refuse_place(arguments, request)
    options = signing_options(arguments, request)
    if arguments.url and "://" not in arguments.url:
        print("oauth1: the URL has no scheme; the signed URL is", uri.partition("?")[0], file=sys.stderr)
    parameters = sign(method, uri, **options)
    header = authorization_header(parameters, arguments.realm)
    if arguments.place == "header":
        show("Authorization: " + header)
    elif arguments.place == "url":
        show(printable(request_uri(parameters, uri)))
    elif arguments.place == "form":
        show(printable(form_encoded_body(parameters, options["form"])))
    else:
        show(curl_line(method, uri, [*headers, ("Authorization", header)], body))
    return 0


def refuse_place(arguments: "Arguments", request: "CapturedRequest") -> None:
    """Raise ValueError if the request cannot be signed in the place that ``--as`` names."""
    method, _, headers, body = request
    place = arguments.place
    authorization = single_fields(headers).get("authorization")
    if authorization is not None and split_scheme(authorization)[0] == "oauth":
        raise ValueError("the request is already signed: remove its Authorization header")
    if authorization is not None and place in ("header", "curl"):
        raise ValueError("the request already has an Authorization header: use --as url or --as form")
    if arguments.realm is not None and place in ("url", "form"):
        raise ValueError("--realm needs a header: use --as header or --as curl")
    if arguments.signature_method == "PLAINTEXT" and place == "url":
        raise ValueError("PLAINTEXT in a URL would put the secrets into logs")
    if place == "form" and (method in ("GET", "HEAD") or not declares_form(headers, FORM if not body else "")):
        raise ValueError("--as form needs a form as the body, and a method other than GET and HEAD")


def signed_request(request: "CapturedRequest") -> "AuthenticatedRequest":
    """Return the request as a server reads it. Raises MissingParameter if the request is not signed at all."""
    if not is_signed(request):
        authorization = single_fields(request[2]).get("authorization")
        what = "it has no Authorization header" if authorization is None else "its Authorization header is not OAuth"
        message = "the request is not signed: {}, and its URL and form have no oauth_signature".format(what)
        raise MissingParameter(message, parameter="oauth_signature")
    return parse_request(*request)


def run_verify(arguments: "Arguments") -> int:
    outcome: "dict[str, object]" = {"verified": False}
    try:
        request = signed_request(request_given(arguments))
        outcome["client"] = request.client_identifier
        outcome["token"] = request.token_identifier
        outcome["signature_method"] = request.signature_method
        client, token, accept = known_to_server(request, arguments)
        verify_signature(request, client, token, accept=accept)
        outcome["verified"] = True
    except VerificationError as error:
        outcome.update(message=str(error), problem=error.problem, parameter=error.parameter)
    if arguments.json:
        show(json.dumps(outcome))
    elif outcome["verified"]:
        whose = "client {}".format(ascii(outcome["client"]))
        if outcome["token"] is not None:
            whose += ", token {}".format(ascii(outcome["token"]))
        show("The signature verifies: {}, {}.".format(whose, outcome["signature_method"]))
        show("Only the server knows whether the timestamp and nonce are fresh.")
    else:
        show("The request does not verify: {}.".format(outcome["message"]))
        if outcome["problem"] == "signature_invalid":
            show('Run "oauth1 diagnose" with the same request to find out why.')
    return 0 if outcome["verified"] else 1


def run_explain(arguments: "Arguments") -> int:
    request = request_given(arguments)
    if is_signed(request):
        given = [name for name in SIGNING_OPTIONS if getattr(arguments, name)]
        if given:
            raise ValueError("the request is already signed: leave out --{}".format(given[0].replace("_", "-")))
        explanation = explain_request(parse_request(*request))
    else:
        options = signing_options(arguments, request)
        explanation = explain(*request[:2], realm=arguments.realm, **options)
    if arguments.html not in (None, "-"):
        with open(arguments.html, "wb") as file:
            file.write(explanation.as_html().encode("utf-8", "surrogateescape"))
    elif arguments.html:
        show(explanation.as_html())
    else:
        show(explanation.as_json() if arguments.json else explanation.as_text().rstrip("\n"))
    return 0


def run_diagnose(arguments: "Arguments") -> int:
    request = request_given(arguments)
    try:
        parsed = signed_request(request)
        client, token, accept = known_to_server(parsed, arguments)
        verify_signature(parsed, client, token, accept=accept)
        findings = []
    except (MalformedRequest, UnsupportedVersion):
        # diagnose() returns a finding for some of these errors, and raises the others again.
        findings = diagnose(*request, ClientCredentials("", ""))
    except InvalidSignature:
        others = [os.environ[OTHER_SECRET]] if os.environ.get(OTHER_SECRET) else []
        findings = diagnose(
            *request, client, token, accept=accept, other_secrets=others, other_uris=arguments.other_url
        )
    if arguments.json:
        show(json.dumps({"findings": findings}, default=plain, indent=1))
    elif not findings:
        show("The signature verifies: there is nothing to diagnose.")
    else:
        verdict = "The request does not verify."
        count = len([each for each in findings if each.id != "unknown"])
        if count > 1:
            verdict += " It has {} mistakes: correct each of them.".format(count)
        show("\n\n".join([verdict, *map(paragraph, findings)]))
        if findings[0].id == "unknown" and parsed.signature_method != "PLAINTEXT":
            show("\nThe base string that RFC 5849 requires for this request:\n\n" + visible(parsed.base_string))
    return 1 if findings else 0


def run_compare(arguments: "Arguments") -> int:
    if arguments.ours is None:
        try:
            ours = signed_request(request_given(arguments)).base_string
        except VerificationError as error:
            raise ValueError("the request has no base string to compare: {}".format(error)) from None
    elif sources(arguments):
        raise ValueError("give either a request or the option --ours, not both")
    else:
        ours = text_of(arguments.ours)
    differences = compare_base_strings(ours, text_of(arguments.theirs))
    if arguments.json:
        show(json.dumps({"differences": differences}, default=plain, indent=1))
    elif not differences:
        show("The base strings are equal, so the difference is in the secrets or in the signature method.")
    else:
        for each in differences:
            show(visible(each.field) + ":")
            show("  yours   " + visible(each.ours or "(none)"))
            show("  server  " + visible(each.theirs or "(none)"))
        causes = {cause.id: cause for each in differences for cause in each.causes}
        for cause in causes.values():
            show("\n" + paragraph(cause))
    return 1 if differences else 0


def run_login(arguments: "Arguments") -> int:
    make_flow, _ = urllib_adapter()
    provider = provider_of(arguments.provider, arguments.at)
    method = signature_method_of(provider.signature_method, arguments) if "RSA" in provider.signature_method else None
    if arguments.key is not None and method is None:
        raise ValueError(
            "--key can only be used with an RSA method: the signature method is {}".format(provider.signature_method)
        )
    identifier = client_identifier(arguments)
    client = ClientCredentials(identifier, client_secret_for(provider.signature_method))
    flow = make_flow(provider, client, signature_method=method)
    more = dict(pairs_given(arguments.authorize))
    callback = arguments.callback or ("oob" if arguments.oob else None)
    with contextlib.ExitStack() as stack:
        receiver: "Any" = None
        if callback is None and "no-callback" not in provider.allow:
            receiver = stack.enter_context(receiver_at(arguments.port))
            callback = receiver.url
        with responding(provider.temporary_credentials):
            temporary = flow.temporary_credentials(callback)
        page = flow.authorization_uri(temporary, **more)
        print("Open this page and approve:\n" + page, file=sys.stderr)
        if receiver is None:
            verifier = asked_verifier(callback, "no-verifier" not in provider.allow)
        else:
            receiver.expect(temporary)
            receiver.open(page)
            verifier = receiver.wait(arguments.timeout)
        with responding(provider.token_credentials):
            token = flow.token_credentials(temporary, verifier)
    if arguments.place == "json":
        show(json.dumps(token.to_dict()))
    else:
        for name, value in ((TOKEN, token.identifier), (TOKEN_SECRET, token.secret)):
            show("export {}={}".format(name, shlex.quote(value)))
    return 0


def run_call(arguments: "Arguments") -> int:
    import urllib.error
    import urllib.request

    _, make_auth = urllib_adapter()
    if arguments.timestamp or arguments.nonce:
        raise ValueError("call makes the timestamp and the nonce itself: leave out --timestamp and --nonce")
    method, uri, headers, body = request_to_send(arguments)
    options = signing_options(arguments, (method, uri, headers, body))
    auth = make_auth(
        options["client"], options["token"], signature_method=options["signature_method"], realm=arguments.realm,
        version=options["version"], body_hash="auto" if arguments.body_hash else "off",
        protocol_parameters=pairs_given(arguments.parameter),
    )  # fmt: skip
    request = urllib.request.Request(uri, body or None, dict(headers), method=method)
    with responding(uri):
        try:
            reply: "Any" = urllib.request.build_opener(auth).open(request, timeout=TIMEOUT)
        except urllib.error.HTTPError as error:
            reply = error
        with reply:
            content = reply.read()
    if sys.stdout.isatty():
        show("\n".join([visible(line) for line in content.decode("utf-8", "replace").splitlines()]))
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    if reply.status < 400:
        return 0
    print("oauth1: {} answered {}".format(origin_of(uri), reply.status), file=sys.stderr)
    report = problem_report(reply.headers.items(), content)
    for name, value in report.items():
        print("  {}: {}".format(visible(name), visible(value)), file=sys.stderr)
    if report.get("oauth_problem") == "signature_invalid":
        print('Run "oauth1 explain" with the same request to see what was signed.', file=sys.stderr)
    return 1


# The provider and the request that a command is given.


def provider_of(name: str, base: "str | None") -> Provider:
    """Return the provider with this name, or the provider in this file."""
    if name in BASED:
        if base is None:
            raise ValueError("the address of {} differs for each installation: give it with --at URL".format(name))
        try:
            return BASED[name](base)
        except (OAuth1Error, ValueError):
            message = "--at {} is not an absolute URL: give a URL such as https://shop.example"
            raise ValueError(message.format(ascii(base))) from None
    if base is not None:
        *some, last = BASED
        raise ValueError("--at can only be used with {} and {}".format(", ".join(some), last))
    if name in KNOWN:
        return KNOWN[name]
    if not os.path.exists(name):
        raise ValueError(
            "{} is neither a file nor a known provider: give a file or one of {}".format(
                ascii(name), ", ".join([*KNOWN, *BASED])
            )
        )
    octets = read_file(name)
    if not name.endswith(".toml"):
        try:
            values = json.loads(octets.decode("utf-8"))
        except (ValueError, RecursionError):
            raise ValueError(
                "{} is not JSON: write the provider as JSON, or give a TOML file a name that ends in .toml".format(
                    ascii(name)
                )
            ) from None
    else:
        try:
            import tomllib
        except ImportError:
            raise ValueError("TOML needs Python 3.11 or newer: write the provider as JSON") from None
        try:
            values = tomllib.loads(octets.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise ValueError("{} is not TOML: correct the file: {}".format(ascii(name), error)) from None
    if not isinstance(values, dict):
        raise ValueError("{} does not contain a provider: write one JSON object or TOML table".format(ascii(name)))
    return Provider.from_dict(values)


def urllib_adapter() -> "tuple[Any, Any]":
    """Return ``Flow`` and ``OAuth1``. Raises ValueError for a Python that is too old for the adapters."""
    try:
        from ..adapters.urllib import Flow, OAuth1
    except SyntaxError:
        raise ValueError("login and call need Python 3.7 or newer") from None
    return Flow, OAuth1


@contextlib.contextmanager
def responding(uri: str) -> "Iterator[None]":
    """Name the server in the error if a request to ``uri`` gets no response."""
    import http.client
    import urllib.error

    try:
        yield
    except OSError as error:
        # An error of urllib holds the system's error.
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise OSError("no response from {}: {}".format(origin_of(uri), reason)) from None
    except http.client.HTTPException as error:
        # The text of this error may be a part of the response, which may hold a secret.
        message = "no valid HTTP response from {}: {}"
        raise OSError(message.format(origin_of(uri), type(error).__name__)) from None


def receiver_at(port: int) -> "Any":
    try:
        from ..adapters.h11 import Receiver
    except ImportError:
        raise ValueError("to wait for the browser, login needs the package h11: install h11, or use --oob") from None
    return Receiver(port)


def asked_verifier(callback: "str | None", is_needed: bool) -> "str | None":
    """Ask for the code or the address after the approval, on standard error: standard output is for the result."""
    leads_back = callback is not None
    ask = (
        "Enter the verification code, or the address that the browser came back to: "
        if leads_back
        else "Press Enter when you have approved the access: "
    )
    print(ask, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise ValueError("standard input ended, so the login was not finished: run it again")
    if leads_back and is_needed and not line.strip():
        raise AuthorizationDenied("no code was entered, so no access was given")
    return line.strip() or None if leads_back else None


def request_to_send(arguments: "Arguments") -> "CapturedRequest":
    method, pairs = arguments.method.upper(), pairs_given(arguments.pairs)
    headers = []
    for header in arguments.header:
        name, colon, value = header.partition(":")
        if not colon or not name.strip():
            raise ValueError("-H must have the form 'NAME: VALUE'")
        headers.append((name.strip(), value.strip()))
        refuse_field(*headers[-1])
    body = b""
    if arguments.data is not None:
        data = arguments.data
        body = read_file(data[1:]) if data.startswith("@") else data.encode("utf-8", "surrogateescape")
    # An HTTP client sends such a character of the path or query as UTF-8, percent-encoded; urllib refuses it.
    uri = "".join([each if each < "\x80" else percent_encode(each) for each in arguments.url])
    origin_of(arguments.url)
    if pairs and method in ("POST", "PUT", "PATCH"):
        if body:
            raise ValueError("give the form either as NAME=VALUE or with -d, not both")
        body = form_encoded_body(pairs).encode("ascii")
    elif pairs:
        uri = request_uri(pairs, uri)
    if body and "content-type" not in single_fields(headers):
        headers.append(("Content-Type", FORM))
    return method, uri, headers, body


def refuse_field(name: str, value: str) -> None:
    """Raise ValueError if urllib cannot send a header field. The value is not shown, because it may be a secret."""
    if not is_token(name):
        why = "its name must be an HTTP token, such as Accept"
    elif "\n" in value or "\r" in value:
        why = "its value has a line break"
    elif [each for each in value if each > "\xff"]:
        why = "its value has a character that is not in Latin-1"
    else:
        return
    raise ValueError("the header field {} cannot be sent: {}".format(ascii(name), why))


def pairs_given(words: "Sequence[str]") -> "list[tuple[str, str]]":
    pairs = [word.partition("=") for word in words]
    if [name for name, equals, _ in pairs if not equals or not name]:
        raise ValueError("a parameter must have the form NAME=VALUE")
    return [(name, value) for name, _, value in pairs]


def request_given(arguments: "Arguments") -> "CapturedRequest":
    """Return the request from the source that the arguments give."""
    more = arguments.request or arguments.header or arguments.data
    alone = len(sources(arguments)) == 1 and (arguments.url or not more)
    if (
        not alone
        or (arguments.entry is not None and not arguments.har)
        or (arguments.read_files and not arguments.curl)
    ):
        raise ValueError(
            "give the request in exactly one of these ways: URL [-X] [-H] [-d]; --curl FILE [--read-files]; --har FILE "
            "[--entry N]; or -- curl ..."
        )
    if arguments.url and "://" not in arguments.url and os.path.isfile(arguments.url):
        return request_in_file(arguments, more)
    if arguments.har:
        return request_from_har(
            read_file(arguments.har).decode("utf-8-sig"), arguments.entry, arguments.command != "sign"
        )
    if arguments.curl:
        if arguments.curl.startswith("curl "):
            raise ValueError('--curl expects a file name; to give the command itself, put it after "--"')
        words = words_of(read_file(arguments.curl).decode("utf-8", "surrogateescape"))
        # A pasted command can name files that its user did not mean to read.
        return request_from_curl(words, read_named_file if arguments.read_files else refuse_file)
    elif arguments.words:
        words = arguments.words
    else:
        words = ["curl", "--globoff", "--path-as-is", "--url", arguments.url]
        words += ["-X", arguments.request] if arguments.request else []
        words += [word for header in arguments.header for word in ("-H", header)]
        words += [word for data in arguments.data for word in ("-d", data)]
    return request_from_curl(words, read_file)


def request_in_file(arguments: "Arguments", more: object) -> "CapturedRequest":
    """Return the request in a file of any kind. Files that a command in the file names are not read."""
    if more:
        raise ValueError("{} is a file with a whole request: leave out -X, -H and -d".format(visible(arguments.url)))
    pasted = read_pasted(
        read_file(arguments.url).decode("utf-8", "surrogateescape"), refuse_file, scheme=arguments.scheme or "https"
    )
    if pasted.request is None:
        lacks = {
            "entry": "several requests: choose one with --har FILE --entry N",
            "url": "header fields without a URL: give the URL, -X and the Authorization header with -H instead",
            "": "a reply of a server: give a file with the request (oauth1 compare reads replies)",
        }
        raise ValueError("the file contains {}".format(lacks[pasted.lacks]))
    if not (pasted.has_scheme or arguments.scheme):
        raise ValueError("the request does not contain its scheme: give --scheme http or --scheme https")
    for note in pasted.notes:
        print("oauth1:", note, file=sys.stderr)
    return pasted.request


def sources(arguments: "Arguments") -> "list[object]":
    return [each for each in (arguments.url, arguments.curl, arguments.har, arguments.words) if each]


def read_file(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    with open(name, "rb") as file:
        return file.read()


def read_named_file(name: str) -> bytes:
    """Return the content of a file that a captured command names."""
    if not os.path.isfile(name):
        raise ValueError("the command names {}, which does not exist or is not a regular file".format(ascii(name)))
    with open(name, "rb") as file:
        octets = file.read(MOST_OCTETS + 1)
    if len(octets) > MOST_OCTETS:
        raise ValueError("the command names {}, which is longer than 16 MiB".format(ascii(name)))
    return octets


def refuse_file(name: str) -> bytes:
    raise ValueError("the command names the file {}: use --read-files to read it".format(ascii(name)))


def text_of(argument: str) -> str:
    return read_file(argument[1:]).decode("utf-8", "replace") if argument.startswith("@") else argument


def signing_options(arguments: "Arguments", request: "CapturedRequest") -> "dict[str, Any]":
    """Return the keyword arguments of :func:`sign`; ask for the secrets that are not set."""
    _, _, headers, body = request
    method = signature_method_of(arguments.signature_method or HMAC_SHA1.name, arguments)
    assert method is not None  # the parser knows no other names
    further = pairs_given(arguments.parameter)
    if arguments.body_hash:
        if declares_form(headers):
            raise ValueError("leave out --body-hash: the parameters of a form are signed, so a form needs no body hash")
        further.append(("oauth_body_hash", body_hash(body, getattr(method, "digest", "sha1"))))

    client = ClientCredentials(client_identifier(arguments), client_secret_for(method.name))
    token = None
    identifier = arguments.token if arguments.token is not None else os.environ.get(TOKEN) or None
    if identifier is not None:
        token = TokenCredentials(identifier, token_secret_for(method.name) if identifier else "")
    return {
        "client": client,
        "token": token,
        "form": body if declares_form(headers) else b"",
        "protocol_parameters": further,
        "signature_method": method,
        "timestamp": arguments.timestamp,
        "nonce": arguments.nonce,
        "version": None if arguments.no_version else "1.0",
    }


def client_identifier(arguments: "Arguments") -> str:
    identifier: str = arguments.client or os.environ.get(CLIENT) or ""
    if not identifier:
        raise ValueError("no client identifier: use --client or set {}".format(CLIENT))
    return identifier


def known_to_server(
    request: "AuthenticatedRequest", arguments: "Arguments"
) -> "tuple[ClientCredentials, TokenCredentials | None, list[SignatureMethod]]":
    """Return the credentials for the identifiers in a request, and the signature methods to accept."""
    message = "the request has the {} identifier {}, but {} is {}"
    ours = os.environ.get(CLIENT, request.client_identifier)
    if ours not in ("", request.client_identifier):
        message = message.format("client", ascii(request.client_identifier), CLIENT, ascii(ours))
        raise InvalidClientCredentials(message, parameter="oauth_consumer_key")
    theirs = os.environ.get(TOKEN, request.token_identifier)
    if theirs not in ("", request.token_identifier):
        message = message.format("token", ascii(request.token_identifier), TOKEN, ascii(theirs))
        raise InvalidToken(message, parameter="oauth_token")
    method = signature_method_of(request.signature_method, arguments)
    client_secret = client_secret_for(request.signature_method)
    client = ClientCredentials(request.client_identifier, client_secret)
    if not client_secret:
        client = PublicClientCredentials(request.client_identifier)
    token = None
    if request.token_identifier is not None:
        token = TokenCredentials(request.token_identifier, token_secret_for(request.signature_method))
    return client, token, [] if method is None else [method]


def signature_method_of(name: str, arguments: "Arguments") -> "SignatureMethod | None":
    """Return the signature method with this name, with the key that ``--key`` gives; ``None`` for an unknown name."""
    if name not in WITH_KEY:
        if arguments.key is not None:
            raise ValueError(
                "--key can only be used with an RSA method: the signature method is {}".format(ascii(name))
            )
        return METHODS.get(name)
    if arguments.key is None:
        raise ValueError("{} needs a key: give it with --key FILE".format(name))
    try:
        from ..adapters.cryptography import rsa_from_pem
    except ImportError:
        raise ValueError("RSA methods need the package cryptography: install it") from None
    pem = read_file(arguments.key)
    password = os.fsencode(secret(KEY_PASSWORD, "password of the key")) if b"ENCRYPTED" in pem else None
    return rsa_from_pem(WITH_KEY[name], pem, password)


def client_secret_for(method_name: str) -> str:
    return "" if method_name in WITH_KEY else secret(CLIENT_SECRET, "client secret")


def token_secret_for(method_name: str) -> str:
    return "" if method_name in WITH_KEY else secret(TOKEN_SECRET, "token secret")


def secret(name: str, what: str) -> str:
    """Return a secret from the environment, or ask for it at the terminal, without echo."""
    value = os.environ.get(name)
    if value is not None:
        return value
    with warnings.catch_warnings():
        # If the terminal cannot hide the input, do not ask.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass("{} (not shown): ".format(what))
        except (EOFError, getpass.GetPassWarning):
            raise ValueError("no {}: set {}, or run oauth1 at a terminal".format(what, name)) from None


# The output.


def show(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape") + b"\n")
    sys.stdout.buffer.flush()


def plain(result: "Finding | Difference") -> "dict[str, object]":
    """Return a finding or a difference as a dict for JSON."""
    return {name: getattr(result, name) for name in result.__slots__}


def paragraph(finding: "Finding") -> str:
    lines = [
        "{}: {}".format(finding.id, finding.happened),
        "  correct: {} (RFC 5849 section {}).".format(finding.wants, finding.section),
        "  to fix:  {}.".format(finding.fix),
    ]
    # Mistakes that give the same signature for this request, the most common first.
    lines += ["  perhaps: {}: {}".format(other.id, other.happened) for other in finding.alike]
    return "\n".join([visible(line) for line in lines])
