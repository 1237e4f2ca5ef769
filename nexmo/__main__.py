"""``python -m nexmo`` and ``nexmo``: the command line."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

SHARED = """\
The retired SDK, nexmo {}, is installed too: it and oauth1-nexmo have files of the same names, and one has overwritten
the other's. Uninstall both (pip uninstall nexmo oauth1-nexmo), then install the one that you want."""

# What the extras bring: by name, since they can be installed wherever this package came from.
EXTRAS = {
    "cli": "filelock h11 platformdirs rich typer",
    "sandbox": "cryptography filelock h11 jinja2 platformdirs rich starlette typer uvicorn",
}


def how_to_install(missing: str | None, extra: str) -> str:
    return f"{missing} is missing: pip install {EXTRAS[extra]}"


def main() -> None:
    with suppress(PackageNotFoundError):
        sys.exit(SHARED.format(version("nexmo")))
    try:
        from .cli import app
    except ModuleNotFoundError as missing:
        sys.exit(how_to_install(missing.name, "cli"))
    app(prog_name="nexmo")


if __name__ == "__main__":
    main()
