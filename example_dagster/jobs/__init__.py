"""What is launched as a whole."""

from jobs.example_qalita_job import example_qalita_job

__all__ = ["example_qalita_job"]
