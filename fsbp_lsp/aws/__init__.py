"""Floor 4: the vocabulary. One module per service; `iam` and `net` normalise policies and network rules."""
