"""The command line: one module per command with `add_arguments(parser)` and `run(args) -> int`.

The modules import argparse and the like at the top; what costs time is imported in `run`.
"""
