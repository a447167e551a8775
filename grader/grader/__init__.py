"""The course's authoring and judging tools: see `docs/architecture.md`."""

__version__ = "0.1.0"
