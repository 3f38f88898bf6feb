/* Do program and store have the same schema? Programs ask now and then and say a difference, since statements for
 * another schema fail one here and one there, and none of them tells why. A change that is only in functions and views
 * has no number and is not seen. */
#ifndef POTTO_STORE_UPKEEP_SCHEMA_VERSION_H
#define POTTO_STORE_UPKEEP_SCHEMA_VERSION_H

#include "store/scope/store.h"

enum { STORE_SCHEMA_LOOK_MS = 60 * 1000 }; /* how often a program asks by itself */

struct store_schema {
    enum { STORE_SCHEMA_UNSET, STORE_SCHEMA_HEALTHY, STORE_SCHEMA_OLDER, STORE_SCHEMA_NEWER } state;
    int version, expected; /* the store's newest migration (0: none, or before Potto told it); this program's newest */
    const char *problem;   /* what to do, a static text; NULL: they are the same */
};

/* After an error the state is UNSET. Errors: STATUS_UNAVAILABLE, STATUS_TIMEOUT. SQL: sql/schema_version.sql */
enum status store_schema_read(struct store *store, struct arena *arena, struct store_schema *out_schema,
                              struct error *error);

#endif
