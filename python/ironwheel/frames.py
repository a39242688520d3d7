"""Columnar frames, from any library that speaks Arrow."""
