"""Run the vectors of the client's side in MicroPython: micropython micropython.py FOLDER PACKAGE

Its ``str`` is UTF-8 and nothing else, and its ``dict`` keeps no order: what is not UTF-8, and the server's side, are
not for it.
"""

import sys

OTHERS = ("parse_authorization_header", "parse_request", "verify")
NOT_UTF8 = "octets that are not UTF-8"


def run(folder, package):
    sys.path.insert(0, folder)
    sys.argv[:] = ["run_vectors.py", package]
    print("version:", ".".join([str(number) for number in sys.implementation.version[:3]]))
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


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2])
