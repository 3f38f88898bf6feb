/* MariaDB and MySQL: growth of digests, rows of mysql.slow_log as samples, plans by EXPLAIN. */
#ifndef POTTO_COLLECT_MYSQL_MYSQL_H
#define POTTO_COLLECT_MYSQL_MYSQL_H

#include "collect/cycle.h"

struct probe;
struct waits_look;

void collect_mysql(struct collect_cycle *cycle); /* for collect_engine_of() */
bool collect_mysql_probe(struct probe *probe);   /* the same */
enum status collect_mysql_look(struct waits_look *look);

/* What a server says of itself. */
struct mysql_server {
    const char *version; /* VERSION(): what a proxy greets with may be another */
    const char *account; /* who we are there, as collect_mysql_account() writes it */
    int64_t now_us;      /* by its own clock */
    /* When a look at the log came to its end, before this one; INT64_MIN: none did. */
    int64_t log_read_at_us;
};

/* New rows of the log. False: they could not be read, for the reason in cycle->failure. */
bool collect_mysql_slow_log(struct collect_cycle *cycle, const struct mysql_server *server);

/* Growth of the digests, after the log's rows. False: they could not be read, which is told. */
bool collect_mysql_counters(struct collect_cycle *cycle, const struct mysql_server *server);

/* Plans for the heaviest of what was offered. */
void collect_mysql_plans(struct collect_cycle *cycle, const char *account);

/* 'monitor'@'%' as GRANT wants it, out of CURRENT_USER()'s monitor@%. */
const char *collect_mysql_account(struct text user, struct arena *arena);
/* `name` in backticks; those within it are doubled. */
const char *collect_mysql_quote(struct text name, struct arena *arena);

#endif
