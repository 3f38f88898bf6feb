/* Quotas: how many of a thing an organization, a user or a connection may have at most. quota.c has the one table; what
 * makes such a thing asks here first, whichever way it is made (API, page, command line). */
#ifndef POTTO_STORE_SCOPE_QUOTA_H
#define POTTO_STORE_SCOPE_QUOTA_H

#include "store/scope/store.h"

enum quota {
    QUOTA_UNSET,
    QUOTA_CONNECTIONS,     /* of an organization, those whose data is still being removed too */
    QUOTA_USERS,           /* of an organization */
    QUOTA_TEAMS,           /* of an organization */
    QUOTA_MEMBERSHIPS,     /* of an organization, in all teams */
    QUOTA_AGENTS,          /* of a connection */
    QUOTA_API_TOKENS,      /* living ones of a user */
    QUOTA_API_TOKENS_KEPT, /* of a user, those that ended too */
    QUOTA_JOBS_OPEN,       /* of a user, waiting or running */
    QUOTA_JOBS_KEPT,       /* of a user */
    QUOTA_REFRESH_TOKENS,  /* of a user, in all sessions */
    QUOTA_COUNT
};

/* The quotas that are settings; 0: as in the table. */
struct quota_settings {
    int64_t connections, users, teams, agents;
};
/* Out of a program's settings (base/config.h, which libraries leave alone). */
#define QUOTA_SETTINGS_OF(config)                                                                                      \
    (&(struct quota_settings){.connections = (config).connections_per_organization,                                    \
                              .users = (config).users_per_organization,                                                \
                              .teams = (config).teams_per_organization,                                                \
                              .agents = (config).agents_per_connection})

void store_set_quotas(struct store *store, const struct quota_settings *settings);

int64_t quota_maximum(const struct store *store, enum quota quota);

/* Is there room for one more? In a transaction, which must make the thing: until it ends, nobody else who asks for the
 * same quota gets an answer, so that two at once cannot both take the last place. `subject_id` is the user whose quota
 * it is; 0: the organization's. Errors: STATUS_CONFLICT or STATUS_THROTTLED (jobs), which say how many there may be and
 * what to do. SQL: sql/quota_count.sql */
enum status quota_hold(struct store *store, enum quota quota, int64_t organization_id, int64_t subject_id,
                       struct arena *arena, struct error *error);

/* Begin a transaction with quota_hold(). The caller ends it by store_end(), also after an error. */
enum status quota_begin(struct store *store, enum quota quota, int64_t organization_id, int64_t subject_id,
                        struct arena *arena, struct error *error);

/* The error of a quota that is used up. */
enum status quota_error(const struct store *store, enum quota quota, struct error *error);

#endif
