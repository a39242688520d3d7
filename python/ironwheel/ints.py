"""Exact integers of 64 bits, and some of 128."""
