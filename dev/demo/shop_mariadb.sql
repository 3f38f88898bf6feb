-- The shop in MariaDB: some 1.9 million rows, loaded into tables that get their indexes afterwards.
-- Some indexes are missing on purpose: dev/demo/statements.py tells the problem of each statement.
SET SESSION unique_checks = 0, foreign_key_checks = 0, sql_log_bin = 0, long_query_time = 3600;

CREATE TABLE customers (
    id         bigint NOT NULL PRIMARY KEY,
    email      varchar(120) NOT NULL,
    full_name  varchar(80) NOT NULL,
    phone      varchar(40),
    country    char(2) NOT NULL,
    created_at datetime NOT NULL
);
INSERT INTO customers
SELECT seq, concat('person', seq, '@mail', seq % 97, '.example'),
       concat(elt(1 + seq % 10, 'Ada', 'Bo', 'Chi', 'Dara', 'Emil', 'Fen', 'Gita', 'Hugo', 'Ines', 'Jun'), ' ',
              elt(1 + seq DIV 10 % 9, 'Adler', 'Brook', 'Castro', 'Dahl', 'Eriksen', 'Flores', 'Grant', 'Hahn', 'Ito')),
       concat('+', 1 + seq % 90, ' ', 10000000 + seq * 37),
       elt(1 + floor(rand(1) * 12), 'DE', 'FR', 'IT', 'ES', 'PL', 'NL', 'SE', 'AT', 'CH', 'PT', 'GB', 'IE'),
       now() - INTERVAL floor(rand(2) * 900) DAY
FROM seq_1_to_150000;

CREATE TABLE products (
    id          bigint NOT NULL PRIMARY KEY,
    sku         varchar(20) NOT NULL,
    title       varchar(120) NOT NULL,
    description text NOT NULL,
    category    varchar(20) NOT NULL,
    price_cents int NOT NULL,
    stock       int NOT NULL,
    attributes  json NOT NULL
);
INSERT INTO products
SELECT seq, concat('SKU-', lpad(seq, 6, '0')),
       concat(elt(1 + seq % 8, 'Walnut', 'Copper', 'Linen', 'Oak', 'Slate', 'Amber', 'Cotton', 'Steel'), ' ',
              elt(1 + seq DIV 8 % 7, 'lamp', 'table', 'chair', 'shelf', 'blanket', 'kettle', 'mirror'), ' ', seq),
       repeat('Made to last, easy to repair. ', 1 + seq % 6),
       elt(1 + seq % 6, 'light', 'furniture', 'kitchen', 'textile', 'garden', 'office'),
       500 + rand(3) * 60000, 100000,
       json_object('colour', elt(1 + seq % 4, 'red', 'green', 'blue', 'black'), 'weight_g', 100 + seq % 9000)
FROM seq_1_to_20000;

CREATE TABLE orders (
    id           bigint NOT NULL PRIMARY KEY,
    order_number varchar(20) NOT NULL,
    customer_id  bigint NOT NULL,
    status       varchar(12) NOT NULL,
    coupon_code  varchar(12),
    total_cents  int NOT NULL,
    country      char(2) NOT NULL,
    placed_at    datetime NOT NULL
);
INSERT INTO orders
SELECT seq, 7000000 + seq, 1 + floor(rand(4) * 150000),
       elt(1 + seq % 8, 'paid', 'paid', 'paid', 'shipped', 'shipped', 'delivered', 'delivered', 'returned'),
       if(seq % 50 = 0, concat('SAVE', seq % 4000), NULL),
       800 + rand(5) * 90000,
       elt(1 + floor(rand(6) * 12), 'DE', 'FR', 'IT', 'ES', 'PL', 'NL', 'SE', 'AT', 'CH', 'PT', 'GB', 'IE'),
       now() - INTERVAL (600000 - seq) * 86 SECOND
FROM seq_1_to_600000;

CREATE TABLE order_items (
    order_id    bigint NOT NULL,
    product_id  bigint NOT NULL,
    quantity    int NOT NULL,
    price_cents int NOT NULL
);
INSERT INTO order_items
SELECT 1 + (seq - 1) * 2 DIV 3, 1 + floor(rand(7) * 20000), 1 + seq % 4, 500 + rand(8) * 60000
FROM seq_1_to_900000;

CREATE TABLE reviews (
    id          bigint NOT NULL PRIMARY KEY,
    product_id  bigint NOT NULL,
    customer_id bigint NOT NULL,
    rating      int NOT NULL,
    body        text NOT NULL,
    created_at  datetime NOT NULL
);
INSERT INTO reviews
SELECT seq, 1 + floor(rand(9) * 20000), 1 + floor(rand(10) * 150000), 1 + seq % 5,
       repeat('Arrived quickly and looks as it should. ', 1 + seq % 5), now() - INTERVAL floor(rand(11) * 700) DAY
FROM seq_1_to_150000;

CREATE TABLE sessions (
    id           bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    token        char(32) NOT NULL,
    customer_id  bigint NOT NULL,
    address      varchar(20) NOT NULL,
    last_seen_at datetime NOT NULL
);
INSERT INTO sessions
SELECT seq, md5(concat('session', seq)), 1 + floor(rand(12) * 150000),
       concat('10.', seq % 200, '.', seq % 250, '.', seq % 240), now() - INTERVAL floor(rand(13) * 720) HOUR
FROM seq_1_to_80000;

ALTER TABLE customers ADD UNIQUE INDEX customers_email (email);
ALTER TABLE products ADD UNIQUE INDEX products_sku (sku), ADD INDEX products_category (category);
ALTER TABLE orders ADD UNIQUE INDEX orders_number (order_number), ADD INDEX orders_customer (customer_id),
    ADD INDEX orders_placed (placed_at);
ALTER TABLE order_items ADD INDEX order_items_order (order_id);
ALTER TABLE reviews ADD INDEX reviews_product (product_id);
ALTER TABLE sessions ADD UNIQUE INDEX sessions_token (token);
ANALYZE TABLE customers, products, orders, order_items, reviews, sessions;
