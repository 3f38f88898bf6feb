/* An engine's plan, read into one kind of tree for all engines: pages draw it, its hash compares plans, and
 * plan/findings.h says what is wrong with it. Pure functions over text; lib/collect runs EXPLAIN.
 *
 * Understood: PostgreSQL's EXPLAIN and EXPLAIN ANALYZE as JSON, with or without the enclosing array, and as text, also
 * as auto_explain logs them; EXPLAIN FORMAT=JSON of MySQL (both versions of the format) and MariaDB, MariaDB's ANALYZE
 * FORMAT=JSON, and MySQL's FORMAT=TREE and EXPLAIN ANALYZE. MySQL's nested lists become the same tree: a node for each
 * sort, temporary table, join and table. */
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
    /* Each node is up to five levels of JSON (MySQL: nested_loop, item, table, materialized, query_block). */
    PLAN_JSON_DEPTH_MAX = PLAN_DEPTH_MAX * 5 + 8,
};

/* MariaDB's plans are of MySQL's dialect. */
enum plan_dialect { PLAN_DIALECT_UNSET, PLAN_DIALECT_POSTGRESQL, PLAN_DIALECT_MYSQL, PLAN_DIALECT_COUNT };

/* Larger numbers are unknown, so that products of two and three stay finite. */
#define PLAN_NUMBER_MAX 1e15

/* `engine` is the name of a connection's engine (base/engine.h). PLAN_DIALECT_UNSET: its plans are not understood. */
enum plan_dialect plan_dialect_of(struct text engine);

/* A 128-bit hash of the plan's shape: operations, relations, indexes and their nesting, without costs, row
 * numbers, literals and aliases made up for one run. Two plans that do the same have the same hash. */
struct plan_hash {
    unsigned char bytes[16];
};

/* What a node does, whatever its engine calls it. Rules choose nodes by it. */
enum plan_kind {
    PLAN_KIND_UNSET, /* what no rule asks for: Append of few, Gather, Result … */
    PLAN_KIND_SEQ_SCAN,
    PLAN_KIND_INDEX_SCAN, /* by a condition on the index, or along the whole index in its order */
    PLAN_KIND_INDEX_ONLY_SCAN,
    PLAN_KIND_BITMAP_HEAP_SCAN,
    PLAN_KIND_INDEX_MERGE,
    PLAN_KIND_NESTED_LOOP,
    PLAN_KIND_BLOCK_NESTED_LOOP, /* MySQL, MariaDB: the join buffer */
    PLAN_KIND_HASH_JOIN,
    PLAN_KIND_MERGE_JOIN,
    PLAN_KIND_HASH,
    PLAN_KIND_SORT,
    PLAN_KIND_HASH_AGGREGATE,
    PLAN_KIND_AGGREGATE, /* of sorted rows, or of all rows */
    PLAN_KIND_UNIQUE,
    PLAN_KIND_MATERIALIZE,
    PLAN_KIND_MEMOIZE, /* MariaDB: the cache of a subquery */
    PLAN_KIND_TEMPORARY_TABLE,
    PLAN_KIND_LIMIT,
    PLAN_KIND_CTE_SCAN,
    PLAN_KIND_FOREIGN_SCAN,
    PLAN_KIND_APPEND,
    PLAN_KIND_GATHER,
    PLAN_KIND_LOCK_ROWS,
    PLAN_KIND_WINDOW,
    PLAN_KIND_SUBQUERY, /* MySQL, MariaDB: a query block below the root */
    PLAN_KIND_NOTHING,  /* reads no row, because a condition is never true */
    PLAN_KIND_COUNT
};

/* A number that an engine gave for a node; see plan_number(). "a loop": the mean of one execution. */
enum plan_number {
    PLAN_NUMBER_UNSET,
    PLAN_WIDTH_BYTES,
    PLAN_ROWS, /* made in a loop, after all filters */
    PLAN_LOOPS,
    PLAN_FILTER_REMOVED, /* rows in a loop */
    PLAN_JOIN_FILTER_REMOVED,
    PLAN_RECHECK_REMOVED,
    PLAN_HEAP_FETCHES, /* in all loops */
    PLAN_EXACT_BLOCKS,
    PLAN_LOSSY_BLOCKS,
    PLAN_SORT_KB, /* memory or disk, as PLAN_WORD_SORT_SPACE says */
    PLAN_SORT_PASSES,
    PLAN_HASH_BATCHES,
    PLAN_HASH_BATCHES_PLANNED,
    PLAN_MEMORY_KB,
    PLAN_DISK_KB,
    PLAN_WORKERS_PLANNED,
    PLAN_WORKERS_LAUNCHED,
    PLAN_TEMP_READ, /* blocks of 8 KiB, with everything below */
    PLAN_TEMP_WRITTEN,
    PLAN_SHARED_READ,
    PLAN_CACHE_HITS,
    PLAN_CACHE_MISSES,
    PLAN_CACHE_EVICTIONS,
    PLAN_FILTERED_PERCENT, /* of the rows that are read, so many are expected to pass the filter */
    PLAN_ROWS_JOINED,      /* expected of a table and all those joined before it */
    PLAN_COST_JOINED,      /* of a table and all those joined before it */
    PLAN_PARTITIONS,       /* that are read */
    PLAN_OLD_VERSIONS,     /* rows whose older version was looked for */
    PLAN_USES_FILESORT,    /* 1 where it does */
    PLAN_USES_TEMPORARY_TABLE,
    PLAN_IS_DEPENDENT, /* 1: a subquery that is run for each outer row */
    /* Of the root, for the whole statement: */
    PLAN_PLANNING_MS,
    PLAN_EXECUTION_MS,
    PLAN_JIT_MS,
    PLAN_JIT_FUNCTIONS,
    PLAN_TRIGGER_MS, /* of the trigger that took the most time */
    PLAN_TRIGGER_CALLS,
    PLAN_NUMBER_COUNT
};

enum plan_word {
    PLAN_WORD_UNSET,
    PLAN_WORD_FILTER,
    PLAN_WORD_INDEX_CONDITION,
    PLAN_WORD_JOIN_FILTER,
    PLAN_WORD_JOIN_CONDITION, /* of a hash or merge join */
    PLAN_WORD_SORT_KEY,
    PLAN_WORD_GROUP_KEY,
    PLAN_WORD_SORT_METHOD,
    PLAN_WORD_SORT_SPACE, /* Memory, Disk */
    PLAN_WORD_SUBPLAN,
    PLAN_WORD_RELATIONSHIP, /* PostgreSQL: Outer, Inner, SubPlan, InitPlan, Member … */
    PLAN_WORD_POSSIBLE_KEYS,
    PLAN_WORD_JOIN_BUFFER,
    PLAN_WORD_RANGE_CHECKED,
    PLAN_WORD_REMOTE_SQL,
    PLAN_WORD_MESSAGE,
    /* Of the root: */
    PLAN_WORD_SETTINGS, /* that differ from the defaults */
    PLAN_WORD_TRIGGER,
    PLAN_WORD_TRIGGER_CONSTRAINT,
    PLAN_WORD_TRIGGER_RELATION,
    PLAN_WORD_COUNT
};

struct plan_number_value {
    enum plan_number name;
    double value;
};

struct plan_word_value {
    enum plan_word name;
    struct text value;
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
    double total_ms;       /* measured, of all executions, with everything below; < 0: unknown */
    double own_ms;         /* the same without the nodes below */
    enum plan_kind kind;
    int depth;                               /* root: 0 */
    const struct plan_number_value *numbers; /* by plan_number() */
    const struct plan_word_value *words;     /* by plan_word() */
    unsigned char number_count, word_count;
    const struct plan_node *parent;      /* NULL: root */
    const struct plan_node *first_child; /* NULL: leaf */
    const struct plan_node *next_sibling;
};

struct plan {
    enum plan_dialect dialect;
    bool has_actuals;                     /* the statement was run: rows and loops are known */
    const struct plan_node *const *nodes; /* parents before children, depth first: nodes[0] is the root */
    size_t node_count;                    /* at least 1 */
    double total_cost;                    /* < 0: unknown */
    double total_ms;                      /* measured, of the statement with its planning; < 0: unknown */
    struct plan_hash hash;
};

/* A number of a node: finite, at least 0, at most PLAN_NUMBER_MAX; -1: the plan does not give it. */
double plan_number(const struct plan_node *node, enum plan_number name);
/* The place of a node among the plan's nodes, from 0. The node is one of them. */
size_t plan_node_number(const struct plan *plan, const struct plan_node *node);
/* A text of a node; data NULL: none. */
struct text plan_word(const struct plan_node *node, enum plan_word name);

/* Read a plan from JSON.
 *
 * Memory: the tree and its texts live in `arena`.
 * Errors: STATUS_MALFORMED (not JSON), STATUS_INVALID (JSON, but no plan of that engine),
 * STATUS_TOO_LARGE. */
enum status plan_read(enum plan_dialect dialect, struct text json, struct arena *arena, struct plan *out_plan,
                      struct error *error);

/* Read a plan as a person pastes it: JSON or text, with what psql, pgAdmin, mysql or a log wrote around it.
 * `dialect` may be PLAN_DIALECT_UNSET: the plan tells. Memory and errors as of plan_read. */
enum status plan_read_pasted(enum plan_dialect dialect, struct text pasted, struct arena *arena, struct plan *out_plan,
                             struct error *error);

#endif
