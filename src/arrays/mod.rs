//! Operations on n-dimensional numeric arrays.
