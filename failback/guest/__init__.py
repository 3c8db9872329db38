"""What runs inside a machine through guest operations: constant programs, strict reading of what they answer.

Running anything there is a change: `failback.changes` shows it, asks, and writes it down. Nothing here is asked for
by a reader. Programs get no data by their text: it travels in a file, and comes back in one.
"""
