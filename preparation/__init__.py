"""Preparation: turns the bytes of a blob into rows of a named dataset, and says what could not be."""
