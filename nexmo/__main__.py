"""``python -m nexmo`` and ``nexmo``: the command line."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

SHARED = """\
The retired SDK, nexmo {}, is installed too. It and oauth1-nexmo have files with the same names, and the package that
was installed last has overwritten files of the other. Uninstall both (pip uninstall nexmo oauth1-nexmo), then install
the package that you want."""

# The packages of each extra, by name: pip finds these packages even if it cannot find oauth1-nexmo.
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
