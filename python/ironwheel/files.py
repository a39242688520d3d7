"""Files and trees of files."""
