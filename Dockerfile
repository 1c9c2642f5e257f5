# Airflow with this project in it, for docker-compose.yml. The base image brings the PostgreSQL
# drivers; every package that the project itself uses has the version of the lock file.
FROM apache/airflow:3.3.2-python3.11

COPY requirements.lock /tmp/requirements.lock
RUN pip install --no-cache-dir --no-deps --require-hashes -r /tmp/requirements.lock

COPY dags /opt/hotline/dags
COPY pipelines /opt/hotline/pipelines
COPY expectations /opt/hotline/expectations
COPY dbt_project /opt/hotline/dbt_project
COPY cities /opt/hotline/cities
ENV PYTHONPATH=/opt/hotline
