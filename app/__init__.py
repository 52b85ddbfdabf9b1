"""Framework Advisor: the program around `rules` and `probes`."""

VERSION = "0.1.0"
