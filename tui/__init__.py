"""The wizard's screens. Nothing but the command line imports this package; it reaches the world only through the engine."""
