"""People, places, organisations and addresses."""

from self_distill.macros.names.detector import NamesDetector, NamesSettings

__all__ = ["NamesDetector", "NamesSettings"]
