"""How long signing and verifying take here and elsewhere: see README.md."""
