//! Columnar frames that arrive as Arrow data.
