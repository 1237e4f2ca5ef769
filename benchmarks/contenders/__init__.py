"""One contender per file; README.md one folder up says what a file needs."""
