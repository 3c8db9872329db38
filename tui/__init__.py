"""The wizard's screens. Only the command line imports this package; it reaches the world through the engine alone."""
