"""The hotline warehouse: plain Python that knows nothing of Airflow."""

__version__ = "0.1.0"
