/* An engine's plan, read from JSON into one kind of tree for all engines: pages draw it, and its hash
 * compares plans. Pure functions over text; lib/collect runs EXPLAIN.
 *
 * Understood: PostgreSQL's EXPLAIN (FORMAT JSON), with or without its enclosing array; MariaDB's and
 * MySQL's EXPLAIN FORMAT=JSON (one "query_block"). MySQL's nested lists become the same tree: a node for
 * each sort, temporary table, join and table. */
#ifndef POTTO_PLAN_PLAN_H
#define POTTO_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* Deeper or larger plans are refused: STATUS_TOO_LARGE. A join of 100 tables may be 100 nodes deep. Readers and json-c
 * go down by recursion, so the depth is bound. */
enum {
    PLAN_DEPTH_MAX = 128,
    PLAN_NODES_MAX = 2000,
    PLAN_JSON_BYTES_MAX = 4 * 1024 * 1024,
    PLAN_WARNINGS_MAX = 4,
    /* Each node is up to five levels of JSON (MySQL: nested_loop, item, table, materialized, query_block). */
    PLAN_JSON_DEPTH_MAX = PLAN_DEPTH_MAX * 5 + 8,
};

enum plan_dialect { PLAN_DIALECT_UNSET, PLAN_DIALECT_POSTGRESQL, PLAN_DIALECT_MYSQL };

/* `engine` is the name of a connection's engine (base/engine.h). PLAN_DIALECT_UNSET: its plans are not understood. */
enum plan_dialect plan_dialect_of(struct text engine);

/* A 128-bit hash of the plan's shape: operations, relations, indexes and their nesting, without costs, row
 * numbers, literals and aliases made up for one run. Two plans that do the same have the same hash. */
struct plan_hash {
    unsigned char bytes[16];
};

struct plan_node {
    struct text label;     /* "Seq Scan", "Hash Join", "Table scan", "Filesort"; never empty */
    struct text relation;  /* table, view, function or CTE as the engine names it; data NULL: none */
    struct text alias;     /* data NULL: none, or the same as the relation */
    struct text index;     /* data NULL: none used */
    struct text condition; /* filter, index or join condition as the engine prints it; data NULL: none */
    double rows;           /* estimated, of one execution of the node; < 0: unknown */
    double cost;           /* estimated, with everything below, in the engine's unit; < 0: unknown */
    double cost_share;     /* 0..1: this node's part of the total cost, without the nodes below; 0 when unknown */
    int depth;             /* root: 0 */
    const char *warnings[PLAN_WARNINGS_MAX]; /* sentences for people, static: "Reads the whole table" */
    size_t warning_count;
    const struct plan_node *parent;      /* NULL: root */
    const struct plan_node *first_child; /* NULL: leaf */
    const struct plan_node *next_sibling;
};

struct plan {
    const struct plan_node *const *nodes; /* parents before children, depth first: nodes[0] is the root */
    size_t node_count;                    /* at least 1 */
    size_t warning_count;                 /* of all nodes */
    double total_cost;                    /* < 0: unknown */
    struct plan_hash hash;
};

/* Memory: the tree and its texts live in `arena`.
 * Errors: STATUS_MALFORMED (not JSON), STATUS_INVALID (JSON, but no plan of that engine),
 * STATUS_TOO_LARGE. */
enum status plan_read(enum plan_dialect dialect, struct text json, struct arena *arena, struct plan *out_plan,
                      struct error *error);

#endif
