/* Reports of nodes: {"type": "mongodb", "data": {…} or [{…}], "agent_token", "connection_id", "batch_id"}. Each report
 * is read and checked by itself. An invalid one is refused and reported; the others are accepted. */
#ifndef POTTO_WIRE_METRICS_H
#define POTTO_WIRE_METRICS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "facts/mongodb.h"
#include "wire/items.h"

enum { METRICS_REPORTS_MAX = 10000 };

struct metrics_message {
    struct text agent_token, batch_id; /* data NULL: not sent */
    int64_t connection_id;             /* of a user; 0: not sent */
    struct mongodb_reports reports;    /* the accepted ones, in order; texts point into the body or the arena */
    int64_t rejected;
    int64_t zoneless;                 /* times without a zone, which were read as UTC */
    struct wire_item_errors errors;   /* one for each refused report */
    struct wire_item_errors warnings; /* a text that holds what is no character */
    struct text data_json;            /* as sent; the digest of the batch is made of it */
};

/* What a report's time may be. One without a time is of `now_us`. */
struct metrics_times {
    int64_t now_us;
    int64_t kept_from_us; /* an older report is refused; INT64_MIN: none is too old */
};

/* Read a body.
 *
 * Memory: `arena`, at most a few times the size of the body.
 * Errors: STATUS_MALFORMED (not JSON), STATUS_INVALID (the envelope: a member missing, unknown, given twice or of the
 * wrong type), STATUS_TOO_LARGE (more than METRICS_REPORTS_MAX reports). */
enum status metrics_message_read(struct text body, const struct metrics_times *times, struct arena *arena,
                                 struct metrics_message *out_message, struct error *error);

#endif
