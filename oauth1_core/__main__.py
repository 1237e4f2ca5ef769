"""``python -m oauth1_core`` runs the command line ``oauth1`` (RFC 5849), which is in ``debugging``."""

import sys

from .debugging.command_line import main

if __name__ == "__main__":
    sys.exit(main())
