/* Filling the variables of a database; see database_view.h. */
#include "fcgi/pages/database_view.h"

#include <stdlib.h>

#include "fcgi/pages/attention.h"

static struct text address_of(const struct page *page, const struct connection *connection)
{
    const char *port = connection->port > 0 ? arena_printf(page->arena, ":%lld", (long long)connection->port) : "";

    if (connection->host.size == 0)
        return TEXT("fed by an agent");
    return text_of(arena_printf(page->arena, "%.*s%s%s%.*s", (int)connection->host.size, connection->host.data, port,
                                connection->database_name.size > 0 ? "/" : "", (int)connection->database_name.size,
                                connection->database_name.data == NULL ? "" : connection->database_name.data));
}

/* The version number alone: "15.20" from "15.20 (Debian 15.20-0+deb12u1)", "10.11.19" from
 * "10.11.19-MariaDB-0+deb12u1-log". */
static struct text short_version(struct text version)
{
    size_t size = 0;

    while (size < version.size && version.data[size] != ' ' && version.data[size] != '-')
        size++;
    return (struct text){version.data, size};
}

static struct text visibility_of(const struct connection *connection)
{
    static const char *const names[][2] = {
        {"TEAM_ONLY", "its team"}, {"ORG_WIDE", "everybody"}, {"USER_ONLY", "its owner alone"}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_equal(connection->visibility_scope, text_of(names[i][0])))
            return text_of(names[i][1]);
    return connection->visibility_scope;
}

/* When the collector looks at the database next. */
static void fill_next_look(const struct page *page, struct page_data *data, const struct connection *connection)
{
    bool is_paused = connection->paused_until_us > page->now_us;
    int64_t next_us = connection->next_run_at_us;
    struct page_data *section;
    char text[FORMAT_BYTES];

    if (attention_is_agent_only(connection) || !connection->is_active || !connection->monitoring_enabled ||
        next_us == INT64_MIN)
        return;
    section = page_section(data, "HAS_NEXT");
    format_duration((double)llabs(next_us - page->now_us) / 1000, text);
    page_set_string(section, "NEXT",
                    next_us > page->now_us ? arena_printf(page->arena, "in %s%s", text, is_paused ? ", paused" : "")
                                           : arena_printf(page->arena, "due for %s", text));
    page_set_string(section, "NEXT_EXACT", format_time_exact(next_us, text));
}

void database_view_fill(const struct page *page, struct page_data *data, const struct connection *connection)
{
    enum watch_state state = attention_watch_state(connection, page->now_us);
    struct text problem = attention_watch_problem(page, connection);
    char text[FORMAT_BYTES];

    page_set(data, "NAME", connection->name);
    page_set(data, "LINK", page_link_connection(page, connection->id));
    page_set(data, "ENGINE", page_engine_name(connection));
    if (connection->server_version.size > 0) {
        struct page_data *version = page_section(data, "HAS_VERSION");

        page_set(version, "VERSION", short_version(connection->server_version));
        page_set(version, "VERSION_WHOLE", connection->server_version);
    }
    page_set(data, "ADDRESS", address_of(page, connection));
    page_set_string(data, "STATE", attention_watch_label(state));
    page_set_string(data, "STATE_CLASS", attention_watch_class(state));
    if (problem.size > 0) {
        struct page_data *section = page_section(data, "HAS_PROBLEM");

        page_set(section, "PROBLEM", problem);
        page_show_text(section, "HAS_REMEDY", "REMEDY", connection->remedy);
    }
    page_set_ago(page, data, "LAST_DATA", connection->last_data_at_us);
    page_set_ago(page, data, "LAST_RUN", connection->last_run_at_us);
    page_set_ago(page, data, "LAST_SUCCESS", connection->last_success_at_us);
    fill_next_look(page, data, connection);
    page_show(data, "HAS_RUN", connection->last_run_at_us != INT64_MIN);
    page_show(data, "NO_RUN", connection->last_run_at_us == INT64_MIN);
    page_set_count(data, "FOUND", (double)connection->total_found);
    page_set_count(data, "LAST_FOUND", (double)connection->last_found);
    page_set_duration(data, "LAST_DURATION", connection->last_duration_ms);
    page_set_string(data, "INTERVAL", format_span(connection->interval_s, text));
    page_set_duration(data, "MIN_DURATION", connection->min_duration_ms);
    page_set(data, "TEAM", connection->team_name.size > 0 ? connection->team_name : TEXT("\xe2\x80\x93"));
    page_set(data, "VISIBILITY", visibility_of(connection));
}
