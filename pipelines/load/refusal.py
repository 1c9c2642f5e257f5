"""The sentence for a file that is not loaded."""

from pipelines.errors import HotlineError


def refusal(
    name: str, what: str, remedy: str = "Ask the sender to deliver it again."
) -> HotlineError:
    """The error for a refused file.

    Args:
        name: The file, as it is shown to people.
        what: What is wrong with it; follows the name.
        remedy: What to do, as a sentence.
    """
    return HotlineError(
        f"{name} {what}. Nothing was loaded from it, and what was loaded before stands. {remedy}"
    )
