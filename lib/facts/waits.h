/* What sessions waited for, and for whom: the sum of a stretch in which somebody looked at a server's sessions about
 * once a second. Each look stands for the time since the look before. Pure. */
#ifndef POTTO_FACTS_WAITS_H
#define POTTO_FACTS_WAITS_H

#include "facts/statement.h"

enum {
    WAITS_MAX = 1000, /* of one part of a stretch; blocks likewise */
    WAITS_BLOCKS_MAX = 300,
    WAITS_STATEMENTS_MAX = 1000,
    WAITS_NAME_BYTES_MAX = 128, /* of an event, a user, a host, an application */
    WAITS_KEY_BYTES_MAX = 64,   /* of counter_key */
    WAITS_STRETCH_MAX_S = 300,
};
/* What no honest stretch reaches: a hundred thousand sessions for five minutes. */
#define WAITS_SESSION_MS_MAX INT64_C(30000000000)

/* The numbers are those of session_waits.wait_classes. */
enum wait_class {
    WAIT_CLASS_UNSET,
    WAIT_CLASS_CPU, /* no wait: it runs, or the server does not say that it waits */
    WAIT_CLASS_LOCK,
    WAIT_CLASS_LWLOCK,
    WAIT_CLASS_IO,
    WAIT_CLASS_BUFFER_PIN,
    WAIT_CLASS_CLIENT,
    WAIT_CLASS_IPC,
    WAIT_CLASS_TIMEOUT,
    WAIT_CLASS_ACTIVITY,
    WAIT_CLASS_EXTENSION,
    WAIT_CLASS_OTHER,
    WAIT_CLASS_COUNT
};
/* "cpu", "lock", "lwlock", "io", "buffer_pin", …; "other" for any other number. */
const char *wait_class_name(enum wait_class wait_class);

/* The statement of a session. */
struct wait_statement {
    bool is_known; /* false: the server does not tell, or cut it short */
    struct sql_hash hash;
    /* The key that the counters have for it (facts/growth.h); data NULL: none. Where the store knows a fingerprint of
     * that key, it goes before `hash`, and before is_known. */
    struct text counter_key;
};

/* Time that sessions of one kind spent. Texts are UTF-8 without NUL, "" for unknown. */
struct wait_fact {
    enum wait_class wait_class;
    struct text event; /* the server's own name; "" without a wait */
    struct wait_statement statement;
    struct text user, host, application;
    int64_t session_ms;
};

/* What a session does that keeps others waiting and waits for none itself. The numbers are those of
 * session_waits.block_states. */
enum block_state {
    BLOCK_STATE_UNSET,
    BLOCK_STATE_ACTIVE,
    BLOCK_STATE_IDLE_IN_TRANSACTION,
    BLOCK_STATE_IDLE,     /* holds a lock outside a transaction */
    BLOCK_STATE_PREPARED, /* a prepared transaction, of no session */
    BLOCK_STATE_UNKNOWN,
    BLOCK_STATE_COUNT
};
const char *block_state_name(enum block_state state); /* "active", "idle_in_transaction", …, "unknown" */

/* Time that sessions with one statement waited for the locks of one root: the session at the end of the chain. */
struct block_fact {
    enum block_state state;          /* of the root */
    struct wait_statement root;      /* of a root that is idle: its last one */
    struct text user, application;   /* the root's */
    struct wait_statement statement; /* of those that wait */
    int64_t session_ms;
    int64_t depth_max;   /* 1: waits for the root itself */
    int64_t waiters_max; /* at one moment */
};

/* A stretch has two parts: before and after a moment that the caller names (the end of a bucket). */
enum { WAITS_PARTS = 2 };
struct wait_part {
    int64_t watched_ms; /* for which the looks stand */
    int64_t look_count;
    int64_t cost_us; /* what the looks took of the server, as far as it can be measured from outside */
    struct wait_fact *waits;
    size_t wait_count;
    struct block_fact *blocks;
    size_t block_count;
};

struct wait_facts {
    struct statement_list statements; /* that waits and blocks refer to */
    struct wait_part parts[WAITS_PARTS];
};

#endif
