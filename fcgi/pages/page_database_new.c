/* Adding a database: the form, and what becomes of it. */
#include "fcgi/handlers.h"
#include "fcgi/pages/page.h"
#include "store/admin/team.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { FIELD_BYTES_MAX = 1024 };

static const struct page_about about = {
    .title = "Add a database", .template_file = "database_new.tpl", .section = PAGE_SECTION_DATABASES};

/* Texts of the form, their bounds, and where they go. Passwords are never shown again. */
static const struct text_field {
    const char *name;
    const char *label;
    size_t bytes_max;
    bool is_required, is_secret;
    size_t offset; /* of a struct text in struct connection_new; SIZE_MAX: read elsewhere */
} text_fields[] = {
    {"name", "The name", 200, true, false, offsetof(struct connection_new, name)},
    {"engine", "The engine", 32, true, false, offsetof(struct connection_new, engine)},
    {"host", "The host", 255, false, false, offsetof(struct connection_new, host)},
    {"port", "The port", 5, false, false, SIZE_MAX},
    {"database_name", "The database", 128, false, false, offsetof(struct connection_new, database_name)},
    {"username", "The user", 128, false, false, offsetof(struct connection_new, username)},
    {"password", "The password", FIELD_BYTES_MAX, false, true, SIZE_MAX},
    {"tls_mode", "TLS", 16, false, false, offsetof(struct connection_new, tls_mode)},
    {"visibility_scope", "The visibility", 16, false, false, offsetof(struct connection_new, visibility_scope)},
    {"team_id", "The team", 19, false, false, SIZE_MAX},
    {"interval_s", "The interval", 5, false, false, SIZE_MAX},
    {"min_duration_ms", "The threshold", 12, false, false, SIZE_MAX},
};

static const struct choice {
    const char *field, *section, *value, *label;
} choices[] = {
    {"engine", "ENGINE", "postgresql", "PostgreSQL"},
    {"engine", "ENGINE", "mysql", "MySQL or MariaDB"},
    {"engine", "ENGINE", "mssql", "SQL Server (fed by an agent)"},
    {"engine", "ENGINE", "oracle", "Oracle (fed by an agent)"},
    {"engine", "ENGINE", "mongodb", "MongoDB (fed by an agent)"},
    {"tls_mode", "TLS", "prefer", "If offered"},
    {"tls_mode", "TLS", "require", "Required"},
    {"tls_mode", "TLS", "verify-ca", "Required, authority checked"},
    {"tls_mode", "TLS", "verify-full", "Required, authority and name checked"},
    {"tls_mode", "TLS", "disable", "Off"},
    {"visibility_scope", "VISIBILITY", "TEAM_ONLY", "Its team"},
    {"visibility_scope", "VISIBILITY", "ORG_WIDE", "Everybody in the organization"},
    {"visibility_scope", "VISIBILITY", "USER_ONLY", "Only me"},
};

struct form {
    struct request_param params[REQUEST_QUERY_MAX];
    int count;
};

static struct text value_of(const struct form *form, const char *name)
{
    return text_trim(form_value(form->params, form->count, name));
}

static bool is_choice(const char *field, struct text value)
{
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++)
        if (strcmp(choices[i].field, field) == 0 && text_equal(value, text_of(choices[i].value)))
            return true;
    return false;
}

static bool is_choice_field(const char *field)
{
    return strcmp(field, "engine") == 0 || strcmp(field, "tls_mode") == 0 || strcmp(field, "visibility_scope") == 0;
}

static void read_integer(const struct form *form, const char *name, int64_t minimum, int64_t maximum,
                         int64_t *out_value, struct error *error)
{
    struct text value = value_of(form, name);
    int64_t number;

    if (value.size == 0)
        return;
    if (!text_to_int64(value, &number) || number < minimum || number > maximum)
        error_field(error, name, "Must be a whole number from %lld to %lld.", (long long)minimum, (long long)maximum);
    else
        *out_value = number;
}

static void read_texts(const struct form *form, struct connection_new *fresh, struct error *error)
{
    for (size_t i = 0; i < sizeof text_fields / sizeof text_fields[0]; i++) {
        const struct text_field *field = &text_fields[i];
        struct text value = value_of(form, field->name);

        if (value.size == 0 && field->is_required)
            error_field(error, field->name, "%s is missing.", field->label);
        else if (value.size > field->bytes_max)
            error_field(error, field->name, "%s is longer than %zu bytes.", field->label, field->bytes_max);
        else if (value.size > 0 && is_choice_field(field->name) && !is_choice(field->name, value))
            error_field(error, field->name, "%s is not one of the choices.", field->label);
        else if (value.size > 0 && field->offset != SIZE_MAX)
            memcpy((char *)fresh + field->offset, &value, sizeof value);
    }
}

static enum status read_form(const struct form *form, struct connection_new *fresh, struct error *error)
{
    struct text threshold = value_of(form, "min_duration_ms");
    int64_t port = 0, interval_s = 0;

    read_texts(form, fresh, error);
    read_integer(form, "port", 1, 65535, &port, error);
    read_integer(form, "interval_s", 5, 86400, &interval_s, error);
    read_integer(form, "team_id", 1, INT64_MAX, &fresh->team_id, error);
    fresh->min_duration_ms = -1;
    if (threshold.size > 0 && (!text_to_double(threshold, &fresh->min_duration_ms) || fresh->min_duration_ms < 0 ||
                               fresh->min_duration_ms > 86400000))
        error_field(error, "min_duration_ms", "Must be milliseconds, 0 to 86400000.");
    if (fresh->host.size > 0 && fresh->username.size == 0)
        error_field(error, "username", "Potto needs a user to sign in with there.");
    if (text_equal(fresh->visibility_scope, TEXT("TEAM_ONLY")) && fresh->team_id == 0)
        error_field(error, "team_id", "Choose the team that may see it.");
    fresh->port = (int32_t)port;
    fresh->interval_s = (int32_t)interval_s;
    /* An unchecked box sends nothing. Without a host there is nothing for Potto's collector to ask. */
    fresh->keep_literals = value_of(form, "keep_literals").size > 0;
    fresh->monitoring_enabled = true;
    return error->field_count > 0 ? error->status : STATUS_OK;
}

static enum status make_secrets(const struct request *request, const struct form *form, struct connection_new *fresh,
                                struct error *error)
{
    /* Not trimmed: blanks may be part of a password. */
    struct text password = form_value(form->params, form->count, "password");
    struct auth_agent_token token;
    enum status status = auth_agent_token_new(request->arena, &token, error);

    if (status == STATUS_OK)
        status = auth_encrypt(request->keys, token.token, request->arena, &fresh->agent_token_ciphertext, error);
    if (status == STATUS_OK && password.size > 0)
        status = auth_encrypt(request->keys, password, request->arena, &fresh->password_ciphertext, error);
    if (status != STATUS_OK)
        return status;
    fresh->agent_token_hash = token.hash;
    fresh->agent_token_hint = token.hint;
    return STATUS_OK;
}

static void upper(const char *name, const char *prefix, char out[64])
{
    size_t size = (size_t)snprintf(out, 64, "%s%s", prefix, name);

    for (size_t i = 0; i < size && i < 63; i++)
        if (out[i] >= 'a' && out[i] <= 'z')
            out[i] = (char)(out[i] - 'a' + 'A');
}

static const char *default_of(const char *field, size_t team_count)
{
    if (strcmp(field, "visibility_scope") == 0)
        return team_count > 0 ? "TEAM_ONLY" : "ORG_WIDE";
    if (strcmp(field, "engine") == 0)
        return "postgresql";
    return strcmp(field, "tls_mode") == 0 ? "prefer" : "";
}

static void fill_choices(struct page_data *body, const struct form *form, size_t team_count)
{
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        struct page_data *option = page_section(body, choices[i].section);
        struct text value = value_of(form, choices[i].field);

        if (value.size == 0)
            value = text_of(default_of(choices[i].field, team_count));
        page_set_string(option, "VALUE", choices[i].value);
        page_set_string(option, "LABEL", choices[i].label);
        page_show(option, "IS_CURRENT", text_equal(value, text_of(choices[i].value)));
    }
}

/* The form with what was entered and what is wrong with it. */
static enum status show(const struct request *request, const struct scope *scope, const struct form *form,
                        const struct error *problem, struct response *response, struct error *error)
{
    const struct team *teams = NULL;
    size_t team_count = 0;
    struct page page;
    char variable[64];
    enum status status = page_open(request, scope, &about, &page, error);

    if (status == STATUS_OK)
        status = store_team_list(request->store, scope, request->arena, &teams, &team_count, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < sizeof text_fields / sizeof text_fields[0]; i++) {
        if (text_fields[i].is_secret || is_choice_field(text_fields[i].name))
            continue;
        upper(text_fields[i].name, "VALUE_", variable);
        page_set(page.body, variable, text_cut_utf8(value_of(form, text_fields[i].name), FIELD_BYTES_MAX));
    }
    fill_choices(page.body, form, team_count);
    for (size_t i = 0; i < team_count; i++) {
        struct page_data *option = page_section(page.body, "TEAM");
        const char *id = arena_printf(page.arena, "%lld", (long long)teams[i].id);

        page_set_string(option, "VALUE", id);
        page_set(option, "LABEL", teams[i].name);
        page_show(option, "IS_CURRENT",
                  text_equal(value_of(form, "team_id"), text_of(id)) || (form->count == 0 && i == 0));
    }
    page_show(page.body, "KEEPS_LITERALS", form->count == 0 || value_of(form, "keep_literals").size > 0);
    for (size_t i = 0; problem != NULL && i < problem->field_count && i < ERROR_FIELD_MAX; i++) {
        upper(problem->fields[i].field, "WRONG_", variable);
        page_set_string(page_section(page.body, variable), "MESSAGE", problem->fields[i].message);
    }
    if (problem != NULL)
        page_set_string(page_section(page.body, "HAS_PROBLEM"), "PROBLEM",
                        problem->field_count > 0 ? "Some fields need another look." : problem->message);
    return page_close(&page, response, error);
}

enum status page_database_new(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    struct form form = {.count = 0};

    return show(request, scope, &form, NULL, response, error);
}

enum status page_database_create(const struct request *request, const struct scope *scope, struct response *response,
                                 struct error *error)
{
    struct form form = {.count = 0};
    struct connection_new fresh = {.team_id = 0};
    struct error problem = {0};
    int64_t connection_id = 0;
    enum status status = request_form(request, form.params, &form.count, error);

    if (status == STATUS_OK)
        status = form_check_lines(form.params, form.count, request->arena, error);
    if (status != STATUS_OK)
        return status;
    status = read_form(&form, &fresh, &problem);
    if (status == STATUS_OK) {
        status = make_secrets(request, &form, &fresh, error);
        if (status != STATUS_OK)
            return status;
        status = store_connection_create(request->store, scope, &fresh, request->remote_address, request->arena,
                                         &connection_id, &problem);
    }
    if (status == STATUS_CONFLICT && problem.field_count == 0)
        error_field(&problem, "name", "There is a database of this name already.");
    if (status == STATUS_CONFLICT || status == STATUS_INVALID) {
        response->code = status_http_code(status);
        return show(request, scope, &form, &problem, response, error);
    }
    if (status != STATUS_OK) {
        *error = problem;
        return status;
    }
    response_redirect(response, arena_printf(request->arena, "/databases/%lld?added=1", (long long)connection_id));
    return STATUS_OK;
}
