"""``python -m nexmo`` and ``nexmo``: the command line."""

import sys


def main() -> None:
    try:
        from .cli import app
    except ModuleNotFoundError as missing:
        sys.exit(f"{missing.name} is missing: pip install 'oauth1-core[cli]'")
    app(prog_name="nexmo")


if __name__ == "__main__":
    main()
