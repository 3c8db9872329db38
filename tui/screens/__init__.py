"""The full screens, one class a file."""
