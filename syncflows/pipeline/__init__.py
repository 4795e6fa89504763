"""The way of a document: claim, fetch, normalize, decide, map, check, write, record."""
