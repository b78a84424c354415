"""Floor 4: the vocabulary. One module per service names its things in both dialects; `iam` and `net` normalise
policies and network rules."""
