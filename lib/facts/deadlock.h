/* A deadlock that a server noticed and ended: who waited for whom. Pure. */
#ifndef POTTO_FACTS_DEADLOCK_H
#define POTTO_FACTS_DEADLOCK_H

#include "facts/sample.h"
#include "facts/statement.h"

enum {
    DEADLOCK_PROCESSES_MAX = 16, /* that are told */
    DEADLOCK_WAIT_BYTES_MAX = 200,
    DEADLOCK_NAME_BYTES_MAX = 128,
    DEADLOCK_STATEMENTS_MAX = 1000, /* of all deadlocks of an answer */
    DEADLOCKS_MAX = 200,            /* of an answer */
};

struct deadlock_process {
    int64_t process;      /* process id */
    int64_t blocked_by;   /* 0: not told */
    struct text wait;     /* "ShareLock on transaction 773"; data NULL: not told */
    bool has_statement;   /* it is known what it ran */
    struct sql_hash hash; /* of its fingerprint */
};

/* Texts are valid UTF-8 without NUL, and none has a value of a statement. */
struct deadlock_fact {
    int64_t noticed_at_us;
    int64_t victim; /* the process whose statement was canceled; 0: not told */
    /* Of the victim; data NULL: not told. */
    struct text user, database, application;
    struct deadlock_process *processes;
    size_t process_count; /* 1 to DEADLOCK_PROCESSES_MAX */
};

/* What a part of a log file tells. */
struct log_facts {
    struct sample_facts samples;
    struct deadlock_fact *deadlocks;
    size_t deadlock_count;
    struct statement_list statements; /* those that deadlocks refer to */
};

#endif
