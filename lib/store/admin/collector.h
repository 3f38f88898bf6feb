/* Agents and daemons that collect. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_ADMIN_COLLECTOR_H
#define POTTO_STORE_ADMIN_COLLECTOR_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

struct collector {
    int64_t id;
    struct text kind;                      /* agent, daemon */
    struct text hostname, version, status; /* status: online, late (no word for 3 minutes), offline (15) */
    struct text detail;                    /* JSON object: what the last heartbeat said */
    int64_t registered_at_us, last_seen_at_us;
    const int64_t *connection_ids; /* visible ones that it serves */
    size_t connection_count;
};
struct collector_list {
    struct collector
        *items; /* last seen first; those that serve a visible connection, and the organisation-less daemons */
    size_t count;
};
/* SQL: sql/collector_list.sql */
enum status store_collector_list(struct store *store, const struct scope *scope, int limit, struct arena *arena,
                                 struct collector_list *out_list, struct error *error);

/* The page after a row: (last_seen_at_us, id); id 0: the first page. */
enum status store_collector_list_after(struct store *store, const struct scope *scope, int64_t last_seen_at_us,
                                       int64_t collector_id, int limit, struct arena *arena,
                                       struct collector_list *out_list, struct error *error);

/* An agent's registration for the scope's connection; again is fine: the same host gets the same id. Agents of other
 * connections on that host are other collectors, since other people may see those. STATUS_CONFLICT: QUOTA_AGENTS report
 * already, and none of them has been silent for 15 minutes; the one that was silent for longest would have been
 * removed. STATUS_THROTTLED: the agent says something new too often (agent_writes.sql). SQL: sql/collector_register.sql
 */
enum status store_collector_register(struct store *store, const struct scope *scope, struct text hostname,
                                     struct text version, struct arena *arena, int64_t *out_collector_id,
                                     bool *out_is_new, struct error *error);
/* STATUS_ABSENT if that collector does not serve the scope's connection. `detail_json` is kept as it is (object).
 * `version` data NULL: as it was. What
 * was said within the last 10 seconds is not written again. STATUS_THROTTLED as above. SQL: sql/collector_heartbeat.sql
 */
enum status store_collector_heartbeat(struct store *store, const struct scope *scope, int64_t collector_id,
                                      struct text version, struct text detail_json, struct arena *arena,
                                      struct error *error);

#endif
