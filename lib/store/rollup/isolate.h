/* Internal to lib/store/rollup: the search for connections that make a fold fail. */
#ifndef POTTO_STORE_ROLLUP_ISOLATE_H
#define POTTO_STORE_ROLLUP_ISOLATE_H

#include "store/rollup/fold.h"

/* The numbers' fault or a program's, and not that the store is away, busy or slow. */
bool rollup_is_fault(enum status status);

/* Folding `pick` failed with `failure`, which is a fault: fold the pieces that can be folded and set the others'
 * connections aside. `is_stuck` as in store_rollup_fold(). */
enum status rollup_isolate(struct store *store, const struct rollup_pick *pick, bool is_stuck,
                           const struct error *failure, struct arena *arena, struct rollup_folded *out_folded,
                           struct error *error);

/* The same for deltas of MongoDB reports, and a fold of them. */
enum status rollup_isolate_reports(struct store *store, const struct rollup_pick *pick, bool is_stuck,
                                   const struct error *failure, struct arena *arena, struct rollup_folded *out_folded,
                                   struct error *error);

#endif
