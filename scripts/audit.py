"""Asks pip-audit about every locked package, and never takes silence for a clean answer.

pip-audit itself exits 0 when it could look nothing up. Here a package that could not be looked up is a
failure. A service that answers for none of them is reported as "not audited", which is a failure as well
unless ``HUB_AUDIT_UNREACHABLE=warn`` says that this machine is known not to reach it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = "requirements-dev.txt"  # holds everything requirements.txt holds, at the same versions


def ask() -> list[dict[str, Any]] | None:
    """One entry per package as pip-audit reports it; None when the service could not be asked."""
    command = [str(Path(sys.executable).with_name("pip-audit")), "--require-hashes", "--disable-pip"]
    command += ["--progress-spinner", "off", "--format", "json", "--requirement", LOCK]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(done.stderr[-1500:], file=sys.stderr)
        return None
    return None if all("skip_reason" in package for package in packages) else packages


def main() -> int:
    """Print the verdict; 0 when every package was looked up and none has a known vulnerability."""
    packages = ask()
    if packages is None:
        tolerated = os.environ.get("HUB_AUDIT_UNREACHABLE") == "warn"
        print(
            "audit: NOT AUDITED. The advisory service answered for no package, so nothing is known about "
            f"vulnerabilities in {LOCK}. Run `make audit` on a machine that reaches the package index itself"
            f"{'' if tolerated else ', or set HUB_AUDIT_UNREACHABLE=warn to go on without'}."
        )
        return 0 if tolerated else 1
    bad = 0
    for package in packages:
        if "skip_reason" in package:
            bad += 1
            print(f"audit: {package['name']} was not looked up: {package['skip_reason']}")
        for advisory in package.get("vulns", []):
            bad += 1
            fixed = ", ".join(advisory["fix_versions"]) or "no release yet"
            print(f"audit: {package['name']} {package['version']}: {advisory['id']}, fixed in {fixed}")
    print(f"audit: {len(packages)} packages looked up, {bad} with a finding")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
