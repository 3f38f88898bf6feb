/* Opening literals; see literal_audit.h. An index of the store keeps the lines at one a day; what this process wrote
 * today is remembered, and no statement is run for it again. */
#include "store/admin/literal_audit.h"

#include <stdlib.h>

#include "base/clock.h"
#include "store/admin/audit.h"
#include "store/scope/literal_internal.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

enum { MEMORY_ENTRIES = 1024 };

/* A line of the audit log. */
struct noted {
    int64_t organization_id, user_id, kind, subject_id, day;
};

/* A newer line takes the place of an older one of the same slot. */
struct literals_noted {
    struct noted lines[MEMORY_ENTRIES];
};

/* Lines to be written, each once. */
struct lines {
    int64_t *subject_ids;
    size_t count;
};

static struct noted *slot_of(struct literals_noted *memory, const struct noted *line)
{
    uint64_t mixed = (uint64_t)line->subject_id * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)line->user_id << 20 ^
                     (uint64_t)line->kind << 40;

    return &memory->lines[(mixed ^ mixed >> 32) % MEMORY_ENTRIES];
}

static struct noted line_of(const struct scope *scope, enum literal_kind kind, int64_t subject_id)
{
    return (struct noted){scope->organization_id, scope->user_id, kind, subject_id,
                          clock_now_us() / (86400 * CLOCK_SECOND_US)};
}

static bool has_subject(const struct lines *lines, int64_t subject_id)
{
    for (size_t i = 0; i < lines->count; i++)
        if (lines->subject_ids[i] == subject_id)
            return true;
    return false;
}

static void add_subject(struct lines *lines, int64_t subject_id)
{
    if (!has_subject(lines, subject_id))
        lines->subject_ids[lines->count++] = subject_id;
}

static void lines_init(struct lines *lines, size_t max_count, struct arena *arena)
{
    *lines = (struct lines){.subject_ids = arena_alloc_array(arena, max_count, sizeof *lines->subject_ids)};
}

/* The lines that `literals` call for. The line of a sample covers what else is shown of its connection. */
static void find_lines(const struct literal_text *const *literals, size_t count, struct arena *arena,
                       struct lines *out_samples, struct lines *out_connections)
{
    struct lines covered;

    lines_init(out_samples, count, arena);
    lines_init(out_connections, count, arena);
    lines_init(&covered, count, arena);
    for (size_t i = 0; i < count; i++)
        if (literals[i] != NULL && literals[i]->kind == LITERAL_KIND_SAMPLE) {
            add_subject(out_samples, literals[i]->sample_id);
            add_subject(&covered, literals[i]->connection_id);
        }
    for (size_t i = 0; i < count; i++)
        if (literals[i] != NULL && literals[i]->kind == LITERAL_KIND_LISTED &&
            !has_subject(&covered, literals[i]->connection_id))
            add_subject(out_connections, literals[i]->connection_id);
}

static enum status write_lines(struct store *store, const struct scope *scope, enum literal_kind kind,
                               const struct lines *lines, struct text remote_address, struct arena *arena,
                               struct error *error)
{
    bool is_one = kind == LITERAL_KIND_SAMPLE;
    struct db_params params = {.arena = arena};

    params_int64(&params, scope->organization_id);
    params_int64(&params, scope->user_id);
    params_string(&params, is_one ? "literals_revealed" : "literals_listed");
    params_string(&params, is_one ? "slow_query" : "database_connection");
    params_int64_array(&params, lines->subject_ids, lines->count);
    params_text(&params, audit_address(remote_address, arena));
    params_json(&params, scope->api_token_id == 0
                             ? TEXT("{}")
                             : text_of(arena_printf(arena, "{\"api_token_id\":%lld}", (long long)scope->api_token_id)));
    return store_run(store, SQL(audit_literals), &params, arena, NULL, error);
}

/* Write the lines that were not written today. */
static enum status note(struct store *store, const struct scope *scope, enum literal_kind kind, struct lines *lines,
                        struct text remote_address, struct arena *arena, struct error *error)
{
    struct literals_noted *memory = store->literals_noted;
    struct lines fresh = {.subject_ids = lines->subject_ids};
    enum status status;

    for (size_t i = 0; i < lines->count; i++) {
        const struct noted line = line_of(scope, kind, lines->subject_ids[i]);

        if (memory == NULL || memcmp(slot_of(memory, &line), &line, sizeof line) != 0)
            fresh.subject_ids[fresh.count++] = lines->subject_ids[i];
    }
    if (fresh.count == 0)
        return STATUS_OK;
    status = write_lines(store, scope, kind, &fresh, remote_address, arena, error);
    if (status != STATUS_OK)
        return status;
    if (memory == NULL)
        memory = store->literals_noted = calloc(1, sizeof *memory);
    for (size_t i = 0; memory != NULL && i < fresh.count; i++) {
        const struct noted line = line_of(scope, kind, fresh.subject_ids[i]);

        *slot_of(memory, &line) = line;
    }
    return STATUS_OK;
}

enum status store_literals_open(struct store *store, const struct scope *scope,
                                const struct literal_text *const *literals, size_t count, struct text remote_address,
                                struct arena *arena, struct text *out_texts, struct error *error)
{
    struct lines samples, connections;
    enum status status;

    find_lines(literals, count, arena, &samples, &connections);
    status = note(store, scope, LITERAL_KIND_SAMPLE, &samples, remote_address, arena, error);
    if (status == STATUS_OK)
        status = note(store, scope, LITERAL_KIND_LISTED, &connections, remote_address, arena, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        out_texts[i] = literals[i] == NULL ? (struct text){NULL, 0} : literals[i]->text;
    return STATUS_OK;
}
