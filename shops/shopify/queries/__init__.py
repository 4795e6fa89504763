"""The GraphQL texts: one file per operation, the parts they share in `fragments/`.

`query_text("orders_full")` is the text as sent: the operation and every fragment it spreads, however deep.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_SPREAD = re.compile(r"\.\.\.\s*(?!on\b)([A-Za-z]\w*)")
_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)


def _read(*path: str) -> str:
    text = files(__name__).joinpath(*path).read_text(encoding="utf-8")
    return _COMMENT.sub("", text).strip()


@cache
def query_text(operation: str) -> str:
    """The full text of an operation by its file name without ending; FileNotFoundError when there is none."""
    texts = [_read(f"{operation}.graphql")]
    wanted = _SPREAD.findall(texts[0])
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        fragment = _read("fragments", f"{name}.graphql")
        texts.append(fragment)
        wanted.extend(_SPREAD.findall(fragment))
    return "\n".join(texts)


@cache
def operation_names() -> tuple[str, ...]:
    """Every operation there is, in alphabetical order."""
    return tuple(
        sorted(
            entry.name.removesuffix(".graphql")
            for entry in files(__name__).iterdir()
            if _is_query(entry.name)
        )
    )


def _is_query(name: str) -> bool:
    return name.endswith(".graphql")
