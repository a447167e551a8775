"""Hands the values that `submit_*` cases compute to the course's service.

A case calls `mugrade.submit(value)` for each value that it wants judged. `python -m mugrade submit KEY hw1 -k forward`
runs the cases of a homework and sends what they handed over; `python -m mugrade --help` explains.
"""

from .collect import Collector, collecting, submit
from .errors import MugradeError, NotCollecting, UsageError

__all__ = ["Collector", "MugradeError", "NotCollecting", "UsageError", "collecting", "submit"]
