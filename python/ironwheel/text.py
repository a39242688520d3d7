"""Text rendered for terminals, notebooks and files."""
