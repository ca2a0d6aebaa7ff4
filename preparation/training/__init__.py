"""Trains the text model on texts made up here: ``python -m preparation.training`` writes its weights."""
