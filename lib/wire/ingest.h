/* The agent's batch: {"agent_token", "batch_id", "queries": [{…}]}, read and checked item by item. An item
 * with something wrong is refused by itself and named; the others go on. */
#ifndef POTTO_WIRE_INGEST_H
#define POTTO_WIRE_INGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum {
    INGEST_SQL_BYTES_MAX = 1024 * 1024, /* of full_sql and of fingerprint */
    INGEST_USER_HOST_BYTES_MAX = 255,
    INGEST_DATABASE_BYTES_MAX = 128,
    INGEST_PLAN_BYTES_MAX = 256 * 1024,
    INGEST_BATCH_ID_BYTES_MAX = 100, /* printable ASCII, no blank */
    INGEST_ERRORS_MAX = 100,         /* told one by one; the rest are only counted */
};

/* One execution. Texts are valid UTF-8 without NUL and point into the body or the arena; data NULL: not sent. */
struct ingest_query {
    struct text full_sql;    /* this or fingerprint is there */
    struct text fingerprint; /* the agent's own */
    double duration_ms;      /* 0 to 1e12 */
    int64_t rows_examined;   /* 0 to 2^62; -1: not sent */
    int64_t rows_returned;
    int64_t captured_at_us; /* 2000-01-01 to an hour from now */
    struct text user_host, database;
    struct text plan; /* a JSON object as written, fit for jsonb */
};

struct ingest_item_error {
    int64_t index;     /* in queries, from 0 */
    const char *field; /* in the arena */
    const char *message;
};

struct ingest_message {
    struct text agent_token, batch_id; /* data NULL: not sent */
    struct ingest_query *queries;      /* the good ones, in order */
    size_t query_count;
    int64_t rejected;                       /* items refused */
    const struct ingest_item_error *errors; /* one for each refused item, the first INGEST_ERRORS_MAX */
    size_t error_count;
    struct text queries_json; /* the array as written: what a batch's digest is made of */
};

/* Read a body. Memory: `arena` (nothing in it is much larger than the body).
 *
 * `now_us` bounds captured_at; `batch_max` is the number of items past which reading stops.
 * Errors: STATUS_MALFORMED (not JSON), STATUS_INVALID (the envelope: queries missing or empty, a member
 * unknown, twice or of the wrong type), STATUS_TOO_LARGE (more than batch_max items). */
enum status ingest_message_read(struct text body, int64_t now_us, int64_t batch_max, struct arena *arena,
                                struct ingest_message *out_message, struct error *error);

#endif
