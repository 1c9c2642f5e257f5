"""The ranking of a statistical period, as a page for people and as a table for the terminal."""

from pipelines.report.page import write_report
from pipelines.report.terminal import render_terminal

__all__ = ["render_terminal", "write_report"]
