"""The compose file: valid, with the services apart, and without a secret in it."""

import re
from typing import Any

import yaml

from scripts.local_airflow import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)


def test_the_parts_of_airflow_are_services_of_their_own() -> None:
    parts = {"postgres", "prepare", "api-server", "scheduler", "dag-processor"}
    assert set(COMPOSE["services"]) == parts


def test_every_secret_comes_from_the_environment_and_its_absence_is_told() -> None:
    for service in COMPOSE["services"].values():
        for name, value in service["environment"].items():
            if re.search(r"PASSWORD$|SECRET|CALLER_KEY|SQL_ALCHEMY_CONN", name):
                assert re.search(r"\$\{\w+:\?[^}]+\}", str(value)), name


def test_the_pool_of_the_dags_is_made() -> None:
    assert "airflow pools set warehouse_writer 1" in COMPOSE["services"]["prepare"]["command"][0]


def test_the_image_has_the_airflow_of_the_lock_file() -> None:
    locked = re.search(r"^apache-airflow==(\S+)", (ROOT / "requirements.lock").read_text(), re.M)
    assert locked is not None
    assert f"FROM apache/airflow:{locked[1]}-" in (ROOT / "Dockerfile").read_text()
