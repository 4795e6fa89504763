"""One file is one action."""
