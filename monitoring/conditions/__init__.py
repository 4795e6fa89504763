"""The conditions of monitoring itself, one file each; loading this package registers them."""

from monitoring.conditions import (
    age,
    blocked,
    certificates,
    channels,
    failing,
    leases,
    queue,
    searches,
    sign_in,
    silence,
    unexplained,
    versions,
    worker,
)

__all__ = [
    "age",
    "blocked",
    "certificates",
    "channels",
    "failing",
    "leases",
    "queue",
    "searches",
    "sign_in",
    "silence",
    "unexplained",
    "versions",
    "worker",
]
