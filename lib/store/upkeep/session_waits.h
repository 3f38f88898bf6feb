/* Hours of what sessions waited for, made of their five minutes. For potto-collector, as the role that owns the tables.
 */
#ifndef POTTO_STORE_UPKEEP_SESSION_WAITS_H
#define POTTO_STORE_UPKEEP_SESSION_WAITS_H

#include "store/scope/store.h"

/* Make at most `max` hours, of those that are not as their five minutes are now. *out_count 0: there are none left. Two
 * collectors may do so at the same time. Errors: STATUS_UNAVAILABLE. SQL: sql/session_waits_fold.sql */
enum status store_session_waits_fold(struct store *store, int max, struct arena *arena, int64_t *out_count,
                                     struct error *error);

#endif
