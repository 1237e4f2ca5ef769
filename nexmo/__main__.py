"""``python -m nexmo``: the command line."""
import sys

try:
    from .cli import app
except ModuleNotFoundError as missing:
    sys.exit(f"{missing.name} is missing: pip install 'oauth1-core[sandbox]'")

app(prog_name="nexmo")
