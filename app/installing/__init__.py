"""Installing: asks a package resolver what a line would bring, and sets an environment up.

`verifying` asks and judges, `creating` sets up; `results` (types only) is open to all of `app`. The
resolver is pip, run as a child; what it answers is a stranger's text until it has been decoded.
"""
