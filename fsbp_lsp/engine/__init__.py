"""Floor 6: files in, findings and fixes out. Hook, command line and server call the same functions."""
