"""The notebooks in examples/, run from top to bottom against a Spark of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize("name", ["fabric", "synapse"])
def test_a_notebook_runs(name, tmp_path, monkeypatch):
    nbclient = pytest.importorskip("nbclient", reason="requirements/spark.txt has it")
    import nbformat

    conf = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.warehouse.dir": str(tmp_path / "warehouse"),
    }
    arguments = " ".join(f"--conf {key}={value}" for key, value in conf.items())
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", f"--master local-cluster[2,1,1024] {arguments} pyspark-shell")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells), "notebooks are kept without outputs"
    client = nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()  # raises with the cell and its error
    shown = [output for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    pages = [output["data"]["text/html"] for output in shown if "text/html" in output["data"]]
    assert len(pages) == 3  # the profile, its page, and the report
    assert "200,000" in pages[0] and "<html" in pages[1] and "unique" in pages[2]
    said = "".join(out["text"] for cell in notebook.cells for out in cell.get("outputs", []) if "text" in out)
    assert "a machine of your own" in said and "local-cluster[2,1,1024]" in said and "row_hash" in said
