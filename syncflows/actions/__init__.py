"""What people do to orders. One file in `deeds/` is one action: states, permission, consequence, fields, run."""

from syncflows.actions.performing import exclude, import_now, perform, retry, sync_now
from syncflows.actions.previewing import Preview, preview

__all__ = ["Preview", "exclude", "import_now", "perform", "preview", "retry", "sync_now"]
