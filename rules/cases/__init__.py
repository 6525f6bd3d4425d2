"""The administrator's own tests: moments with what must happen then, read, run and counted. `run_cases` is the way in."""

from rules.cases.running import CaseReport, CaseResult, Checked, Difference, because, run_cases

__all__ = ["CaseReport", "CaseResult", "Checked", "Difference", "because", "run_cases"]
