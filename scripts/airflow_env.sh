# Settings for a local Airflow of this project. Source it: . scripts/airflow_env.sh
# HOTLINE_HOME (default ./data) and HOTLINE_AIRFLOW_HOME (default ./.airflow) may be set before.
# Secrets are not set here: scripts/local_airflow.py makes new ones for every start.

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

export HOTLINE_HOME="$(realpath -m "${HOTLINE_HOME:-$repository/data}")"
export PYTHONPATH="${PYTHONPATH:+$PYTHONPATH:}$repository"
export PATH="$repository/.venv/bin:$PATH"

# A home of its own, whatever AIRFLOW_HOME the shell has: another Airflow's database is left alone.
export AIRFLOW_HOME="$(realpath -m "${HOTLINE_AIRFLOW_HOME:-$repository/.airflow}")"
export AIRFLOW__CORE__DAGS_FOLDER="$repository/dags"
export AIRFLOW__CORE__DEFAULT_TIMEZONE=Asia/Shanghai
export AIRFLOW__CORE__LOAD_EXAMPLES=False
export AIRFLOW__CORE__EXECUTOR=LocalExecutor
export AIRFLOW__CORE__PARALLELISM=4
export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="sqlite:///$AIRFLOW_HOME/airflow.db"
export AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES=1
export AIRFLOW__LOGGING__BASE_LOG_FOLDER="$AIRFLOW_HOME/logs"

export AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False
export DBT_SEND_ANONYMOUS_USAGE_STATS=false
export GX_ANALYTICS_ENABLED=false
export DO_NOT_TRACK=1

unset repository
