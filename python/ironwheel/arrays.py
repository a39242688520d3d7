"""Operations on numeric arrays."""
