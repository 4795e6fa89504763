"""Changes one thing at a time in the modules money and identity hang on, and shows that a test notices.

Every mutant must die, or be explained below as one that changes nothing a caller can see. Usage::

    python scripts/mutation_trial.py [module ...]

Exits 1 when a mutant lives unexplained, or when an explanation fits no living mutant any more.
"""

from __future__ import annotations

import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = {
    "canonical/tie_out.py": "tests/canonical/test_tie_out.py",
    "canonical/external_ids.py": "tests/canonical/test_external_ids.py",
}
COPIED = ("canonical", "common", "tests/canonical")
EXPLAINED: dict[tuple[str, str], str] = {
    (
        "canonical/tie_out.py",
        "constant: True -> False",
    ): "slots=True saves memory; without it the limits work the same"
}
"""(module, change) -> why no caller can tell the difference."""

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
}
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "abs": "+"}


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, what it does, and the whole source with it."""

    module: str
    line: int
    change: str
    source: str


def variants(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What a node may be changed into, each with a few words that say so."""
    if isinstance(node, ast.Compare):
        for other in _COMPARISONS.get(type(node.ops[0]), ()):
            yield "comparison", ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        yield "arithmetic", ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        for index in range(len(node.values)):
            rest = [value for at, value in enumerate(node.values) if at != index]
            yield f"condition {index + 1} dropped", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        yield "and/or", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield "sign or not dropped", node.operand
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        other_name = _CALLS[node.func.id]
        changed = (
            node.args[0]
            if other_name == "+"
            else ast.Call(ast.Name(other_name, ast.Load()), node.args, node.keywords)
        )
        yield "call", changed
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.stmt):
        yield from _statements(node)


def _statements(node: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Raise):
        yield "raise dropped", ast.Pass()
    elif isinstance(node, ast.Return) and node.value is not None:
        yield "returns None", ast.Return(ast.Constant(None))
    elif isinstance(node, ast.If):
        yield "always", ast.If(ast.Constant(value=True), node.body, node.orelse)
        yield "never", ast.If(ast.Constant(value=False), node.body, node.orelse)


def _constants(node: ast.Constant) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.value, bool):
        yield "constant", ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield "constant +1", ast.Constant(node.value + 1)
        yield "constant -1", ast.Constant(node.value - 1)
    elif isinstance(node.value, str):
        yield "text", ast.Constant(f"x{node.value}")


def mutants(module: str) -> Iterator[Mutant]:
    """Every change of a module, docstrings and annotations left alone."""
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    count = sum(1 for _ in _places(tree))
    for index in range(count):
        for number in range(len(list(variants(next(_at(tree, index)))))):
            changed = copy.deepcopy(tree)
            parent, name, position, node = next(_place(changed, index))
            words, replacement = list(variants(node))[number]
            ast.copy_location(replacement, node)
            if position is None:
                setattr(parent, name, replacement)
            else:
                getattr(parent, name)[position] = replacement
            before, after = ast.unparse(node), ast.unparse(ast.fix_missing_locations(replacement))
            text = f"{words}: {_short(before)} -> {_short(after)}"
            yield Mutant(module, getattr(node, "lineno", 0), text, ast.unparse(changed))


def _short(code: str) -> str:
    first, *rest = code.splitlines()
    return first + (" ..." if rest else "")


Place = tuple[ast.AST, str, int | None, ast.AST]


def _places(tree: ast.AST) -> Iterator[Place]:
    """All nodes that could be changed, with where they hang."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if name in {"annotation", "returns"}:
                continue
            children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
            for position, node in children:
                if isinstance(node, ast.AST) and not _is_docstring(parent, node):
                    yield parent, name, position, node


def _place(tree: ast.AST, index: int) -> Iterator[Place]:
    for number, found in enumerate(_places(tree)):
        if number == index:
            yield found


def _at(tree: ast.AST, index: int) -> Iterator[ast.AST]:
    for _, _, _, node in _place(tree, index):
        yield node


def _is_docstring(parent: ast.AST, node: ast.AST) -> bool:
    return isinstance(parent, ast.Expr) and isinstance(node, ast.Constant)


def prepare(folder: Path) -> None:
    """Copy what the tests need."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))


def lives(folder: Path, module: str) -> bool:
    """Whether the module's tests pass in the folder. Tests that hang count as failing."""
    command = [
        sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:django", "-p", "no:cacheprovider", "-p", "no:randomly",
        "-p", "no:xdist", "-c", os.devnull, "--rootdir", str(folder), "--import-mode=importlib", "--hypothesis-seed=0",
        TESTS[module],
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, env=environment, timeout=120
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def trial(mutant: Mutant) -> bool:
    """Whether a mutant lives, tried in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        (folder / mutant.module).write_text(mutant.source, encoding="utf-8")
        return lives(folder, mutant.module)


def main(modules: list[str]) -> int:
    """Run the trial and print every mutant that lives."""
    chosen = modules or list(TESTS)
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name))
        if not all(lives(Path(name), module) for module in chosen):
            print("The tests fail before anything is changed.")
            return 1
    found = [mutant for module in chosen for mutant in mutants(module)]
    with ThreadPoolExecutor(2) as pool:
        results = list(zip(found, pool.map(trial, found), strict=True))
    living = [mutant for mutant, alive in results if alive]
    unexplained = [m for m in living if (m.module, m.change) not in EXPLAINED]
    used = {(m.module, m.change) for m in living}
    stale = [key for key in EXPLAINED if key[0] in chosen and key not in used]
    for mutant in living:
        reason = EXPLAINED.get((mutant.module, mutant.change), "UNEXPLAINED")
        print(f"lives  {mutant.module}:{mutant.line}  {mutant.change}\n       {reason}")
    for module, change in stale:
        print(f"stale  {module}  {change}: no mutant lives by this explanation")
    print(
        f"{len(found)} mutants, {len(found) - len(living)} died, {len(living) - len(unexplained)} explained."
    )
    return 1 if unexplained or stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
