"""The statements of the demo shop's programs; the name of each tells the problem that it shows.

A row: name, seconds between two runs, the statement for PostgreSQL, for MariaDB, and a function that makes its
parameters. `None`: the engine does not have this problem. {placeholders} becomes one placeholder for each parameter.
"""

import datetime
import random

CUSTOMERS, PRODUCTS, ORDERS, SESSIONS = 150_000, 20_000, 600_000, 80_000


def customer():
    return random.randint(1, CUSTOMERS)


def product():
    # A few products sell often, most rarely.
    return min(PRODUCTS, 1 + int(random.paretovariate(0.6)))


def order():
    return random.randint(1, ORDERS)


def email():
    number = customer()
    return f"person{number}@mail{number % 97}.example"


def days_ago(least, most):
    return datetime.datetime.now() - datetime.timedelta(days=random.uniform(least, most))


def products_of_a_basket():
    return [product() for _ in range(random.randint(2, 9))]


STATEMENTS = [
    # --- good statements: each uses an index ---
    (
        "session by token",
        0.4,
        "SELECT id, customer_id, last_seen_at FROM sessions WHERE token = md5(%s)",
        "SELECT id, customer_id, last_seen_at FROM sessions WHERE token = md5(%s)",
        lambda: [f"session{random.randint(1, SESSIONS)}"],
    ),
    (
        "customer by id",
        0.5,
        "SELECT id, email, full_name, country FROM customers WHERE id = %s",
        "SELECT id, email, full_name, country FROM customers WHERE id = %s",
        lambda: [customer()],
    ),
    (
        "reviews of a product",
        0.8,
        "SELECT id, rating, body, created_at FROM reviews WHERE product_id = %s ORDER BY created_at DESC LIMIT 10",
        "SELECT id, rating, body, created_at FROM reviews WHERE product_id = %s ORDER BY created_at DESC LIMIT 10",
        lambda: [product()],
    ),
    (
        "basket: a list as long as the basket",
        0.9,
        "SELECT id, sku, title, price_cents, stock FROM products WHERE id IN ({placeholders})",
        "SELECT id, sku, title, price_cents, stock FROM products WHERE id IN ({placeholders})",
        products_of_a_basket,
    ),
    # --- a missing index ---
    (
        "missing index: orders by coupon",
        2.5,
        "SELECT id, customer_id, total_cents, placed_at FROM orders WHERE coupon_code = %s ORDER BY placed_at DESC",
        "SELECT id, customer_id, total_cents, placed_at FROM orders WHERE coupon_code = %s ORDER BY placed_at DESC",
        lambda: [f"SAVE{random.randrange(0, 4000, 50)}"],
    ),
    (
        "missing index: best sold with a product",
        6,
        "SELECT other.product_id, sum(other.quantity) AS sold FROM order_items AS bought"
        " JOIN order_items AS other ON other.order_id = bought.order_id AND other.product_id <> bought.product_id"
        " WHERE bought.product_id = %s GROUP BY other.product_id ORDER BY sold DESC LIMIT 5",
        "SELECT other.product_id, sum(other.quantity) AS sold FROM order_items AS bought"
        " JOIN order_items AS other ON other.order_id = bought.order_id AND other.product_id <> bought.product_id"
        " WHERE bought.product_id = %s GROUP BY other.product_id ORDER BY sold DESC LIMIT 5",
        lambda: [product()],
    ),
    (
        "missing index: update by address",
        7,
        "UPDATE sessions SET last_seen_at = now() WHERE address = %s",
        "UPDATE sessions SET last_seen_at = now() WHERE address = %s",
        lambda: [f"10.{(n := random.randint(1, SESSIONS)) % 200}.{n % 250}.{n % 240}"],
    ),
    # --- predicates that an index can't serve ---
    (
        "leading wildcard: who is it?",
        4,
        "SELECT id, email, full_name FROM customers WHERE email LIKE %s ORDER BY id LIMIT 20",
        "SELECT id, email, full_name FROM customers WHERE email LIKE %s ORDER BY id LIMIT 20",
        lambda: [f"%{random.randint(100, 999)}@mail{random.randint(0, 96)}.example"],
    ),
    (
        "function on an indexed column: email",
        3,
        "SELECT id, full_name FROM customers WHERE lower(email) = lower(%s)",
        "SELECT id, full_name FROM customers WHERE lower(email) = lower(%s)",
        lambda: [email().upper()],
    ),
    (
        "function on an indexed column: orders of a day",
        6,
        "SELECT count(*), sum(total_cents) FROM orders WHERE date_trunc('day', placed_at) = %s::date",
        "SELECT count(*), sum(total_cents) FROM orders WHERE date(placed_at) = %s",
        lambda: [days_ago(1, 60).date()],
    ),
    (
        "implicit conversion",
        4,
        "SELECT id, status, total_cents FROM orders WHERE id = %s::numeric",
        "SELECT id, status, total_cents FROM orders WHERE order_number = %s",
        lambda: [7_000_000 + order()],
    ),
    (
        "OR over two columns",
        5,
        "SELECT id, order_number, status FROM orders WHERE order_number = %s OR coupon_code = %s LIMIT 20",
        "SELECT id, order_number, status FROM orders WHERE order_number = %s OR coupon_code = %s LIMIT 20",
        lambda: [str(7_000_000 + order()), f"SAVE{random.randrange(0, 4000, 50)}"],
    ),
    (
        "attribute inside JSON",
        6,
        "SELECT id, title, price_cents FROM products WHERE attributes ->> 'colour' = %s "
        "AND (attributes ->> 'weight_g')::int > %s"
        " ORDER BY price_cents LIMIT 10",
        "SELECT id, title, price_cents FROM products WHERE json_value(attributes, '$.colour') = %s"
        " AND json_value(attributes, '$.weight_g') > %s ORDER BY price_cents LIMIT 10",
        lambda: [random.choice(["red", "green", "blue", "black"]), random.randint(1000, 8000)],
    ),
    # --- reading far more rows than the result has ---
    (
        "large OFFSET",
        5,
        "SELECT id, order_number, status, total_cents FROM orders ORDER BY id LIMIT 20 OFFSET %s",
        "SELECT id, order_number, status, total_cents FROM orders ORDER BY id LIMIT 20 OFFSET %s",
        lambda: [random.randrange(200_000, 590_000, 20)],
    ),
    (
        "a sort that spills to disk",
        12,
        "SELECT country, place, id, total_cents FROM (SELECT id, country, total_cents,"
        " row_number() OVER (PARTITION BY country ORDER BY total_cents DESC) AS place"
        " FROM orders WHERE placed_at > %s) AS ranked WHERE place <= 3",
        "SELECT country, place, id, total_cents FROM (SELECT id, country, total_cents,"
        " row_number() OVER (PARTITION BY country ORDER BY total_cents DESC) AS place"
        " FROM orders WHERE placed_at > %s) AS ranked WHERE place <= 3",
        lambda: [days_ago(100, 200)],
    ),
    (
        "ORDER BY random()",
        9,
        "SELECT id, title, price_cents FROM products WHERE category = %s ORDER BY random() LIMIT 4",
        "SELECT id, title, price_cents FROM products WHERE category = %s ORDER BY rand() LIMIT 4",
        lambda: [random.choice(["light", "furniture", "kitchen", "textile", "garden", "office"])],
    ),
    ("counting all", 14, "SELECT count(*) FROM order_items", "SELECT count(*) FROM order_items", list),
    (
        "revenue report",
        16,
        "SELECT date_trunc('month', orders.placed_at) AS month, customers.country, count(*) AS orders,"
        " sum(orders.total_cents) / 100.0 AS revenue FROM orders JOIN customers ON customers.id = orders.customer_id"
        " WHERE orders.placed_at > %s AND orders.status <> 'returned' GROUP BY 1, 2 ORDER BY 1, 4 DESC",
        "SELECT date_format(orders.placed_at, '%%Y-%%m') AS month, customers.country, count(*) AS orders,"
        " sum(orders.total_cents) / 100.0 AS revenue FROM orders JOIN customers ON customers.id = orders.customer_id"
        " WHERE orders.placed_at > %s AND orders.status <> 'returned' GROUP BY 1, 2 ORDER BY 1, 4 DESC",
        lambda: [days_ago(30, 70)],
    ),
    (
        "subquery for every row",
        10,
        "SELECT id, full_name, (SELECT max(placed_at) FROM orders "
        "WHERE orders.customer_id = customers.id) AS last_order_at"
        " FROM customers WHERE country = %s ORDER BY last_order_at DESC NULLS LAST LIMIT 20",
        "SELECT id, full_name, (SELECT max(placed_at) FROM orders "
        "WHERE orders.customer_id = customers.id) AS last_order_at"
        " FROM customers WHERE country = %s ORDER BY last_order_at DESC LIMIT 20",
        lambda: [random.choice(["DE", "FR", "IT", "ES", "PL", "NL"])],
    ),
    (
        "products nobody reviewed",
        15,
        "SELECT id, title FROM products WHERE category = %s "
        "AND id NOT IN (SELECT product_id FROM reviews WHERE rating = %s)",
        "SELECT id, title FROM products WHERE category = %s "
        "AND id NOT IN (SELECT product_id FROM reviews WHERE rating = %s)",
        lambda: [random.choice(["light", "furniture", "kitchen", "textile"]), random.randint(1, 5)],
    ),
]
