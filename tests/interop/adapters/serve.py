"""The protocol of vectors/README.md, for the adapters written in Python."""

import hmac
import json
import sys
from urllib.parse import parse_qs

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Unsupported(Exception):
    """The library has no way to do what is asked; the message says what."""


def serve(refusals=(ValueError,), **functions):
    """Answer each line of standard input; ``functions`` take the members of "input" and return the output.

    ``refusals`` are the exceptions by which the library refuses. Any other is a crash.
    """
    base_strings = watch_hmac()
    for line in sys.stdin:
        request = json.loads(line)
        base_strings.clear()
        try:
            if request["function"] not in functions:
                raise Unsupported("the function")
            reply = {"output": functions[request["function"]](**request["input"])}
            if base_strings:
                reply["base_string"] = base_strings[-1]
        except Unsupported as reason:
            reply = {"unsupported": str(reason)}
        except refusals as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        except Exception as error:
            reply = {"crash": f"{type(error).__name__}: {error}"}
        print(json.dumps({"id": request["id"], **reply}), flush=True)


def watch_hmac():
    """Return a list that all text for which a library makes an HMAC is added to."""
    seen, new = [], hmac.new

    def watched(key, text=None, digest=""):
        if text is not None:
            seen.append(text.decode("utf-8", "replace"))
        return new(key, text, digest)

    hmac.new = watched
    return seen


def dict_of(text):
    """Return a query or form as a dict, for libraries that take one: a list where a name has several values."""
    found = parse_qs(text, keep_blank_values=True)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def need(so, what):
    if not so:
        raise Unsupported(what)


def need_text(*values):
    if any(isinstance(value, dict) for value in values):
        raise Unsupported("octets that are not UTF-8")


def known(parameters, **names):
    """Return the protocol parameters as keyword arguments; ``names`` are {keyword: parameter}."""
    found = dict(parameters)
    others = sorted(set(found) - set(names.values()))
    if others:
        raise Unsupported(f"{', '.join(others)} as a parameter")
    return {keyword: found[name] for keyword, name in names.items() if name in found}
