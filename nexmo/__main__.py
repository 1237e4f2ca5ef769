"""``python -m nexmo`` and ``nexmo``: the command line."""

import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

SHARED = """\
The retired SDK, nexmo {}, is installed too: it and oauth1-nexmo have files of the same names, and one has overwritten
the other's. Uninstall both (pip uninstall nexmo oauth1-nexmo), then install the one that you want."""


def main() -> None:
    with suppress(PackageNotFoundError):
        sys.exit(SHARED.format(version("nexmo")))
    try:
        from .cli import app
    except ModuleNotFoundError as missing:
        sys.exit(f"{missing.name} is missing: pip install 'oauth1-nexmo[cli]'")
    app(prog_name="nexmo")


if __name__ == "__main__":
    main()
