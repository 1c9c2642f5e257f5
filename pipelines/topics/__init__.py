"""Issues of the monthly ranking: numbered, kept for good, with the data they were made from."""

from pipelines.topics.issue import IssueResult, Ranking, issue_ranking, read_ranking

__all__ = ["IssueResult", "Ranking", "issue_ranking", "read_ranking"]
