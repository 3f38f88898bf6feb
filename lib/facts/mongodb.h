/* A report of a MongoDB node: one moment of it, sent by an agent or a script. The API, the store and the pages share
 * this shape. Pure. */
#ifndef POTTO_FACTS_MONGODB_H
#define POTTO_FACTS_MONGODB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* The numbers of a report, in the order of the columns of metrics_mongodb and of the arrays in mongodb_deltas
 * (migrations/021_mongodb.sql). */
enum mongodb_value {
    MONGODB_CONNECTIONS_CURRENT,
    MONGODB_CONNECTIONS_AVAILABLE,
    MONGODB_OPS_INSERT, /* this one and the next four: growth since the report before */
    MONGODB_OPS_QUERY,
    MONGODB_OPS_UPDATE,
    MONGODB_OPS_DELETE,
    MONGODB_OPS_COMMAND,
    MONGODB_REPL_LAG,
    MONGODB_DATA_SIZE,
    MONGODB_INDEX_SIZE,
    MONGODB_STORAGE_SIZE,
    MONGODB_OPLOG_WINDOW,
    MONGODB_CACHE_USED,
    MONGODB_CACHE_MAX,
    MONGODB_VALUES
};

enum {
    MONGODB_OPS_FIRST = MONGODB_OPS_INSERT,
    MONGODB_OPS_COUNT = MONGODB_OPS_COMMAND - MONGODB_OPS_INSERT + 1,
    MONGODB_NODE_BYTES_MAX = 200,
    MONGODB_ROLE_BYTES_MAX = 40,
    MONGODB_MILLIONTHS = 1000000,
    MONGODB_BUCKET_S = 300,  /* of the narrowest aggregate */
    MONGODB_RECENT_MAX = 16, /* newest reports of a node by which its state is judged */
};

/* What no node reaches. Ten thousand reports of it still add up in 64 bits, except sizes, which are not added up. Each
 * is exact as a double. */
#define MONGODB_COUNT_MAX INT64_C(100000000000000)
#define MONGODB_SIZE_MAX  INT64_C(9007199254740992)
#define MONGODB_SPAN_MAX  (INT64_C(100000000) * MONGODB_MILLIONTHS)

/* How reports of a bucket become one number. */
enum mongodb_fold { MONGODB_FOLD_UNSET, MONGODB_FOLD_MEAN, MONGODB_FOLD_SUM, MONGODB_FOLD_MAX };

struct mongodb_value_kind {
    const char *field;  /* as sent and answered: "replLagSeconds" */
    const char *column; /* in the store: "repl_lag_seconds" */
    enum mongodb_fold fold;
    bool is_fraction; /* sent with decimals and held in millionths, so that sums are exact */
    int64_t maximum;
};
extern const struct mongodb_value_kind mongodb_value_kinds[MONGODB_VALUES];

/* Texts are valid UTF-8 without NUL, and belong to whoever made the report. */
struct mongodb_report {
    int64_t time_us;
    struct text node_id;            /* 1 to MONGODB_NODE_BYTES_MAX bytes */
    struct text role;               /* as the sender names it; data NULL: not told */
    int64_t values[MONGODB_VALUES]; /* 0 to `maximum` of its kind; -1: not told */
};

/* All operations of a report together; -1: none was told. */
int64_t mongodb_operations(const struct mongodb_report *report);
/* A number of a report as people read it: seconds and hours, not millionths. NAN: not told. */
double mongodb_number(enum mongodb_value value, int64_t number);

struct mongodb_reports {
    struct mongodb_report *items;
    size_t count, capacity; /* grows by base/vector.h */
};

/* In any case of letters: "PRIMARY" is primary. Unset: another role, or none. */
enum mongodb_role { MONGODB_ROLE_UNSET, MONGODB_ROLE_PRIMARY, MONGODB_ROLE_SECONDARY, MONGODB_ROLE_ARBITER };
enum mongodb_role mongodb_role_of(struct text role);

#endif
