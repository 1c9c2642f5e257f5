"""The one exception that carries a sentence for people."""


class HotlineError(Exception):
    """A foreseeable failure.

    Its message says in plain words what happened and where, what is unchanged and what to do.
    The command line prints the message and exits with status 1; a DAG fails the task with it.
    """
