"""What the screens show, made from cases and reports by pure functions: no widget, no engine, no clock in here."""
