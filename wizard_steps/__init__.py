"""The pure core: what is needed, what was seen, what follows.

Nothing here reads a file, a clock or a network; only the standard library is imported.
"""
