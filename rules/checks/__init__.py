"""Whether a knowledge base can be trusted, check by check: each gives findings and mends nothing.

`references` and `statements` run on every loading, since a decision would stumble over what they
find; the others only where somebody asks for a check.
"""
