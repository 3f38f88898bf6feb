/* The agent's batch: {"agent_token", "batch_id", "queries": [{…}]}. Each item is read and checked by itself: an item
 * with something wrong is refused and named, and the others are taken. */
#ifndef POTTO_WIRE_INGEST_H
#define POTTO_WIRE_INGEST_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "facts/sample.h"

enum {
    INGEST_SQL_BYTES_MAX = 1024 * 1024, /* of full_sql and of fingerprint */
    INGEST_USER_HOST_BYTES_MAX = 255,
    INGEST_DATABASE_BYTES_MAX = 128,
    INGEST_PLAN_BYTES_MAX = 256 * 1024,
    INGEST_BATCH_ID_BYTES_MAX = 100, /* printable ASCII, no blank */
    INGEST_ERRORS_MAX = 100,         /* told one by one; the rest are only counted */
};

struct ingest_item_error {
    int64_t index;     /* in queries, from 0 */
    const char *field; /* in the arena */
    const char *message;
};

struct ingest_message {
    struct text agent_token, batch_id; /* data NULL: not sent */
    /* The good items, in order. Texts point into the body or the arena. full_sql or statement.text is there; the rest
     * of `statement` and plan_hash are not set yet. duration_ms is at most 1e12, rows at most 2^62, captured_at_us from
     * 2000-01-01 to an hour from now. */
    struct sample_facts samples;
    int64_t rejected;                       /* items refused */
    const struct ingest_item_error *errors; /* one for each refused item, the first INGEST_ERRORS_MAX */
    size_t error_count;
    struct text queries_json; /* the array as written; the batch's digest is made of it */
};

/* Read a body. `now_us` bounds captured_at. `batch_max` is the number of items past which reading stops.
 *
 * Memory: `arena`, a few times the body's size at most.
 * Errors: STATUS_MALFORMED (not JSON), STATUS_INVALID (the envelope: queries missing or empty; a member unknown, given
 * twice or of the wrong type), STATUS_TOO_LARGE (more than batch_max items). */
enum status ingest_message_read(struct text body, int64_t now_us, int64_t batch_max, struct arena *arena,
                                struct ingest_message *out_message, struct error *error);

#endif
