"""What is found by pattern: addresses, numbers, accounts, keys. Names and places are in `macros.names`."""

from self_distill.macros.detectors.detector import DetectorSettings, PatternDetector

__all__ = ["DetectorSettings", "PatternDetector"]
