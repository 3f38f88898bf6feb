/* Parts of a look at the sessions of MariaDB and MySQL that are pure: what the server's words mean. */
#ifndef POTTO_COLLECT_MYSQL_WAITS_H
#define POTTO_COLLECT_MYSQL_WAITS_H

#include "collect/waits_look.h"

struct mysql_wait {
    enum wait_class wait_class;
    struct text event; /* "" for a session that runs */
};

/* What a session waits for: `state` as the list of processes has it, `event` of the performance schema (data NULL:
 * none), and whether it waits for a lock of InnoDB. Texts live as long as the arguments. */
struct mysql_wait mysql_wait_of(struct text state, struct text event, bool waits_for_row);

enum { MYSQL_LOCKS_MAX = 1000 };

/* A metadata lock that a session holds, or waits for. */
struct mysql_metadata_lock {
    int64_t session_id;
    struct text type, schema, name; /* of what is locked; data NULL is "" */
    struct text mode;               /* "SHARED_READ", "EXCLUSIVE", … */
    bool is_pending;
    bool is_of_transaction; /* held until the transaction ends */
};

/* Adds to look->edges who waits for whom. A session waits for those who hold a lock of a mode that does not go with the
 * one that it asks for, and for those who ask for a mode that goes first. */
void mysql_metadata_edges(struct waits_look *look, const struct mysql_metadata_lock *locks, size_t count);

#endif
