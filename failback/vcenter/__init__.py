"""Everything that touches vCenter: trust, session, reading, and the changes that go there.

Importing this package loads no SDK: the modules that need pyvmomi are imported by worker threads only.
"""
