"""The hotline warehouse: plain Python that knows nothing of Airflow."""
