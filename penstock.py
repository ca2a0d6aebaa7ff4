"""The front door for people who write their own models, views and sources: re-exports, nothing else."""
