"""Parses arguments and starts a command; imports no Qt, no matplotlib, no framework."""
