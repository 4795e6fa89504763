"""SuiteQL for SQLite: read the query, check every name, rewrite what Oracle says differently.

Only names in data/suiteql_tables.json exist; a wrong one gets the sentence real accounts give.
"""

# ruff: noqa: C901, S608 - names are checked against the data file before they are written; one branch per kind of name

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, field
from typing import Any

from sandbox.netsuite.errors import RestError, bad_query, unexpected
from sandbox.netsuite.settings import Settings
from sandbox.netsuite.sqlfunctions import MARK, number_text, shown
from sandbox.netsuite.store import tables

MAX_ROWS = 100_000
_TOKEN = re.compile(
    r"\s+|(?P<string>'(?:[^']|'')*')|(?P<comment>--|/\*)|(?P<number>\d+(?:\.\d+)?)"
    r'|(?P<name>[A-Za-z_][A-Za-z0-9_$]*|"[^"]+")|(?P<op><>|!=|<=|>=|\|\||[-+*/=<>(),.?])|(?P<bad>.)',
    re.DOTALL,
)
_KEYWORDS = {
    "SELECT", "DISTINCT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "BETWEEN", "EXISTS", "AS",
    "ON", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS", "GROUP", "BY", "HAVING", "ORDER", "ASC", "DESC",
    "NULLS", "FIRST", "LAST", "UNION", "ALL", "INTERSECT", "MINUS", "CASE", "WHEN", "THEN", "ELSE", "END", "FETCH",
    "NEXT", "ROWS", "ROW", "ONLY", "OFFSET", "ESCAPE", "OVER", "PARTITION", "WITH", "CAST", "INTEGER", "VARCHAR",
    "NUMBER",
}  # fmt: skip
_FUNCTIONS = {
    "SYS_EXTRACT_UTC", "TO_CHAR", "TO_TIMESTAMP", "TO_DATE", "TO_NUMBER", "NVL", "NVL2", "DECODE", "TRUNC", "UPPER",
    "LOWER", "COUNT", "SUM", "MIN", "MAX", "AVG", "ABS", "ROUND", "COALESCE", "NULLIF", "SUBSTR", "INSTR", "LENGTH",
    "TRIM", "LTRIM", "RTRIM", "REPLACE", "ROW_NUMBER", "RANK",
}  # fmt: skip
_RENAMED = {"UPPER": "NS_UPPER", "LOWER": "NS_LOWER"}
_DISPLAY = {"transaction": "tranid", "item": "itemid", "customer": "entityid", "employee": "entityid",
            "shipitem": "itemid", "salestaxitem": "itemid", "accountingperiod": "periodname",
            "account": "fullname", "currency": "name"}  # fmt: skip
_OTHER_DIALECT = {"LIMIT", "NOW", "ILIKE", "TOP"}


@dataclass
class _Query:
    tokens: list[tuple[str, str]]
    hidden: set[str]
    aliases: dict[str, str] = field(default_factory=dict)
    derived: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    sources: set[int] = field(default_factory=set)


def translate(text: str, hidden: list[str]) -> str:
    """The SQLite statement for a SuiteQL text. Raises RestError 400 with the service's own sentences."""
    query = _Query(_tokens(text), {table.lower() for table in hidden})
    if not query.tokens or query.tokens[0][1].upper() not in ("SELECT", "WITH"):
        raise bad_query("Search error occurred: Invalid or unsupported search.")
    _collect(query)
    return _rewrite(query)


def _tokens(text: str) -> list[tuple[str, str]]:
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind is None:
            continue
        if kind in ("bad", "comment"):
            raise bad_query(
                f"Search error occurred: Invalid or unsupported search. Unexpected token: {match.group()}"
            )
        found.append((kind, match.group()))
    return found


def _collect(query: _Query) -> None:
    """Find tables with their aliases, sub-query aliases and column labels."""
    tokens = query.tokens
    depth, from_depths = 0, set()
    for index, (kind, text) in enumerate(tokens):
        upper = text.upper()
        if text == "(":
            depth += 1
        elif text == ")":
            from_depths.discard(depth)
            depth -= 1
            if index + 1 < len(tokens) and tokens[index + 1][0] == "name" and depth in from_depths:
                _note(query, index + 1, query.derived)
        elif kind == "name" and upper in ("FROM", "JOIN"):
            from_depths.add(depth)
            _table(query, index + 1)
        elif text == "," and depth in from_depths:
            _table(query, index + 1)
        elif kind == "name" and upper in ("WHERE", "GROUP", "ORDER", "HAVING", "FETCH", "SELECT", "UNION"):
            from_depths.discard(depth)
        elif kind == "name" and upper == "AS" and index + 1 < len(tokens):
            query.labels.add(tokens[index + 1][1].strip('"').lower())


def _note(query: _Query, index: int, names: set[str]) -> None:
    text = query.tokens[index][1]
    if text.upper() == "AS" and index + 1 < len(query.tokens):
        text = query.tokens[index + 1][1]
    if text.upper() not in _KEYWORDS:
        names.add(text.lower())


def _table(query: _Query, index: int) -> None:
    if index >= len(query.tokens) or query.tokens[index][0] != "name":
        return
    name = query.tokens[index][1].lower()
    if name not in tables() or name in query.hidden:
        raise bad_query(f"Search error occurred: Record '{name}' was not found.")
    query.sources.add(index)
    query.aliases[name] = name
    following = index + 1
    if following < len(query.tokens) and query.tokens[following][1].upper() == "AS":
        following += 1
    if following < len(query.tokens):
        kind, text = query.tokens[following]
        if kind == "name" and text.upper() not in _KEYWORDS | _OTHER_DIALECT:
            query.aliases[text.lower()] = name
            query.sources.add(following)


def _column(table: str, name: str) -> None:
    if table == "transaction" and name == "shipstatus":
        raise unexpected("sandbox-shipstatus")
    if name.startswith("_") or name not in tables()[table]:
        raise bad_query(f"Search error occurred: Field '{name}' for record '{table}' was not found.")


def _rewrite(query: _Query) -> str:
    out: list[str] = []
    index = 0
    while index < len(query.tokens):
        kind, text = query.tokens[index]
        if kind != "name":
            out.append("<>" if text == "!=" else text)
            index += 1
        elif index in query.sources:
            out.append(_source(query, index, text))
            index += 1
        else:
            index = _name(query, index, out)
    return " ".join(out)


def _source(query: _Query, index: int, text: str) -> str:
    name = text.strip('"').lower()
    if name in tables() and (index - 1) not in query.sources and query.tokens[index - 1][1].upper() != "AS":
        alias_follows = (index + 1) in query.sources or (
            (index + 2) in query.sources and (query.tokens[index + 1][1].upper() == "AS")
        )
        return f'"q_{name}"' if alias_follows else f'"q_{name}" AS "{name}"'
    return f'"{name}"'


def _name(query: _Query, index: int, out: list[str]) -> int:
    """Append the rewriting of a name at `index`; returns where to go on."""
    tokens = query.tokens
    text = tokens[index][1]
    upper, name = text.upper(), text.strip('"').lower()
    after = tokens[index + 1][1] if index + 1 < len(tokens) else ""
    previous = tokens[index - 1][1].upper() if index else ""
    if upper == "BUILTIN" and after == ".":
        return _builtin(query, index, out)
    if upper in ("FETCH", "OFFSET"):
        return _fetch(query, index, out)
    if after == ".":
        return _qualified(query, index, out)
    if upper in _OTHER_DIALECT and name not in query.aliases:
        raise bad_query(f"Search error occurred: Invalid or unsupported search. Unexpected token: {text}")
    if after == "(" and upper not in _KEYWORDS:
        if upper not in _FUNCTIONS:
            raise bad_query(f"Search error occurred: Unknown function '{text}'.")
        out.append(_RENAMED.get(upper, upper))
    elif previous == "AS" or upper in _KEYWORDS:
        out.append(
            {"MINUS": "EXCEPT", "VARCHAR": "TEXT"}.get(upper, upper) if previous != "AS" else f'"{name}"'
        )
    elif upper in ("SYSDATE", "CURRENT_DATE", "SYSTIMESTAMP"):
        out.append("NS_SYSDATE()")
    elif name in query.labels or name in query.derived:
        out.append(f'"{name}"')
    elif _is_label(query, index):
        query.labels.add(name)
        out.append(f'AS "{name}"')
    else:
        out.append(_bare(query, name))
    return index + 1


def _is_label(query: _Query, index: int) -> bool:
    """A name right after a complete expression is a column label without AS."""
    kind, text = query.tokens[index - 1]
    return (
        kind in ("string", "number")
        or text == ")"
        or (kind == "name" and text.upper() not in _KEYWORDS)
        or (text.upper() == "END")
    )


def _bare(query: _Query, name: str) -> str:
    known = dict.fromkeys(query.aliases.values())
    owners = [table for table in known if name in tables()[table] and not name.startswith("_")]
    if not owners and not query.derived:
        if name == "rownum":
            raise bad_query("Search error occurred: Unknown identifier 'ROWNUM' (the sandbox has no ROWNUM).")
        _column(next(iter(query.aliases.values()), "transaction"), name)
    return f'"{name}"'


def _qualified(query: _Query, index: int, out: list[str]) -> int:
    alias = query.tokens[index][1].strip('"').lower()
    if index + 2 >= len(query.tokens):
        raise bad_query("Search error occurred: Invalid or unsupported search.")
    column = query.tokens[index + 2][1].strip('"').lower()
    if alias in query.aliases:
        if column != "*":
            _column(query.aliases[alias], column)
    elif alias not in query.derived:
        raise bad_query(f"Search error occurred: Unknown identifier '{alias}'. Available identifiers are: "
                        f"{{{', '.join(sorted(query.aliases))}}}")  # fmt: skip
    out.append(f'"{alias}".*' if column == "*" else f'"{alias}"."{column}"')
    return index + 3


def _fetch(query: _Query, index: int, out: list[str]) -> int:
    """FETCH FIRST n ROWS ONLY and OFFSET n ROWS FETCH NEXT m ROWS ONLY."""
    texts = [text.upper() for _, text in query.tokens[index : index + 8]]
    match texts:
        case ["FETCH", "FIRST" | "NEXT", count, "ROWS" | "ROW", "ONLY", *_] if count.isdigit():
            out.append(f"LIMIT {count}")
            return index + 5
        case ["OFFSET", start, "ROWS" | "ROW", "FETCH", "FIRST" | "NEXT", count, "ROWS" | "ROW", "ONLY"]:
            out.append(f"LIMIT {int(count)} OFFSET {int(start)}")
            return index + 8
    raise bad_query("Search error occurred: Invalid or unsupported search. Unexpected token: " + texts[0])


def _builtin(query: _Query, index: int, out: list[str]) -> int:
    """BUILTIN.DF(column): the display text of a reference; of anything else, its value."""
    texts = [text for _, text in query.tokens[index : index + 8]]
    if len(texts) < 6 or texts[2].upper() != "DF" or texts[3] != "(" or ")" not in texts[4:8]:
        raise bad_query("Search error occurred: Invalid or unsupported search. Unexpected token: BUILTIN")
    inner = texts[4 : 4 + texts[4:].index(")")]
    column = inner[-1].lower()
    if len(inner) == 3:
        alias = inner[0].lower()
        table = query.aliases.get(alias)
        if table is None:
            raise bad_query(f"Search error occurred: Unknown identifier '{alias}'.")
        _column(table, column)
        value = f'"{alias}"."{column}"'
    else:
        value = _bare(query, column)
        table = next(table for table in query.aliases.values() if column in tables()[table])
    kind = tables()[table][column]
    if kind.startswith("ref:"):
        target = kind[4:]
        value = f'(SELECT "{_DISPLAY.get(target, "name")}" FROM "q_{target}" AS df WHERE df.id = {value})'
    out.append(value)
    return index + 4 + len(inner) + 1


def run(
    db: sqlite3.Connection, settings: Settings, text: str, params: list[Any], page: tuple[int, int]
) -> tuple[list[dict[str, Any]], int]:
    """(rows of the page (limit, offset), total rows): values as text, keys lower case, nulls left out."""
    limit, offset = page
    statement = translate(text, settings["hidden_tables"])
    try:
        cursor = db.execute(statement, params)
        rows = cursor.fetchmany(MAX_ROWS)
    except (sqlite3.Error, ValueError) as error:
        raise _database_error(error) from error
    internal = {index for index, column in enumerate(cursor.description) if column[0].startswith("_")}
    names = [column[0].lower() for column in cursor.description]
    chosen = []
    for row in rows[offset : offset + limit]:
        item: dict[str, Any] = {"links": []}
        for index, value in enumerate(row):
            if value is not None and index not in internal:
                item[names[index]] = _text(value)
        chosen.append(item)
    return chosen, len(rows)


def _database_error(error: Exception) -> RestError:
    text = str(error)
    if "no such column" in text:
        return bad_query(f"Search error occurred: Unknown identifier '{text.rsplit(' ', 1)[-1]}'.")
    return bad_query(f"Search error occurred: Invalid or unsupported search. {text}")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return shown(value) if value.startswith(MARK) and len(value) == 20 else value.removeprefix(MARK)
    return number_text(value)
