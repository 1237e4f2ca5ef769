"""Run the vectors of the client's side in MicroPython: what it lacks is put in place here, outside the package.

    main.run(FOLDER, PACKAGE)

The modules beside this file stand before MicroPython's own. Its ``str`` is UTF-8 and nothing else, and its ``dict``
keeps no order: what is not UTF-8, and the server's side, are not for it.
"""

import binascii
import builtins
import os
import sys

import host

OTHERS = ("parse_authorization_header", "parse_request", "verify")
NOT_UTF8 = "octets that are not UTF-8"

builtins.ascii = repr
builtins.UnicodeEncodeError = UnicodeError
os.urandom = lambda count: bytes.fromhex(host.random(count))
decode = binascii.a2b_base64


def a2b_base64(text):
    try:
        return decode(text.encode())
    except Exception:  # not of the class that it is in Python
        raise ValueError("not base64") from None


binascii.a2b_base64 = a2b_base64


def run(folder, package):
    sys.path.insert(0, folder)
    sys.argv[:] = ["run_vectors.py", package]
    from tests import run_vectors

    check, with_texts = run_vectors.check, run_vectors.with_texts

    def with_texts_or_none(value):
        try:
            return with_texts(value)
        except UnicodeError:
            return NOT_UTF8

    def check_text(function, case):
        if NOT_UTF8 in repr(case):
            raise UnicodeError(NOT_UTF8)
        check(function, case)

    run_vectors.with_texts, run_vectors.check = with_texts_or_none, check_text
    return run_vectors.main([name for name in run_vectors.RUNNERS if name not in OTHERS])
