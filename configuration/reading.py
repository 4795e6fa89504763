"""Reading the YAML of a configuration: safe, strict about doubles, and without YAML's surprises.

Only `true`, `false`, `null` and whole numbers have a type; everything else is text. So the country `NO` stays Norway,
the rate `7.25` stays exact, an id `0012` keeps its zeros and a date stays as it was written.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from configuration.errors import ConfigurationError, Problem

VERSION = 1
LARGEST = 10_000_000
"""Bytes a configuration file may have."""


class Mapped(dict[str, Any]):
    """A mapping of the file that remembers where each of its keys stands."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class _Loader(yaml.SafeLoader):
    """YAML with few types. Merge keys and every tag but the plain ones are refused."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _pattern, _starts in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_starts)
    )


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Mapped:
    found = Mapped()
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise ConfigurationError([Problem(line, "", "A key must be a plain text.")])
        key = key_node.value
        if key in found:
            raise ConfigurationError(
                [Problem(line, "", f"'{key}' is given twice; the first is on line {found.lines[key]}.")]
            )
        found.lines[key] = line
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read(text: str) -> Mapped:
    """The content of a configuration file. Raises ConfigurationError with the line of what cannot be read."""
    if len(text.encode()) > LARGEST:
        raise ConfigurationError([Problem(0, "", f"The file is larger than {LARGEST // 1_000_000} MB.")])
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with fewer types
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error)
        raise ConfigurationError(
            [Problem(mark.line + 1 if mark else 0, "", f"This is not YAML: {what}.")]
        ) from error
    if not isinstance(content, Mapped):
        raise ConfigurationError([Problem(1, "", "The file must hold 'version', 'connections' and 'shops'.")])
    if content.get("version") != VERSION:
        raise ConfigurationError([Problem(
            content.lines.get("version", 1), "version", f"The hub reads version {VERSION}; write 'version: {VERSION}'.",
        )])  # fmt: skip
    return content


class _Dumper(yaml.SafeDumper):
    """YAML that reads the same with any parser: texts that look like something else are quoted."""

    def ignore_aliases(self, data: Any) -> bool:
        """Every value is written where it stands."""
        return True


def write(content: dict[str, Any]) -> str:
    """A configuration as YAML, in the order given."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
