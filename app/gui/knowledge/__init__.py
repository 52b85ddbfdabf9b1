"""The parts of the knowledge browser: one panel for each way to look at the base."""
