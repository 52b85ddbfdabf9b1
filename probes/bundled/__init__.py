"""What the one-file bundle has beside this package: its start, and stand-ins for compiled packages.

`probes.bundle` puts the file together. What lies here runs in a stranger's interpreter: Python 3.8,
standard library, numpy. The program itself imports none of it.
"""
