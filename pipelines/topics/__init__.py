"""Issues of the monthly ranking: numbered, kept for good, with the data they were made from."""

from pipelines.topics.issue import (
    IssueResult,
    check_periods,
    issue_ranking,
    unpublished_issues,
)

__all__ = ["IssueResult", "check_periods", "issue_ranking", "unpublished_issues"]
