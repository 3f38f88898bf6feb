/* The table of a connection's fields; see connection_fields.h. */
#include "store/admin/connection_fields.h"

#include <assert.h>

#include "facts/overhead.h"
#include "store/admin/connection_internal.h"
#include "store/scope/statement.h"

static_assert(offsetof(struct connection_input, values) == 0, "offsets are those of struct connection");
#define IS_COLUMN(name) static_assert((int)CONNECTION_FIELD_##name == (int)CONNECTION_GET_##name, "another order");
CONNECTION_COLUMNS(IS_COLUMN)
#undef IS_COLUMN

#define INTEGER_MAX 9007199254740991 /* what a JSON number holds exactly */

static const char *const tls_modes[] = {"disable", "prefer", "require", "verify-ca", "verify-full", NULL};
static const char *const tls_mode_labels[] = {"Off", "If offered", "Required", "Required, authority checked",
                                              "Required, authority and name checked"};
static const char *const visibility_scopes[] = {"TEAM_ONLY", "ORG_WIDE", "USER_ONLY", NULL};
static const char *const visibility_scope_labels[] = {"Its team", "Everybody in the organization", "Only me"};

#define NAMED(its_name, its_column, its_kind, member)                                                                  \
    .name = its_name, .column = its_column, .kind = CONNECTION_KIND_##its_kind,                                        \
    .offset = offsetof(struct connection_input, member)
#define COLUMN(its_name, its_kind, member) NAMED(its_name, its_name, its_kind, values.member)

/* Bounds: a host name has at most 253 bytes, PostgreSQL's identifiers 63, Oracle's and SQL Server's 128. */
const struct connection_field connection_fields[CONNECTION_FIELD_COUNT] = {
    [CONNECTION_FIELD_ID] = {COLUMN("id", INTEGER, id)},
    [CONNECTION_FIELD_NAME] = {COLUMN("name", LINE, name), .use = CONNECTION_SET | CONNECTION_REQUIRED, .minimum = 1,
                               .maximum = 200, .label = "The name", .option = "name", .option_value = "NAME"},
    [CONNECTION_FIELD_ENGINE] = {COLUMN("engine", ENGINE, engine), .use = CONNECTION_CREATE | CONNECTION_REQUIRED,
                                 .default_text = "postgresql", .label = "The engine", .option = "engine"},
    [CONNECTION_FIELD_HOST] = {COLUMN("host", LINE, host), .use = CONNECTION_SET | CONNECTION_NULLABLE, .maximum = 255,
                               .label = "The host", .option = "host", .option_value = "HOST"},
    [CONNECTION_FIELD_PORT] = {COLUMN("port", INTEGER, port), .use = CONNECTION_SET | CONNECTION_NULLABLE, .minimum = 1,
                               .maximum = 65535, .label = "The port", .option = "port", .option_value = "N"},
    [CONNECTION_FIELD_DATABASE_NAME] = {NAMED("database", "database_name", LINE, values.database_name),
                                        .use = CONNECTION_SET | CONNECTION_NULLABLE, .maximum = 128,
                                        .label = "The database", .option = "database", .option_value = "NAME"},
    [CONNECTION_FIELD_USERNAME] = {COLUMN("username", LINE, username), .use = CONNECTION_SET | CONNECTION_NULLABLE,
                                   .maximum = 128, .label = "The user", .option = "username", .option_value = "NAME"},
    [CONNECTION_FIELD_HAS_PASSWORD] = {COLUMN("has_password", BOOL, has_password)},
    [CONNECTION_FIELD_TLS_MODE] = {COLUMN("tls_mode", CHOICE, tls_mode), .use = CONNECTION_SET, .choices = tls_modes,
                                   .choice_labels = tls_mode_labels, .default_text = "prefer", .label = "TLS",
                                   .option = "tls-mode", .option_value = "MODE"},
    [CONNECTION_FIELD_TEAM_ID] = {COLUMN("team_id", INTEGER, team_id), .use = CONNECTION_SET | CONNECTION_NULLABLE,
                                  .minimum = 1, .maximum = INTEGER_MAX, .label = "The team", .option = "team",
                                  .option_value = "NAME"},
    [CONNECTION_FIELD_TEAM_NAME] = {COLUMN("team_name", LINE, team_name)},
    [CONNECTION_FIELD_OWNER_USER_ID] = {COLUMN("owner_user_id", INTEGER, owner_user_id),
                                        .use = CONNECTION_CHANGE | CONNECTION_NULLABLE, .minimum = 1,
                                        .maximum = INTEGER_MAX},
    [CONNECTION_FIELD_VISIBILITY_SCOPE] = {COLUMN("visibility_scope", CHOICE, visibility_scope), .use = CONNECTION_SET,
                                           .choices = visibility_scopes, .choice_labels = visibility_scope_labels,
                                           .default_text = "TEAM_ONLY", .label = "The visibility",
                                           .option = "visibility", .option_value = "ORG_WIDE|TEAM_ONLY"},
    [CONNECTION_FIELD_IS_ACTIVE] = {COLUMN("is_active", BOOL, is_active), .use = CONNECTION_CHANGE},
    [CONNECTION_FIELD_IS_VISIBLE] = {COLUMN("is_visible", BOOL, is_visible)},
    [CONNECTION_FIELD_IS_LEGACY] = {COLUMN("is_legacy", BOOL, is_legacy)},
    [CONNECTION_FIELD_MONITORING_ENABLED] = {COLUMN("monitoring_enabled", BOOL, monitoring_enabled),
                                             .use = CONNECTION_SET, .default_number = 1},
    [CONNECTION_FIELD_INTERVAL_S] = {COLUMN("interval_s", INTEGER, interval_s), .use = CONNECTION_SET, .minimum = 5,
                                     .maximum = 86400, .default_number = 60, .label = "The interval",
                                     .option = "interval-s", .option_value = "N"},
    [CONNECTION_FIELD_MIN_DURATION_MS] = {COLUMN("min_duration_ms", NUMBER, min_duration_ms), .use = CONNECTION_SET,
                                          .minimum = 0, .maximum = 86400000, .default_number = 100,
                                          .label = "The threshold", .unit = "milliseconds", .option = "min-duration-ms",
                                          .option_value = "N"},
    [CONNECTION_FIELD_KEEP_LITERALS] = {COLUMN("keep_literals", BOOL, keep_literals), .use = CONNECTION_SET,
                                        .default_number = 1, .label = "Keeping literals"},
    [CONNECTION_FIELD_WAITS_ENABLED] = {COLUMN("waits_enabled", BOOL, waits_enabled), .use = CONNECTION_SET,
                                        .default_number = 1, .label = "Looking at sessions", .option = "waits",
                                        .option_value = "on|off"},
    [CONNECTION_FIELD_OVERHEAD_BUDGET_PERCENT] = {COLUMN("overhead_budget_percent", NUMBER, overhead_budget_percent),
                                                  .use = CONNECTION_SET, .minimum = OVERHEAD_PERCENT_MIN,
                                                  .maximum = OVERHEAD_PERCENT_MAX,
                                                  .default_number = OVERHEAD_PERCENT_DEFAULT,
                                                  .label = "The overhead budget", .unit = "percent",
                                                  .option = "overhead-budget-percent", .option_value = "N"},
    [CONNECTION_FIELD_AGENT_TOKEN_HINT] = {COLUMN("agent_token_hint", LINE, agent_token_hint)},
    [CONNECTION_FIELD_CREATED_AT] = {COLUMN("created_at", TIME, created_at_us)},
    [CONNECTION_FIELD_UPDATED_AT] = {COLUMN("updated_at", TIME, updated_at_us)},
    [CONNECTION_FIELD_LAST_DATA_AT] = {COLUMN("last_data_at", TIME, last_data_at_us)},
    [CONNECTION_FIELD_STATE] = {COLUMN("state", LINE, state)},
    [CONNECTION_FIELD_PROBLEM] = {COLUMN("problem", LINE, problem)},
    [CONNECTION_FIELD_REMEDY] = {COLUMN("remedy", LINE, remedy)},
    [CONNECTION_FIELD_SERVER_VERSION] = {COLUMN("server_version", LINE, server_version)},
    [CONNECTION_FIELD_LAST_RUN_AT] = {COLUMN("last_run_at", TIME, last_run_at_us)},
    [CONNECTION_FIELD_LAST_SUCCESS_AT] = {COLUMN("last_success_at", TIME, last_success_at_us)},
    [CONNECTION_FIELD_NEXT_RUN_AT] = {COLUMN("next_run_at", TIME, next_run_at_us)},
    [CONNECTION_FIELD_PAUSED_UNTIL] = {COLUMN("paused_until", TIME, paused_until_us)},
    [CONNECTION_FIELD_LAST_DURATION_MS] = {COLUMN("last_duration_ms", NUMBER, last_duration_ms)},
    [CONNECTION_FIELD_LAST_FOUND] = {COLUMN("last_found", COUNT, last_found)},
    [CONNECTION_FIELD_TOTAL_FOUND] = {COLUMN("total_found", COUNT, total_found)},
    [CONNECTION_FIELD_PASSWORD] = {NAMED("password", "password", SECRET, password),
                                   .use = CONNECTION_SET | CONNECTION_NULLABLE, .maximum = 1024,
                                   .label = "The password", .option = "password-file", .option_value = "FILE"},
};

void *connection_input_value(struct connection_input *input, enum connection_field_id id)
{
    return (char *)input + connection_fields[id].offset;
}

static void set_default(const struct connection_field *field, void *value)
{
    switch (field->kind) {
    case CONNECTION_KIND_LINE:
    case CONNECTION_KIND_CHOICE:
    case CONNECTION_KIND_ENGINE:
    case CONNECTION_KIND_SECRET:
        *(struct text *)value = text_of(field->default_text);
        break;
    case CONNECTION_KIND_INTEGER:
    case CONNECTION_KIND_COUNT:
    case CONNECTION_KIND_TIME:
        *(int64_t *)value = (int64_t)field->default_number;
        break;
    case CONNECTION_KIND_NUMBER:
        *(double *)value = field->default_number;
        break;
    case CONNECTION_KIND_BOOL:
        *(bool *)value = field->default_number != 0;
        break;
    case CONNECTION_KIND_UNSET:
        break;
    }
}

struct connection_input connection_input_new(void)
{
    struct connection_input input = {0};

    for (int id = 0; id < CONNECTION_FIELD_COUNT; id++)
        if (connection_fields[id].use & CONNECTION_CREATE)
            set_default(&connection_fields[id], connection_input_value(&input, (enum connection_field_id)id));
    return input;
}

static void read_value(const PGresult *result, int row, int column, enum connection_field_kind kind, void *out_value)
{
    switch (kind) {
    case CONNECTION_KIND_LINE:
    case CONNECTION_KIND_CHOICE:
    case CONNECTION_KIND_ENGINE:
    case CONNECTION_KIND_SECRET:
        *(struct text *)out_value = row_text(result, row, column);
        break;
    case CONNECTION_KIND_INTEGER:
    case CONNECTION_KIND_COUNT:
        *(int64_t *)out_value = row_int64(result, row, column);
        break;
    case CONNECTION_KIND_TIME:
        *(int64_t *)out_value = row_time(result, row, column);
        break;
    case CONNECTION_KIND_NUMBER:
        *(double *)out_value = row_double(result, row, column);
        break;
    case CONNECTION_KIND_BOOL:
        *(bool *)out_value = row_bool(result, row, column);
        break;
    case CONNECTION_KIND_UNSET:
        break;
    }
}

void connection_read(const PGresult *result, int row, struct connection *out)
{
    for (int id = 0; id < CONNECTION_COLUMN_COUNT; id++)
        read_value(result, row, id, connection_fields[id].kind, (char *)out + connection_fields[id].offset);
}

static void put_text(struct db_params *params, struct text value, bool is_change)
{
    if (value.size > 0)
        params_text(params, value);
    else
        params_text(params, is_change ? TEXT("") : (struct text){NULL, 0});
}

static void put_value(struct db_params *params, enum connection_field_kind kind, const void *value, bool is_change)
{
    switch (kind) {
    case CONNECTION_KIND_LINE:
    case CONNECTION_KIND_CHOICE:
    case CONNECTION_KIND_ENGINE:
    case CONNECTION_KIND_SECRET:
        put_text(params, *(const struct text *)value, is_change);
        break;
    case CONNECTION_KIND_INTEGER:
    case CONNECTION_KIND_COUNT:
    case CONNECTION_KIND_TIME:
        if (*(const int64_t *)value != 0 || is_change)
            params_int64(params, *(const int64_t *)value);
        else
            params_null(params);
        break;
    case CONNECTION_KIND_NUMBER:
        params_double(params, *(const double *)value);
        break;
    case CONNECTION_KIND_BOOL:
        params_bool(params, *(const bool *)value);
        break;
    case CONNECTION_KIND_UNSET:
        break;
    }
}

void connection_params_fields(struct db_params *params, const struct connection_input *input, enum connection_use use)
{
    bool is_change = use == CONNECTION_CHANGE;

    for (int id = 0; id < CONNECTION_FIELD_COUNT; id++) {
        const struct connection_field *field = &connection_fields[id];

        if ((field->use & (unsigned)use) == 0)
            continue;
        if (id == CONNECTION_FIELD_PASSWORD && is_change)
            params_bool(params, input->is_given[id]);
        else if (id == CONNECTION_FIELD_PASSWORD)
            params_bytes(params,
                         input->password_ciphertext.size > 0 ? input->password_ciphertext : (struct text){NULL, 0});
        else if (is_change && !input->is_given[id])
            params_null(params);
        else
            put_value(params, field->kind, (const char *)input + field->offset, is_change);
    }
}

void connection_page_read(const PGresult *result, int limit, struct arena *arena, struct connection_list_page *out_page)
{
    struct connection_list_page page = {0};

    page.count = row_page_count(result, limit, &page.has_more);
    page.items = arena_alloc_array(arena, page.count, sizeof *page.items);
    for (size_t i = 0; i < page.count; i++)
        connection_read(result, (int)i, &page.items[i]);
    *out_page = page;
}
