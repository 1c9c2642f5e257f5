"""The sentence for a file that is not loaded."""

from pipelines.errors import HotlineError


def file_error(
    name: str, what: str, remedy: str = "Ask the sender to deliver it again."
) -> HotlineError:
    """The error for a file that cannot be loaded.

    Args:
        name: The file, as it is shown to people.
        what: What is wrong with it; follows the name.
        remedy: What to do, as a sentence.
    """
    return HotlineError(
        f"{name} {what}. Nothing was loaded from it, and what was loaded before is unchanged. "
        f"{remedy}"
    )
