#!/usr/bin/env python3
"""The demo shop's programs: they send a light load to one database until they are stopped.

workload.py postgresql|mariadb, with SHOP_HOST, SHOP_PORT, SHOP_USER, SHOP_PASSWORD in the environment. Ends on
SIGTERM. The load takes at most BUSY_SHARE of one core of the database; tables do not grow without limit.
"""

import os
import random
import signal
import sys
import threading
import time

import statements

BUSY_SHARE = 0.10  # of one core, each engine
LOCK_HELD_S = 1.5
RETRY_S = 2.0
EPHEMERAL = 10_000_000  # orders with ids from here on are made by the workload, which deletes them again

stopping = threading.Event()


def connect(engine, program):
    where = {
        "host": os.environ["SHOP_HOST"],
        "port": int(os.environ["SHOP_PORT"]),
        "user": os.environ["SHOP_USER"],
        "password": os.environ["SHOP_PASSWORD"],
    }
    if engine == "postgresql":
        import psycopg2

        # A work_mem as small as many defaults, so that the sorts of reports go to disk.
        connection = psycopg2.connect(
            dbname="shop",
            application_name=program,
            options="-c work_mem=1MB -c max_parallel_workers_per_gather=0",
            **where,
        )
    else:
        import pymysql

        connection = pymysql.connect(database="shop", program_name=program, **where)
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION sort_buffer_size = 262144, innodb_lock_wait_timeout = 20")
    set_autocommit(connection, True)
    return connection


def set_autocommit(connection, on):
    if hasattr(connection, "open"):  # PyMySQL
        connection.autocommit(on)
    else:
        connection.autocommit = on


def ask(cursor, statement, parameters):
    if "{placeholders}" in statement:
        statement = statement.replace("{placeholders}", ", ".join(["%s"] * len(parameters)))
    cursor.execute(statement, parameters)
    return cursor.fetchall() if cursor.description else []


def list_orders_one_by_one(cursor):
    """N+1: the newest orders, then the lines of each, then the product of each line."""
    newest = ask(cursor, "SELECT id, order_number FROM orders ORDER BY placed_at DESC LIMIT %s", [15])
    for order_id, _ in newest:
        lines = ask(cursor, "SELECT product_id, quantity FROM order_items WHERE order_id = %s", [order_id])
        for product_id, _ in lines:
            ask(cursor, "SELECT title, price_cents FROM products WHERE id = %s", [product_id])


def place_an_order(cursor):
    """The writes of a sale; housekeeping() deletes them later."""
    number = EPHEMERAL + time.time_ns() // 1000 % 1_000_000_000_000
    ask(cursor, "INSERT INTO orders (id, order_number, customer_id, status, total_cents, country, placed_at)"
                " VALUES (%s, %s, %s, 'paid', %s, 'DE', now())",
        [number, f"W{number}", statements.customer(), random.randint(800, 90_000)])
    lines = statements.products_of_a_basket()
    rows = ", ".join(["(%s, %s, %s, %s)"] * len(lines))
    values = [value for line in lines for value in (number, line, random.randint(1, 4), random.randint(500, 60_000))]
    ask(cursor, f"INSERT INTO order_items (order_id, product_id, quantity, price_cents) VALUES {rows}", values)


def housekeeping(engine):
    def run(cursor):
        hour = "interval '1 hour'" if engine == "postgresql" else "INTERVAL 1 HOUR"
        ask(
            cursor,
            "DELETE FROM order_items WHERE order_id IN (SELECT id FROM orders "
            f"WHERE id >= %s AND placed_at < now() - {hour})",
            [EPHEMERAL],
        )
        ask(cursor, f"DELETE FROM orders WHERE id >= %s AND placed_at < now() - {hour}", [EPHEMERAL])

    return run


def plan_of(engine):
    """[(seconds between runs, function of a cursor)]"""
    column = 2 if engine == "postgresql" else 3
    plan = [(20.0, list_orders_one_by_one), (3.0, place_an_order), (300.0, housekeeping(engine))]
    for row in statements.STATEMENTS:
        statement, parameters = row[column], row[4]
        if statement is not None:
            plan.append((row[1], lambda cursor, s=statement, p=parameters: ask(cursor, s, p())))
    return plan


def run_shop(engine):
    """Run each statement at its own interval, but none while the time budget is used up."""
    plan = plan_of(engine)
    # All statements run within the first seconds, then each at its interval.
    due = [(time.monotonic() + random.uniform(0, 12), every_s, run) for every_s, run in plan]
    connection = connect(engine, "shop-web")
    cursor = connection.cursor()
    while not stopping.is_set():
        due.sort(key=lambda entry: entry[0])
        at, every_s, run = due[0]
        if stopping.wait(max(0.0, at - time.monotonic())):
            break
        began = time.monotonic()
        run(cursor)
        took = time.monotonic() - began
        due[0] = (time.monotonic() + every_s * random.uniform(0.6, 1.4), every_s, run)
        stopping.wait(took * (1 / BUSY_SHARE - 1))


def run_lock_holder(engine):
    """A sale that waits for another service while its transaction locks a row."""
    connection = connect(engine, "shop-checkout")
    set_autocommit(connection, False)
    cursor = connection.cursor()
    while not stopping.wait(random.uniform(8, 12)):
        ask(cursor, "UPDATE products SET stock = stock - %s WHERE id = %s", [1, 1])
        stopping.wait(LOCK_HELD_S)
        connection.commit()


def run_lock_waiter(engine):
    """Another program updates the same row at the same time, and waits for the lock."""
    connection = connect(engine, "shop-stock")
    cursor = connection.cursor()
    while not stopping.wait(0.35):
        # Most of the time the row is free and the update is fast; while a sale holds it, the update waits.
        ask(cursor, "UPDATE products SET stock = greatest(stock, %s) WHERE id = %s", [1000, 1])


def again(run, engine):
    """Run again after a failure, such as a server that was stopped."""
    while not stopping.is_set():
        try:
            run(engine)
        except Exception as problem:  # each driver has its own exceptions: report it and try again
            print(f"{run.__name__}: {type(problem).__name__}: {problem}", file=sys.stderr, flush=True)
            stopping.wait(RETRY_S)


def main():
    engine = sys.argv[1]
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    threads = [
        threading.Thread(target=again, args=(run, engine), daemon=True)
        for run in (run_shop, run_lock_holder, run_lock_waiter)
    ]
    for thread in threads:
        thread.start()
    while not stopping.wait(3600):
        pass
    for thread in threads:
        thread.join(2)


if __name__ == "__main__":
    main()
