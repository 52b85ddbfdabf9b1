"""The parts of the starter page."""
