/* The inside of struct scope, for lib/auth (which makes it) and lib/store alone;
 * dev/check holds that nobody else includes this. */
#ifndef POTTO_STORE_SCOPE_SCOPE_INTERNAL_H
#define POTTO_STORE_SCOPE_SCOPE_INTERNAL_H

#include "store/scope/scope.h"

struct scope {
    int64_t organization_id;
    int64_t user_id;
    int64_t connection_id; /* of an agent */
    int64_t api_token_id;  /* 0: a session */
    bool is_read_only;
    enum role role;
    const char *user_email;
    const int64_t *connection_ids; /* ascending */
    size_t connection_count;
    int64_t data_version;
};

#endif
