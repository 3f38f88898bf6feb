/* See literal_audit.h. The store keeps lines at one a day (an index, migrations/004_collectors_visibility.sql); this
 * keeps the statements away. */
#include "fcgi/request/literal_audit.h"

#include <string.h>

#include "base/clock.h"
#include "store/admin/audit.h"

enum { MEMORY_ENTRIES = 1024, LIST_CONNECTIONS_MAX = 500 };

struct shown {
    int64_t organization_id, user_id, kind, id, day;
};

/* A newer one takes the place of an older one of the same slot. */
static struct shown memory[MEMORY_ENTRIES];

static struct shown *slot_of(const struct shown *shown)
{
    uint64_t mixed = (uint64_t)shown->id * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)shown->user_id << 20 ^
                     (uint64_t)shown->kind << 40;

    return &memory[(mixed ^ mixed >> 32) % MEMORY_ENTRIES];
}

/* Those of `ids` that were not written today move to the front; returns how many. */
static size_t keep_new(const struct scope *scope, enum audit_literals kind, int64_t day, int64_t *ids, size_t count)
{
    size_t new_count = 0;

    for (size_t i = 0; i < count; i++) {
        const struct shown shown = {scope_organization_id(scope), scope_user_id(scope), kind, ids[i], day};

        if (memcmp(slot_of(&shown), &shown, sizeof shown) != 0)
            ids[new_count++] = ids[i];
    }
    return new_count;
}

static enum status note(const struct request *request, const struct scope *scope, enum audit_literals kind,
                        int64_t *ids, size_t count, struct error *error)
{
    int64_t day = request->received_at_us / (86400 * CLOCK_SECOND_US);
    size_t new_count = keep_new(scope, kind, day, ids, count);
    enum status status;

    if (new_count == 0)
        return STATUS_OK;
    status = store_audit_literals(request->store, scope, kind, ids, new_count, request->remote_address, request->arena,
                                  error);
    for (size_t i = 0; status == STATUS_OK && i < new_count; i++) {
        const struct shown shown = {scope_organization_id(scope), scope_user_id(scope), kind, ids[i], day};

        *slot_of(&shown) = shown;
    }
    return status;
}

enum status literal_audit_sample(const struct request *request, const struct scope *scope, const struct sample *sample,
                                 struct error *error)
{
    int64_t id = sample->id;

    return sample->full_sql.data == NULL ? STATUS_OK : note(request, scope, AUDIT_LITERALS_REVEALED, &id, 1, error);
}

/* Connections whose literals an answer holds, each once. */
struct shown_connections {
    int64_t ids[LIST_CONNECTIONS_MAX];
    size_t count;
};

static void add_connection(struct shown_connections *shown, int64_t connection_id)
{
    for (size_t i = 0; i < shown->count; i++)
        if (shown->ids[i] == connection_id)
            return;
    if (shown->count < LIST_CONNECTIONS_MAX)
        shown->ids[shown->count++] = connection_id;
}

enum status literal_audit_list(const struct request *request, const struct scope *scope, const struct sample_list *list,
                               struct error *error)
{
    struct shown_connections shown = {.count = 0};

    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].full_sql.data != NULL)
            add_connection(&shown, list->items[i].connection_id);
    return note(request, scope, AUDIT_LITERALS_LISTED, shown.ids, shown.count, error);
}

enum status literal_audit_plans(const struct request *request, const struct scope *scope,
                                const struct query_plan *const *plans, size_t count, struct error *error)
{
    struct shown_connections shown = {.count = 0};

    for (size_t i = 0; i < count; i++)
        if (!text_equal(plans[i]->provenance, TEXT("generic_plan")))
            add_connection(&shown, plans[i]->connection_id);
    return note(request, scope, AUDIT_LITERALS_LISTED, shown.ids, shown.count, error);
}

enum status literal_audit_plan_list(const struct request *request, const struct scope *scope,
                                    const struct query_plan_list *list, struct error *error)
{
    const struct query_plan **plans = arena_alloc_array(request->arena, list->count, sizeof *plans);

    for (size_t i = 0; i < list->count; i++)
        plans[i] = &list->items[i];
    return literal_audit_plans(request, scope, plans, list->count, error);
}
