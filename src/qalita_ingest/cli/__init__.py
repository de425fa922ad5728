"""The command line: parses and prints, nothing more."""
