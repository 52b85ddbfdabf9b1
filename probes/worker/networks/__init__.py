"""The workloads' models as a user of each framework would write them, and their layout of weights.

One file per framework, by its id; the framework comes in as an argument and is imported elsewhere.
"""
