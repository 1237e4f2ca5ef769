"""``python -m nexmo`` and ``nexmo``: the command line."""

import sys
from importlib.metadata import PackageNotFoundError, version

SHARED = """\
The retired SDK {} is installed beside oauth1-nexmo, and each overwrote files of the other. To repair ours:
    pip uninstall --yes nexmo oauth1-nexmo && pip install oauth1-nexmo"""


def main() -> None:
    try:
        sys.exit(SHARED.format("nexmo " + version("nexmo")))
    except PackageNotFoundError:
        pass
    try:
        from .cli import app
    except ModuleNotFoundError as missing:
        sys.exit(f"{missing.name} is missing: pip install 'oauth1-nexmo[cli]'")
    app(prog_name="nexmo")


if __name__ == "__main__":
    main()
