"""One file per framework id, each with a class `Adapter`: the only place that imports one.

A framework is imported inside functions only, so that reading a file here costs nothing.
`contract.py` beside this folder says what an adapter gives.
"""
