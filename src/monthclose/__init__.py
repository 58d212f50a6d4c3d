"""The month-end close for groups of Brazilian companies."""

from monthclose.analysis.validation import validate
from monthclose.consolidation.group import ConsolidationEngine

__all__ = ["ConsolidationEngine", "validate"]
__version__ = "0.1.0"
