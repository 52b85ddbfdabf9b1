"""What runs inside the user's interpreter: one framework, one process, proof first, then time.

Python 3.8 syntax; imports the standard library, numpy and, relatively, itself. It knows nothing of
the program that started it, and only a file in `adapters` imports a framework.
"""
