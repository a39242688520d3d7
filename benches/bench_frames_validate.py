"""Eight rules on one table, next to polars, DuckDB and pandas saying the same: how many rows fail each."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np
from harness import Row, compare
from ironwheel import frames
from ironwheel.frames import rules as r

SEED = 20240607
SKU = "^[A-Z]{2}[0-9]{4}$"
STATUS = ["open", "paid", "shipped", "void"]


def rows(quick: bool) -> list[Row]:
    count = 200_000 if quick else 5_000_000
    orders, customers = tables(count)
    calls: dict[str, Callable[[], object]] = {}
    for name, make in (("polars, lazy expressions", polars), ("DuckDB", duckdb), ("pandas", pandas)):
        try:
            calls[name] = make(orders, customers)
        except ImportError:
            continue
    checked = eight(customers)
    what = f"frames.validate, 8 rules, {count:,} rows"
    note = "null, unique, range, regex, set, foreign key, expression, freshness; ours gives the failing rows as well"
    found = compare("Frames", what, lambda: frames.validate(orders, checked), calls, note=note, peak=True)
    for rule in checked:
        single = compare(
            "Frames, one rule",
            f"{rule.to_dict()['rule']}, {count:,} rows",
            lambda: frames.validate(orders, [rule]),
            {"all eight": lambda: frames.validate(orders, checked)},
        )
        found += single
    return found


def tables(count: int) -> tuple[Any, Any]:
    """Orders of which about one in a thousand breaks each rule, and the customers they are of."""
    import pyarrow as pa

    random = np.random.default_rng(SEED)
    letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    skus = np.char.add(
        np.char.add(letters[random.integers(0, 26, 50_000)], letters[random.integers(0, 26, 50_000)]),
        np.char.zfill(random.integers(0, 10_000, 50_000).astype(str), 4),
    )
    skus[:50] = "broken"
    price = random.gamma(2.0, 10.0, count)
    amount = price * random.uniform(1, 1_001, count)
    amount[random.random(count) < 0.001] = np.nan
    email = np.array([f"user{number}@example.com" for number in range(100_000)], dtype=object)[
        random.integers(0, 100_000, count)
    ]
    email[random.random(count) < 0.001] = None
    start = np.datetime64("2024-01-01", "us")
    orders = pa.table(
        {
            "id": random.permutation(count),
            "email": pa.array(email, pa.string()),
            "quantity": random.integers(0, 1_001, count),
            "sku": pa.array(skus[random.integers(0, len(skus), count)]),
            "status": pa.array(np.array([*STATUS, "lost"])[random.choice(5, count, p=[0.3, 0.4, 0.2, 0.099, 0.001])]),
            "customer": random.integers(0, 100_100, count),
            "amount": amount,
            "price": price,
            "ts": pa.array(start + random.integers(0, 10**13, count).astype("timedelta64[us]")),
        }
    )
    return orders, pa.table({"id": np.arange(100_000)})


def eight(customers: Any) -> list[r.Rule]:
    return [
        r.not_null("email"),
        r.unique("id"),
        r.range("quantity", 1, 1_000),
        r.regex("sku", SKU),
        r.in_set("status", STATUS),
        r.foreign_key("customer", customers, "id"),
        r.expression("amount <= 1000 * price"),
        r.freshness("ts", "1d"),
    ]


def polars(orders: Any, customers: Any) -> Callable[[], object]:
    import polars as pl

    frame, known = pl.DataFrame(orders), pl.DataFrame(customers)
    column = pl.col
    figures = [
        column("email").is_null().sum().alias("null"),
        column("id").is_duplicated().sum().alias("unique"),
        (~column("quantity").is_between(1, 1_000)).sum().alias("range"),
        (~column("sku").str.contains(SKU)).sum().alias("regex"),
        (~column("status").is_in(STATUS)).sum().alias("set"),
        (~column("customer").is_in(known["id"].implode())).sum().alias("key"),
        (column("amount").fill_nan(None) > 1000 * column("price")).sum().alias("expression"),
        column("ts").max(),
    ]
    return lambda: frame.lazy().select(figures).collect()


def duckdb(orders: Any, customers: Any) -> Callable[[], object]:
    import duckdb as engine

    connection = engine.connect()
    connection.register("orders", orders)
    connection.register("customers", customers)
    query = f"""
        select count(*) filter (email is null), count(*) - count(distinct id),
            count(*) filter (quantity not between 1 and 1000), count(*) filter (not regexp_matches(sku, '{SKU}')),
            count(*) filter (status not in ('open', 'paid', 'shipped', 'void')),
            count(*) filter (customer not in (select id from customers)),
            count(*) filter (amount > 1000 * price and not isnan(amount)), max(ts)
        from orders"""
    return lambda: connection.sql(query).fetchall()


def pandas(orders: Any, customers: Any) -> Callable[[], object]:
    frame, known = orders.to_pandas(), customers.to_pandas()["id"]

    def call() -> object:
        return (
            frame["email"].isna().sum(),
            frame["id"].duplicated(keep=False).sum(),
            (~frame["quantity"].between(1, 1_000)).sum(),
            (~frame["sku"].str.contains(SKU)).sum(),
            (~frame["status"].isin(STATUS)).sum(),
            (~frame["customer"].isin(known)).sum(),
            (frame["amount"] > 1000 * frame["price"]).sum(),
            frame["ts"].max(),
        )

    return call
