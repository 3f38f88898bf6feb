/* The page that adds a database: its form follows the table of the fields of a connection. */
#include "fcgi/handlers.h"
#include "fcgi/pages/page.h"

#include <stdio.h>
#include <string.h>

#include "auth/connection_secrets.h"
#include "base/engine.h"
#include "base/host.h"
#include "store/admin/team.h"

enum { SHOWN_BYTES_MAX = 1024 };

static const struct page_about about = {
    .title = "Add a database", .template_file = "database_new.tpl", .section = PAGE_SECTION_DATABASES};

struct form {
    struct request_param params[REQUEST_QUERY_MAX];
    int count;
};

static struct text value_of(const struct form *form, const char *name)
{
    return text_trim(form_value(form->params, form->count, name));
}

static bool is_in_form(int id)
{
    return connection_fields[id].label != NULL;
}

static bool has_choices(const struct connection_field *field)
{
    return field->kind == CONNECTION_KIND_CHOICE || field->kind == CONNECTION_KIND_ENGINE;
}

/* ---- reading ---- */

static void read_line(const struct connection_field *field, struct text given, struct text *out, struct error *error)
{
    if (given.size > (size_t)field->maximum)
        error_field(error, field->column, "%s is longer than %.0f bytes.", field->label, field->maximum);
    else if (given.size > 0)
        *out = given;
}

static void read_choice(const struct connection_field *field, struct text given, struct text *out, struct error *error)
{
    for (size_t i = 0; field->choices[i] != NULL; i++)
        if (text_equal(given, text_of(field->choices[i]))) {
            *out = text_of(field->choices[i]);
            return;
        }
    error_field(error, field->column, "%s is not one of the choices.", field->label);
}

static void read_engine(const struct connection_field *field, struct text given, struct text *out, struct error *error)
{
    const struct engine *engine = engine_find(given);

    if (engine == NULL)
        error_field(error, field->column, "%s is not one of the choices.", field->label);
    else
        *out = text_of(engine->name);
}

static void read_integer(const struct connection_field *field, struct text given, int64_t *out, struct error *error)
{
    int64_t number;

    if (!text_to_int64(given, &number) || (double)number < field->minimum || (double)number > field->maximum)
        error_field(error, field->column, "Must be a whole number from %.0f to %.0f.", field->minimum, field->maximum);
    else
        *out = number;
}

static void read_number(const struct connection_field *field, struct text given, double *out, struct error *error)
{
    double number;

    if (!text_to_double(given, &number) || number < field->minimum || number > field->maximum)
        error_field(error, field->column, "Must be %s, %.10g to %.10g.", field->unit, field->minimum, field->maximum);
    else
        *out = number;
}

static void read_field(const struct form *form, const struct connection_field *field, void *value, struct error *error)
{
    struct text given = value_of(form, field->column);

    /* Browsers send nothing for an unchecked box. */
    if (field->kind == CONNECTION_KIND_BOOL) {
        *(bool *)value = given.size > 0;
        return;
    }
    if (given.size == 0 && (field->use & CONNECTION_REQUIRED))
        error_field(error, field->column, "%s is missing.", field->label);
    if (given.size == 0 && field->kind != CONNECTION_KIND_SECRET)
        return;
    switch (field->kind) {
    case CONNECTION_KIND_LINE:
        read_line(field, given, value, error);
        break;
    case CONNECTION_KIND_SECRET:
        /* A password is not trimmed: blanks may belong to it. */
        read_line(field, form_value(form->params, form->count, field->column), value, error);
        break;
    case CONNECTION_KIND_CHOICE:
        read_choice(field, given, value, error);
        break;
    case CONNECTION_KIND_ENGINE:
        read_engine(field, given, value, error);
        break;
    case CONNECTION_KIND_INTEGER:
        read_integer(field, given, value, error);
        break;
    case CONNECTION_KIND_NUMBER:
        read_number(field, given, value, error);
        break;
    default:
        break;
    }
}

static enum status read_form(const struct form *form, const struct config *config, struct connection_input *out_input,
                             struct error *error)
{
    const struct connection *values = &out_input->values;
    const char *wrong;

    *out_input = connection_input_new();
    out_input->values.interval_s = config->monitoring_interval_minutes * 60;
    for (int id = 0; id < CONNECTION_FIELD_COUNT; id++)
        if (is_in_form(id))
            read_field(form, &connection_fields[id], connection_input_value(out_input, (enum connection_field_id)id),
                       error);
    wrong = host_check(values->host, config->socket_hosts == 1);
    if (wrong != NULL)
        error_field(error, "host", "The host %s.", wrong);
    if (values->host.size > 0 && values->username.size == 0)
        error_field(error, "username", "Potto needs a user to sign in with there.");
    if (text_equal(values->visibility_scope, TEXT("TEAM_ONLY")) && values->team_id == 0)
        error_field(error, "team_id", "Choose the team that may see it.");
    return error->field_count > 0 ? error->status : STATUS_OK;
}

/* ---- showing ---- */

static void upper(const char *name, const char *prefix, char out[64])
{
    size_t size = (size_t)snprintf(out, 64, "%s%s", prefix, name);

    for (size_t i = 0; i < size && i < 63; i++)
        if (out[i] >= 'a' && out[i] <= 'z')
            out[i] = (char)(out[i] - 'a' + 'A');
}

static void add_option(struct page_data *body, const struct connection_field *field, const char *value,
                       const char *label, struct text current)
{
    char section[64];
    struct page_data *option;

    upper(field->column, "", section);
    option = page_section(body, section);
    page_set_string(option, "VALUE", value);
    page_set_string(option, "LABEL", label);
    page_show(option, "IS_CURRENT", text_equal(current, text_of(value)));
}

static void fill_engines(const struct page *page, const struct connection_field *field, struct text current)
{
    const struct engine *chosen = engine_find(current);

    for (int kind = ENGINE_UNSET + 1; kind < ENGINE_KIND_COUNT; kind++) {
        const struct engine *engine = engine_of_kind((enum engine_kind)kind);
        const char *label = arena_printf(
            page->arena, "%s%s%s%s", engine->label, engine->fork_label == NULL ? "" : " or ",
            engine->fork_label == NULL ? "" : engine->fork_label, engine->is_collected ? "" : " (fed by an agent)");

        add_option(page->body, field, engine->name, label, chosen == NULL ? current : text_of(chosen->name));
    }
}

/* List the choices: first the default, then those after it in the table, then those before it. */
static void fill_choices(const struct page *page, const struct connection_field *field, struct text current)
{
    size_t count = 0, first = 0;

    for (; field->choices[count] != NULL; count++)
        if (strcmp(field->choices[count], field->default_text) == 0)
            first = count;
    for (size_t i = 0; i < count; i++) {
        size_t at = (first + i) % count;

        add_option(page->body, field, field->choices[at], field->choice_labels[at], current);
    }
}

static struct text default_of(int id, size_t team_count)
{
    if (id == CONNECTION_FIELD_VISIBILITY_SCOPE && team_count == 0)
        return TEXT("ORG_WIDE");
    return text_of(connection_fields[id].default_text);
}

/* Set MAX_… to the maximum size of a text in bytes, and DEFAULT_… to the number that an empty field means. The default
 * port is that of the default engine. */
static void fill_bounds(const struct page *page, int id)
{
    const struct connection_field *field = &connection_fields[id];
    double standard = field->default_number;
    char variable[64];

    if (field->kind == CONNECTION_KIND_LINE || field->kind == CONNECTION_KIND_SECRET) {
        upper(field->column, "MAX_", variable);
        page_set_int64(page->body, variable, (int64_t)field->maximum);
        return;
    }
    if (id == CONNECTION_FIELD_PORT)
        standard = engine_of(text_of(connection_fields[CONNECTION_FIELD_ENGINE].default_text))->default_port;
    if (id == CONNECTION_FIELD_INTERVAL_S)
        standard = (double)page->request->config->monitoring_interval_minutes * 60;
    upper(field->column, "DEFAULT_", variable);
    page_set_string(page->body, variable, arena_printf(page->arena, "%.10g", standard));
}

static void fill_fields(const struct page *page, const struct form *form, size_t team_count)
{
    char variable[64];

    for (int id = 0; id < CONNECTION_FIELD_COUNT; id++) {
        const struct connection_field *field = &connection_fields[id];
        struct text given = value_of(form, field->column);

        if (!is_in_form(id))
            continue;
        fill_bounds(page, id);
        if (has_choices(field) && given.size == 0)
            given = default_of(id, team_count);
        if (field->kind == CONNECTION_KIND_ENGINE) {
            fill_engines(page, field, given);
        } else if (has_choices(field)) {
            fill_choices(page, field, given);
        } else if (field->kind == CONNECTION_KIND_BOOL) {
            upper(field->column, "HAS_", variable);
            page_show(page->body, variable, form->count == 0 ? field->default_number != 0 : given.size > 0);
        } else if (field->kind != CONNECTION_KIND_SECRET) {
            upper(field->column, "VALUE_", variable);
            page_set(page->body, variable, text_cut_utf8(given, SHOWN_BYTES_MAX));
        }
    }
}

static void fill_teams(const struct page *page, const struct form *form, const struct team *teams, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct page_data *option = page_section(page->body, "TEAM");
        const char *id = arena_printf(page->arena, "%lld", (long long)teams[i].id);

        page_set_string(option, "VALUE", id);
        page_set(option, "LABEL", teams[i].name);
        page_show(option, "IS_CURRENT",
                  text_equal(value_of(form, "team_id"), text_of(id)) || (form->count == 0 && i == 0));
    }
}

/* Show the form with the values entered so far and the errors in them. */
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
    fill_fields(&page, form, team_count);
    fill_teams(&page, form, teams, team_count);
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
    struct connection_input input;
    struct error problem = {0};
    struct text agent_token;
    enum status status = request_form(request, form.params, &form.count, error);

    if (status == STATUS_OK)
        status = form_check_lines(form.params, form.count, request->arena, error);
    if (status != STATUS_OK)
        return status;
    status = read_form(&form, request->config, &input, &problem);
    if (status == STATUS_OK) {
        status = auth_connection_seal(request->keys, request->store, scope_organization_id(scope), &input,
                                      request->arena, &agent_token, error);
        if (status != STATUS_OK)
            return status;
        status =
            store_connection_create(request->store, scope, &input, request->remote_address, request->arena, &problem);
    }
    if (status == STATUS_CONFLICT || status == STATUS_INVALID) {
        response->code = status_http_code(status);
        return show(request, scope, &form, &problem, response, error);
    }
    if (status != STATUS_OK) {
        *error = problem;
        return status;
    }
    response_redirect(response, arena_printf(request->arena, "/databases/%lld?added=1", (long long)input.values.id));
    return STATUS_OK;
}
