"""What is read off the reports of a run inside a test."""

import pytest
from _pytest._code.code import ExceptionChainRepr


def crash(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The exception that ended the test: its class and its text."""
    assert isinstance(report.longrepr, ExceptionChainRepr)
    assert report.longrepr.reprcrash is not None
    return report.longrepr.reprcrash.message


def sections(report: pytest.TestReport | pytest.CollectReport) -> list[str]:
    """The texts of all sections about the fake."""
    return [text for title, text in report.sections if title == "fakestash timeline"]
