"""Floor 1: error-tolerant, lossless readers of HCL, YAML and JSON. Parsing never fails; it returns a tree and errors."""
