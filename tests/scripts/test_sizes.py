"""What the size check refuses."""

from __future__ import annotations

from pathlib import Path

from scripts.sizes import faults


def test_a_file_of_400_lines_passes_and_one_of_401_does_not(tmp_path: Path) -> None:
    short, long = tmp_path / "short.py", tmp_path / "long.py"
    short.write_text("x = 1\n" * 400)
    long.write_text("x = 1\n" * 401)
    assert list(faults(short)) == []
    assert list(faults(long)) == [f"{long}: 401 lines, 400 at most: split it by what its parts are about"]


def test_a_function_of_61_lines_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "flows.py"
    path.write_text(
        "x = 1\n\ndef ok():\n" + "    x = 1\n" * 59 + "\nasync def grown():\n" + "    x = 1\n" * 60
    )
    assert list(faults(path)) == [f"{path}:64: grown has 61 lines, 60 at most"]


def test_a_module_named_after_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "utils.py"
    path.write_text("")
    assert list(faults(path)) == [f"{path}: a module is named after what is in it, not 'utils'"]
