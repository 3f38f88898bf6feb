/* The corpus of the fingerprint's bench and tests; see sql_corpus.h. */
#include "tests/bench/sql_corpus.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buffer.h"

/* Two sources of random numbers: one chooses the statement, the other its literals. An application has some hundreds of
 * statements; it sends a few of them most of the time, each time with other literals. */
struct maker {
    uint64_t shape, literals;
    struct buffer buffer;
};

enum { SHAPES = 300 };

static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*seed >> 33) % below);
}

static uint32_t maker_next(struct maker *maker, uint32_t below)
{
    return draw(&maker->shape, below);
}

static uint32_t literal_next(struct maker *maker, uint32_t below)
{
    return draw(&maker->literals, below);
}

static const char *const tables[] = {"users",       "orders",        "order_items", "products",  "payments",
                                     "sessions",    "audit_events",  "inventory",   "customers", "addresses",
                                     "cart_lines",  "subscriptions", "invoices",    "jobs",      "notifications",
                                     "price_lists", "shipments",     "tags",        "accounts",  "ledger_entries"};
static const char *const columns[] = {
    "id",       "user_id",  "status",     "created_at",  "updated_at", "name",         "email",      "amount",
    "currency", "quantity", "sku",        "title",       "body",       "account_id",   "product_id", "order_id",
    "country",  "city",     "is_deleted", "valid_until", "price",      "warehouse_id", "position",   "payload"};
static const char *const words[] = {"pending",
                                    "shipped",
                                    "O''Brien",
                                    "a.long.address@example.org",
                                    "EUR",
                                    "x",
                                    "The quick brown fox jumps over the lazy dog",
                                    "2024-11-05 10:32:11.123+00",
                                    "ab12cd34-0f0f-4a4a-9b9b-0123456789ab",
                                    "Berlin",
                                    "premium plan, monthly",
                                    "{\"source\": \"web\", \"campaign\": null, \"tags\": [1, 2, 3]}",
                                    "de"};

#define ONE_OF(maker, list) ((list)[maker_next(maker, sizeof(list) / sizeof((list)[0]))])
#define ADD(...)            buffer_printf(&maker->buffer, __VA_ARGS__)

/* A literal of the type that a column has; sometimes NULL. */
static void add_typed_literal(struct maker *maker, uint32_t type)
{
    if (literal_next(maker, 12) == 0) {
        ADD("NULL");
        return;
    }
    switch (type) {
    case 0:
    case 1:
        ADD("%u", literal_next(maker, 1000));
        break;
    case 2:
        ADD("%u", literal_next(maker, 2000000000));
        break;
    case 3:
        ADD("%u.%02u", literal_next(maker, 10000), literal_next(maker, 100));
        break;
    case 4:
        ADD("%s", literal_next(maker, 2) ? "FALSE" : "TRUE");
        break;
    default:
        ADD("'%s'", words[literal_next(maker, sizeof words / sizeof words[0])]);
    }
}

static void add_literal(struct maker *maker)
{
    add_typed_literal(maker, maker_next(maker, 8));
}

static void add_condition(struct maker *maker, const char *alias)
{
    static const char *const comparisons[] = {" = ", "=", " >= ", " < ", " <> ", " = ", " LIKE "};

    ADD("%s%s", alias, ONE_OF(maker, columns));
    switch (maker_next(maker, 9)) {
    case 0:
        ADD(" IS NOT NULL");
        break;
    case 1:
        ADD(" BETWEEN %u AND %u", literal_next(maker, 100), 100 + literal_next(maker, 1000));
        break;
    case 2:
        ADD(" IN (%u", literal_next(maker, 100));
        for (uint32_t i = literal_next(maker, 5); i > 0; i--)
            ADD(", %u", literal_next(maker, 100000));
        ADD(")");
        break;
    case 3:
    case 4:
        ADD(" = $%u", 1 + maker_next(maker, 9));
        break;
    default:
        ADD("%s", ONE_OF(maker, comparisons));
        add_literal(maker);
    }
}

static void add_oltp(struct maker *maker)
{
    const char *table = ONE_OF(maker, tables);
    bool is_lower = maker_next(maker, 2);
    uint32_t count = 1 + maker_next(maker, 4);

    switch (maker_next(maker, 8)) {
    case 0:
        ADD("INSERT INTO %s (%s, %s, %s) VALUES (", table, ONE_OF(maker, columns), ONE_OF(maker, columns),
            ONE_OF(maker, columns));
        add_literal(maker);
        ADD(", ");
        add_literal(maker);
        ADD(", now()) RETURNING id");
        return;
    case 1:
        ADD(is_lower ? "update %s set %s = " : "UPDATE %s SET %s = ", table, ONE_OF(maker, columns));
        add_literal(maker);
        ADD(", %s = %s + 1", columns[9], columns[9]);
        break;
    case 2:
        ADD("DELETE FROM %s", table);
        break;
    case 3:
        ADD("SELECT count(*) FROM %s", table);
        break;
    default:
        ADD(is_lower ? "select " : "SELECT ");
        for (uint32_t i = 0; i < count; i++)
            ADD("%s%s", i == 0 ? "" : ", ", ONE_OF(maker, columns));
        ADD(is_lower ? " from %s" : " FROM %s", table);
    }
    ADD(is_lower ? " where " : " WHERE ");
    add_condition(maker, "");
    for (uint32_t i = maker_next(maker, 3); i > 0; i--) {
        ADD(is_lower ? " and " : " AND ");
        add_condition(maker, "");
    }
    if (buffer_text(&maker->buffer).data[0] == 'S' && maker_next(maker, 2))
        ADD(" ORDER BY %s DESC LIMIT %u", ONE_OF(maker, columns), literal_next(maker, 100));
}

static void add_orm(struct maker *maker)
{
    const char *table = ONE_OF(maker, tables), *other = ONE_OF(maker, tables);
    uint32_t count = 3 + maker_next(maker, 12);

    ADD("SELECT ");
    for (uint32_t i = 0; i < count; i++) {
        const char *column = ONE_OF(maker, columns);

        ADD("%s\"%s\".\"%s\" AS \"%s\"", i == 0 ? "" : ", ", table, column, column);
    }
    ADD(" FROM \"%s\"", table);
    for (uint32_t i = maker_next(maker, 3); i > 0; i--)
        ADD(" LEFT OUTER JOIN \"%s\" \"T%u\" ON (\"%s\".\"%s\" = \"T%u\".\"id\")", other, i, table,
            ONE_OF(maker, columns), i);
    ADD(" WHERE (\"%s\".\"%s\" = %u AND \"%s\".\"%s\" = ", table, ONE_OF(maker, columns), literal_next(maker, 100000),
        table, ONE_OF(maker, columns));
    add_literal(maker);
    ADD(") ORDER BY \"%s\".\"id\" ASC LIMIT %u /*application='shop',controller='orders',action='index',"
        "traceparent='00-%08x%08x-%08x-01'*/",
        table, literal_next(maker, 50), literal_next(maker, 1u << 31), literal_next(maker, 1u << 31),
        literal_next(maker, 1u << 31));
}

static void add_in_list(struct maker *maker)
{
    uint32_t count = 20 + literal_next(maker, 100) * (literal_next(maker, 10) == 0 ? 20 : 1);
    bool is_text = maker_next(maker, 4) == 0, is_spaced = maker_next(maker, 2), is_numbered = maker_next(maker, 4) == 0;

    ADD("SELECT * FROM %s WHERE %s IN (", ONE_OF(maker, tables), ONE_OF(maker, columns));
    for (uint32_t i = 0; i < count; i++) {
        ADD("%s", i == 0 ? "" : is_spaced ? ", " : ",");
        if (is_text)
            ADD("'%s'", words[literal_next(maker, sizeof words / sizeof words[0])]);
        else if (is_numbered)
            ADD("$%u", i + 1);
        else
            ADD("%u", literal_next(maker, 10000000));
    }
    ADD(") AND ");
    add_condition(maker, "");
}

static void add_insert(struct maker *maker)
{
    uint32_t rows = 10 + literal_next(maker, 190), count = 4 + maker_next(maker, 8);
    uint32_t types[12];

    ADD("INSERT INTO %s (", ONE_OF(maker, tables));
    for (uint32_t i = 0; i < count; i++)
        ADD("%s%s", i == 0 ? "" : ", ", columns[i]);
    for (uint32_t i = 0; i < count; i++)
        types[i] = maker_next(maker, 8);
    ADD(") VALUES ");
    for (uint32_t row = 0; row < rows; row++) {
        ADD("%s(", row == 0 ? "" : ", ");
        for (uint32_t i = 0; i < count; i++) {
            ADD("%s", i == 0 ? "" : ", ");
            add_typed_literal(maker, types[i]);
        }
        ADD(")");
    }
    if (maker_next(maker, 2))
        ADD(" ON CONFLICT (id) DO UPDATE SET %s = excluded.%s", columns[1], columns[1]);
}

static void add_analytic(struct maker *maker)
{
    uint32_t steps = 2 + maker_next(maker, 4);

    ADD("-- report %u\nWITH ", literal_next(maker, 1000));
    for (uint32_t i = 0; i < steps; i++) {
        uint32_t count = 2 + maker_next(maker, 6);

        ADD("%sstep_%u AS (\n    SELECT\n", i == 0 ? "" : ",\n", i);
        for (uint32_t j = 0; j < count; j++)
            ADD("        date_trunc('day', t%u.%s) AS %s_%u,\n", i, ONE_OF(maker, columns), ONE_OF(maker, columns), j);
        ADD("        SUM(CASE WHEN t%u.status = 'paid' THEN t%u.amount * 1.19 ELSE 0 END) AS revenue,\n", i, i);
        ADD("        row_number() OVER (PARTITION BY t%u.user_id ORDER BY t%u.created_at DESC) AS rank\n", i, i);
        ADD("    FROM %s AS t%u\n    INNER JOIN %s AS u%u ON u%u.id = t%u.user_id\n    WHERE ", ONE_OF(maker, tables),
            i, ONE_OF(maker, tables), i, i, i);
        add_condition(maker, "");
        ADD("\n      AND t%u.created_at >= '2024-01-01'::date - interval '30 days'\n", i);
        ADD("    GROUP BY 1, 2\n    HAVING COUNT(*) > %u\n)", literal_next(maker, 100));
    }
    ADD("\nSELECT a.revenue, COALESCE(b.revenue, 0) AS previous, round(a.revenue / NULLIF(b.revenue, 0), 2)\n"
        "FROM step_0 a LEFT JOIN step_1 b USING (rank)\nWHERE EXISTS (SELECT 1 FROM %s WHERE ",
        ONE_OF(maker, tables));
    add_condition(maker, "");
    ADD(")\nORDER BY 1 DESC NULLS LAST\nLIMIT %u;", literal_next(maker, 1000));
}

const char *sql_corpus_class_name(enum sql_corpus_class group)
{
    static const char *const names[] = {"short OLTP", "ORM", "IN lists", "bulk inserts", "analytic"};

    return names[group];
}

struct sql_corpus sql_corpus_make(enum sql_corpus_class group, size_t size_bytes, unsigned seed, struct arena *arena)
{
    static void (*const makers[])(struct maker *) = {add_oltp, add_orm, add_in_list, add_insert, add_analytic};
    struct maker maker = {.literals = seed};
    uint64_t choice = 0x9077u + (uint64_t)group * 1000003u; /* every seed has the same statements in the same order */
    struct sql_corpus corpus = {0};
    size_t room = size_bytes / 40 + 16;

    buffer_init(&maker.buffer, 1 << 24);
    corpus.statements = arena_alloc_array(arena, room, sizeof *corpus.statements);
    while (corpus.size_bytes < size_bytes && corpus.count < room) {
        struct text text;

        uint32_t shape = draw(&choice, SHAPES);

        shape = shape * draw(&choice, SHAPES) / SHAPES; /* the first shapes are more frequent */
        maker.shape = (uint64_t)(shape + 1) * UINT64_C(0x9E3779B97F4A7C15);
        buffer_clear(&maker.buffer);
        makers[group](&maker);
        text = buffer_text(&maker.buffer);
        corpus.statements[corpus.count++] = (struct text){arena_string(arena, text.data, text.size), text.size};
        corpus.size_bytes += text.size;
    }
    buffer_free(&maker.buffer);
    return corpus;
}
