"""The bundled models, one file a dataset."""
