/* The frame of a page; see page.h. */
#include "fcgi/pages/page.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/engine.h"
#include "fcgi/pages/assets.h"
#include "sql/sql_hash.h"
#include "store/read/filter.h"
#include "store/upkeep/health.h"

enum { PERIOD_TEXT_BYTES_MAX = 40 };

static const struct {
    const char *name;
    int64_t span_s;
    const char *label;
} presets[] = {
    {"1h", 3600, "1\xc2\xa0h"},
    {"6h", 6 * 3600, "6\xc2\xa0h"},
    {"24h", 86400, "24\xc2\xa0h"},
    {"7d", 7 * 86400,
     "7\xc2\xa0"
     "d"},
    {"30d", 30 * 86400,
     "30\xc2\xa0"
     "d"},
};
/* If the address has no period: one of the first three presets, namely the shortest that reaches back to the oldest
 * connection, else the longest of them. */
enum { PRESETS_OF_DEFAULT = 3 };

static const struct {
    enum page_section section;
    const char *path;
    const char *link_variable;
    const char *current_section;
    const char *name;
} rail[] = {
    {PAGE_SECTION_OVERVIEW, "/", "OVERVIEW_LINK", "IN_OVERVIEW", "Overview"},
    {PAGE_SECTION_QUERIES, "/queries", "QUERIES_LINK", "IN_QUERIES", "Queries"},
    {PAGE_SECTION_DATABASES, "/databases", "DATABASES_LINK", "IN_DATABASES", "Databases"},
    {PAGE_SECTION_MONGODB, "/mongodb", "MONGODB_LINK", "IN_MONGODB", "MongoDB"},
    {PAGE_SECTION_COLLECTORS, "/collectors", "COLLECTORS_LINK", "IN_COLLECTORS", "Collectors"},
    {PAGE_SECTION_SETTINGS, "/settings/tokens", "SETTINGS_LINK", "IN_SETTINGS", "Settings"},
};

/* Accepts RFC 3339, and the form that <input type="datetime-local"> sends: without seconds and offset, in UTC. */
static bool read_time(const struct request *request, const char *name, int64_t *out_time_us, struct error *error)
{
    struct text value = request_query(request, name);
    char whole[PERIOD_TEXT_BYTES_MAX];

    if (value.size == 0)
        return true;
    if (value.size == strlen("2026-11-20T22:51")) {
        snprintf(whole, sizeof whole, "%.*s:00", (int)value.size, value.data);
        value = text_of(whole);
    }
    if (clock_parse(value, true, out_time_us))
        return true;
    error_field(error, name, "is not a time like 2026-11-20T22:51");
    return false;
}

static const char *choose_default(const struct page *page)
{
    int64_t oldest_us = page->now_us;
    size_t i = 0;

    for (size_t c = 0; c < page->connections.count; c++)
        if (page->connections.items[c].created_at_us < oldest_us)
            oldest_us = page->connections.items[c].created_at_us;
    while (i + 1 < PRESETS_OF_DEFAULT && page->now_us - oldest_us > presets[i].span_s * CLOCK_SECOND_US)
        i++;
    return presets[i].name;
}

static enum status read_period(struct page *page, struct error *error)
{
    const struct request *request = page->request;
    struct text preset = request_query(request, "period");
    int64_t from_us = INT64_MIN, to_us = INT64_MIN;

    if (!read_time(request, "from", &from_us, error) || !read_time(request, "to", &to_us, error))
        return STATUS_INVALID;
    if (from_us != INT64_MIN || to_us != INT64_MIN) {
        link_state_set(&page->common, "from", request_query(request, "from"));
        link_state_set(&page->common, "to", request_query(request, "to"));
        if (to_us == INT64_MIN)
            to_us = page->now_us;
        if (from_us == INT64_MIN)
            from_us = to_us - PERIOD_DEFAULT_S * CLOCK_SECOND_US;
        return period_make(from_us, to_us, page->now_us, &page->period, error);
    }
    if (preset.size == 0)
        preset = text_of(page->preset_default);
    for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++) {
        if (!text_equal(preset, text_of(presets[i].name)))
            continue;
        page->preset = presets[i].name;
        if (strcmp(page->preset, page->preset_default) != 0)
            link_state_set(&page->common, "period", text_of(page->preset));
        return period_make(page->now_us - presets[i].span_s * CLOCK_SECOND_US, page->now_us, page->now_us,
                           &page->period, error);
    }
    return error_field(error, "period", "is none of 1h, 6h, 24h, 7d, 30d");
}

static enum status read_database(struct page *page, struct error *error)
{
    if (request_query(page->request, "connection_id").size == 0)
        return STATUS_OK;
    if (!request_query_int64(page->request, "connection_id", 0, INT64_MAX, &page->connection_id, error))
        return STATUS_INVALID;
    if (page->connection_id == 0)
        return STATUS_OK;
    if (!scope_has_connection(page->scope, page->connection_id))
        return error_set(error, STATUS_ABSENT, "There is no such database, or it is not yours to see.");
    link_state_set(&page->common, "connection_id", request_query(page->request, "connection_id"));
    return STATUS_OK;
}

enum status page_form_of_id(const struct request *request, struct request_param *out_params, int *out_count,
                            int64_t *out_id, struct error *error)
{
    enum status status = request_path_id(request, "id", out_id, error);

    return status == STATUS_OK ? request_form(request, out_params, out_count, error) : status;
}

enum status page_open(const struct request *request, const struct scope *scope, const struct page_about *about,
                      struct page *out_page, struct error *error)
{
    struct page page = {.request = request,
                        .scope = scope,
                        .about = about,
                        .arena = request->arena,
                        .now_us = request->received_at_us,
                        .complete_until_us = INT64_MIN,
                        .path = arena_string(request->arena, request->path.data, request->path.size)};
    enum status status = store_connection_list(request->store, scope, (struct text){NULL, 0}, 0, PAGE_CONNECTIONS_MAX,
                                               request->arena, &page.connections, error);

    page.preset_default = choose_default(&page);
    if (status == STATUS_OK)
        status = read_period(&page, error);
    if (status == STATUS_OK)
        status = read_database(&page, error);
    if (status == STATUS_OK && about->has_period)
        status = store_rollups_complete_until(request->store, page.arena, &page.complete_until_us, error);
    if (status != STATUS_OK)
        return status;
    page.chosen = store_scope_narrow_to(scope, page.connection_id, page.arena);
    page.state = page.common;
    page.frame = page_data_new(request->arena);
    page.body = page_include(page.frame, "BODY", about->template_file);
    page_set_everywhere(page.frame, "CSRF", auth_csrf_token(request->keys, scope, request->arena));
    *out_page = page;
    return STATUS_OK;
}

const struct connection *page_connection(const struct page *page, int64_t connection_id)
{
    for (size_t i = 0; i < page->connections.count; i++)
        if (page->connections.items[i].id == connection_id)
            return &page->connections.items[i];
    return NULL;
}

struct text page_link_change(const struct page *page, const char *name, struct text value)
{
    return link_change(page->arena, page->path, &page->state, name, value);
}

struct text page_link_to(const struct page *page, const char *path)
{
    return link_make(page->arena, path, &page->common);
}

struct text page_link_connection(const struct page *page, int64_t connection_id)
{
    return link_change(page->arena, arena_printf(page->arena, "/databases/%lld", (long long)connection_id),
                       &page->common, "connection_id", (struct text){NULL, 0});
}

struct text page_link_query(const struct page *page, struct sql_hash hash)
{
    char hex[SQL_HASH_HEX_BYTES];

    return page_link_to(page, arena_printf(page->arena, "/queries/%s", sql_hash_format(hash, hex)));
}

void page_set_duration(struct page_data *data, const char *name, double duration_ms)
{
    char text[FORMAT_BYTES];

    page_set_string(data, name, format_duration(duration_ms, text));
}

void page_set_count(struct page_data *data, const char *name, double count)
{
    char text[FORMAT_BYTES];

    page_set_string(data, name, format_count(count, text));
}

static void set_exact(struct page_data *data, const char *name, int64_t time_us)
{
    char variable[64], text[FORMAT_BYTES];

    snprintf(variable, sizeof variable, "%s_EXACT", name);
    page_set_string(data, variable, time_us == INT64_MIN ? "" : format_time_exact(time_us, text));
}

void page_set_ago(const struct page *page, struct page_data *data, const char *name, int64_t time_us)
{
    char text[FORMAT_BYTES];

    page_set_string(data, name, format_ago(time_us, page->now_us, text));
    set_exact(data, name, time_us);
}

void page_set_time(const struct page *page, struct page_data *data, const char *name, int64_t time_us)
{
    char text[FORMAT_BYTES];

    page_set_string(data, name, format_time(time_us, page->now_us, text));
    set_exact(data, name, time_us);
}

struct text page_engine_name(const struct connection *connection)
{
    const struct engine *engine = engine_of(connection->engine);
    struct text version = connection->server_version;

    if (engine == NULL)
        return connection->engine;
    if (engine->fork_label != NULL && version.size > 0 &&
        memmem(version.data, version.size, engine->fork_label, strlen(engine->fork_label)) != NULL)
        return text_of(engine->fork_label);
    return text_of(engine->label);
}

/* A form of the bar sends the rest of the state along, in hidden fields. `left_out` names the parameters that the form
 * itself sets. */
static void add_hidden(struct page_data *data, const struct link_state *state, const char *const *left_out)
{
    for (int i = 0; i < state->count; i++) {
        const struct link_param *param = &state->params[i];
        const char *const *name = left_out;
        struct page_data *hidden;

        while (*name != NULL && strcmp(*name, param->name) != 0)
            name++;
        if (*name != NULL)
            continue;
        hidden = page_section(data, "HIDDEN");
        page_set_string(hidden, "NAME", param->name);
        page_set(hidden, "VALUE", param->value);
    }
}

static void fill_period(struct page *page)
{
    static const char *const own[] = {"period", "from", "to", "page", NULL};
    struct page_data *picker = page_section(page->frame, "PERIOD");
    struct link_state base = page->state;
    char from[FORMAT_BYTES], to[FORMAT_BYTES];

    for (int i = 0; own[i] != NULL; i++)
        link_state_set(&base, own[i], (struct text){NULL, 0});
    for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++) {
        struct page_data *preset = page_section(picker, "PRESET");
        bool is_default = strcmp(presets[i].name, page->preset_default) == 0;

        page_set_string(preset, "LABEL", presets[i].label);
        page_set(preset, "LINK",
                 link_change(page->arena, page->path, &base, "period", text_of(is_default ? "" : presets[i].name)));
        page_show(preset, "IS_CURRENT", page->preset != NULL && strcmp(page->preset, presets[i].name) == 0);
    }
    page_set_string(picker, "PATH", page->path);
    add_hidden(picker, &page->state, own);
    page_set_string(picker, "FROM_INPUT", format_time_input(page->period.from_us, from));
    page_set_string(picker, "TO_INPUT", format_time_input(page->period.to_us, to));
    page_show(picker, "IS_CUSTOM", page->preset == NULL);
    page_set_string(picker, "CUSTOM_LABEL",
                    page->preset != NULL ? "Custom"
                                         : arena_printf(page->arena, "%s \xe2\x80\x93 %s",
                                                        format_time(page->period.from_us, page->now_us, from),
                                                        format_time(page->period.to_us, page->now_us, to)));
}

static void fill_database(struct page *page)
{
    static const char *const own[] = {"connection_id", "page", NULL};
    struct page_data *selector = page_section(page->frame, "DATABASE");

    page_set_string(selector, "PATH", page->path);
    add_hidden(selector, &page->state, own);
    for (size_t i = 0; i < page->connections.count; i++) {
        struct page_data *option = page_section(selector, "OPTION");

        page_set_int64(option, "ID", page->connections.items[i].id);
        page_set(option, "NAME", page->connections.items[i].name);
        page_show(option, "IS_CURRENT", page->connections.items[i].id == page->connection_id);
    }
}

static enum status expand(const struct request *request, const char *file, struct page_data *frame,
                          struct response *response, struct error *error)
{
    assets_set(frame, request->config->static_path);
    page_include(frame, "HEAD", "head.tpl");
    response->content_type = "text/html; charset=utf-8";
    buffer_clear(&response->body);
    return page_expand(request->config->templates_path, file, frame, &response->body, error);
}

enum status page_close(struct page *page, struct response *response, struct error *error)
{
    page_set_everywhere(page->frame, "TITLE", text_of(page->about->title));
    page_set_string(page->frame, "EMAIL", scope_user_email(page->scope));
    for (size_t i = 0; i < sizeof rail / sizeof rail[0]; i++) {
        page_set(page->frame, rail[i].link_variable, page_link_to(page, rail[i].path));
        if (rail[i].section != page->about->section)
            continue;
        page_show(page->frame, rail[i].current_section, true);
        /* A page below a section has a link to the section. */
        if (strcmp(page->path, rail[i].path) != 0) {
            struct page_data *below = page_section(page->frame, "IS_BELOW");

            page_set(below, "SECTION_LINK", page_link_to(page, rail[i].path));
            page_set_string(below, "SECTION_NAME", rail[i].name);
        }
    }
    if (page->about->has_period)
        fill_period(page);
    if (page->complete_until_us != INT64_MIN)
        page_set_time(page, page_section(page->frame, "ROLLUPS_LATE"), "COMPLETE_UNTIL", page->complete_until_us);
    if (page->about->has_database && page->connections.count > 0)
        fill_database(page);
    page_show(page->frame, "IS_LIVE", page->preset != NULL && page->about->has_period);
    return expand(page->request, "frame.tpl", page->frame, response, error);
}

enum status page_bare(const struct request *request, const char *title, const char *template_file,
                      struct page_data *body, struct response *response, struct error *error)
{
    page_set_everywhere(body, "TITLE", text_of(title));
    return expand(request, template_file, body, response, error);
}
