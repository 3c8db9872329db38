"""The rehearsal site: one described site behind two wires, under the product's real clients. No network, no account."""
