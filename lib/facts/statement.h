/* The statement of a sample or of growth, as the store knows it: its fingerprint. Pure. */
#ifndef POTTO_FACTS_STATEMENT_H
#define POTTO_FACTS_STATEMENT_H

#include <stddef.h>

#include "sql/redacted.h"
#include "sql/statement.h"

/* How a connection's statements are read, and what may be kept of them. */
struct statement_rules {
    struct text engine;       /* as in the API: "postgresql"; data NULL: unknown */
    enum sql_dialect dialect; /* of `engine` */
    bool keeps_literals;      /* false: no literal may reach the store, nor a digest of one */
};

/* Fingerprints that growth refers to by their hashes. */
struct statement_list {
    struct sql_fingerprint *items;
    size_t count;
};

/* Whoever reduces a statement of a connection does it here, so that it has one fingerprint. Memory: `arena`. */
static inline struct sql_fingerprint statement_fingerprint(const struct statement_rules *rules, struct text sql,
                                                           struct arena *arena)
{
    return rules->keeps_literals ? sql_fingerprint(rules->dialect, sql, arena)
                                 : sql_fingerprint_redacted(rules->engine, sql, arena);
}

#endif
