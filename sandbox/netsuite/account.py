"""What one account of the sandbox NetSuite keeps: its records, settings, meter and fault plan."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.faults import FaultPlan
from sandbox.netsuite.metering import Meter
from sandbox.netsuite.settings import Settings
from sandbox.netsuite.store import Store


@dataclass
class Account:
    """The state the services and the controls of one account share."""

    store: Store
    settings: Settings
    meter: Meter
    faults: FaultPlan
