"""Maintains Iceberg tables every night with sink, one task for each catalog."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator

CATALOGS = ["lake", "exports"]

with DAG(
    dag_id="sink",
    schedule="15 2 * * *",
    start_date=datetime(2026, 11, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 0, "execution_timeout": timedelta(hours=4)},
) as dag:
    for catalog in CATALOGS:
        BashOperator(
            task_id=f"maintain_{catalog}",
            # 12 is no tables. --run-id finds the report of a task's run.
            bash_command=(
                f"sink maintain {catalog} --compact -q --deadline 3h --report ndjson"
                " --run-id {{ ts_nodash }}-" + catalog
            ),
            skip_on_exit_code=12,
            env={"SINK_CONFIG": "/etc/sink/sink.yaml"},
            append_env=True,
        )
