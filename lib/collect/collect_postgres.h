/* Between the two files of PostgreSQL's cycle. */
#ifndef POTTO_COLLECT_COLLECT_POSTGRES_H
#define POTTO_COLLECT_COLLECT_POSTGRES_H

#include "collect/collect_internal.h"

/* Plans for the heaviest of what was offered; `user` is who we are, quoted_user the same as SQL wants it. */
void collect_postgres_plans(struct cycle *cycle, struct text user, struct text quoted_user, bool is_superuser);

#endif
