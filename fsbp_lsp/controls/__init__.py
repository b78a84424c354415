"""Floor 5: the controls, one module per service. `registry` knows them all without importing them."""
