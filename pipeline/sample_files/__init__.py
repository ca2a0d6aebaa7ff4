"""The bundled samples: about 60 small files of every kind, some of them broken, the same bytes on every machine run."""

from pipeline.sample_files.bundle import write_samples

__all__ = ["write_samples"]
