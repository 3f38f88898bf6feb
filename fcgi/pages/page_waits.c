/* The page of what the sessions of one database wait for: how many are active, what holds them, who keeps others
 * waiting? */
#include "base/engine.h"
#include "fcgi/handlers.h"
#include "fcgi/pages/logs_view.h"
#include "fcgi/pages/page.h"
#include "fcgi/pages/waits_view.h"
#include "store/admin/connection_change.h"

#include <math.h>

#include "store/read/filter.h"

enum { GROUPS_SHOWN = 10 };

static const struct page_about about = {
    .title = "Waits", .template_file = "waits.tpl", .section = PAGE_SECTION_DATABASES, .has_period = true};

/* Of whom the sessions are: by the parameter `by`. The first is the default. */
static const struct {
    const char *name, *label;
} owners[] = {{"user", "User"}, {"host", "Host"}, {"application", "Application"}};
enum { OWNERS = sizeof owners / sizeof owners[0] };

struct reading {
    struct connection connection;
    struct waits_watch watch;
    struct waits_report report; /* by class */
    struct waits_totals totals;
    struct waits_groups waits, statements, owners;
    size_t owner; /* of the table */
    struct deadlock_list deadlocks;
};

/* Members may switch it, where the collector reads the engine. */
static void fill_switch(const struct page *page, const struct connection *connection)
{
    const struct engine *engine = engine_of(connection->engine);
    struct page_data *form;

    if (scope_role(page->scope) < ROLE_MEMBER || connection->host.size == 0 || engine == NULL || !engine->is_collected)
        return;
    form = page_section(page->body, "SWITCH");
    page_set_int64(form, "ID", connection->id);
    page_show(form, "IS_ON", connection->waits_enabled);
    page_show(form, "IS_OFF", !connection->waits_enabled);
}

static enum status read_owner(struct page *page, size_t *out_owner, struct error *error)
{
    struct text given = request_query(page->request, "by");

    *out_owner = 0;
    if (given.size == 0)
        return STATUS_OK;
    for (size_t i = 0; i < OWNERS; i++)
        if (text_equal(given, text_of(owners[i].name))) {
            *out_owner = i;
            if (i > 0)
                link_state_set(&page->state, "by", given);
            return STATUS_OK;
        }
    return error_field(error, "by", "is none of user, host, application");
}

static enum status read_all(struct page *page, int64_t connection_id, struct reading *out, struct error *error)
{
    struct store *store = page->request->store;
    const struct scope *chosen = store_scope_narrow_to(page->scope, connection_id, page->arena);
    struct waits_filter filter = {.period = page->period, .group_by = "wait_class", .group_max = WAITS_GROUPS_MAX};
    enum status status = store_waits_watch_get(store, chosen, connection_id, page->arena, &out->watch, error);

    if (status == STATUS_OK)
        status = store_waits_report(store, chosen, &filter, page->arena, &out->report, error);
    filter.group_max = GROUPS_SHOWN;
    filter.group_by = "wait";
    if (status == STATUS_OK)
        status = store_waits_groups(store, chosen, &filter, &out->report, page->arena, &out->waits, error);
    filter.group_by = "statement";
    if (status == STATUS_OK)
        status = store_waits_groups(store, chosen, &filter, &out->report, page->arena, &out->statements, error);
    filter.group_by = owners[out->owner].name;
    if (status == STATUS_OK)
        status = store_waits_groups(store, chosen, &filter, &out->report, page->arena, &out->owners, error);
    if (status == STATUS_OK)
        status = store_deadlock_list(store, chosen, &page->period, LOGS_VIEW_DEADLOCKS_MAX, page->arena,
                                     &out->deadlocks, error);
    if (status == STATUS_OK)
        out->totals = waits_totals(&out->report);
    return status;
}

/* The part of the period, as far as it has passed, in which somebody looked. */
static double watched_share(const struct page *page, const struct waits_totals *totals)
{
    int64_t to_us = page->period.to_us < page->now_us ? page->period.to_us : page->now_us;

    return fmin(totals->watched_ms * 1000 / fmax((double)(to_us - page->period.from_us), 1), 1);
}

static void fill_tiles(const struct page *page, struct page_data *data, const struct reading *reading)
{
    const struct waits_totals *totals = &reading->totals;
    const struct waits_groups *classes = &reading->report.groups;
    double locks = waits_view_class_share(classes, WAIT_CLASS_LOCK);
    char text[FORMAT_BYTES];

    page_set_string(data, "ACTIVE", format_mean(classes->session_ms / totals->watched_ms, text));
    page_set_string(data, "AT_WORK", format_share(waits_view_class_share(classes, WAIT_CLASS_CPU), text));
    page_set_string(data, "LOCKED", format_share(locks, text));
    page_set_duration(data, "KEPT", waits_view_kept_ms(&reading->report));
    page_set_count(data, "LOOKS", (double)totals->look_count);
    page_set_string(data, "WATCHED", format_share(watched_share(page, totals), text));
    page_set_string(data, "COST", format_share(totals->cost_us / totals->watched_ms / 1000, text));
}

static void fill_owners(struct page *page, struct page_data *data, const struct reading *reading,
                        enum sql_dialect dialect)
{
    const char *shown = owners[reading->owner].name;

    for (size_t i = 0; i < OWNERS; i++) {
        struct page_data *choice = page_section(data, "OWNER");

        page_set_string(choice, "LABEL", owners[i].label);
        page_set(choice, "LINK",
                 page_link_change(page, "by", i == 0 ? (struct text){NULL, 0} : text_of(owners[i].name)));
        page_show(choice, "IS_CURRENT", i == reading->owner);
    }
    page_set_string(data, "OWNER_NAME", owners[reading->owner].label);
    waits_view_groups(page, page_section(data, "OWNERS"), &reading->owners, shown, dialect, reading->totals.watched_ms);
}

static void fill_waits(struct page *page, const struct reading *reading)
{
    enum sql_dialect dialect = sql_dialect_of(reading->connection.engine);
    struct page_data *data = page_section(page->body, "HAS_LOOKS"), *tables;
    double watched_ms = reading->totals.watched_ms;

    page_set_string(data, "SENTENCE", waits_view_sentence(page, &reading->report.groups, &reading->totals));
    fill_tiles(page, data, reading);
    if (reading->report.groups.session_ms <= 0) {
        page_show(data, "NOTHING", true);
        return;
    }
    waits_view_chart(page, &reading->report);
    tables = page_section(page->body, "TABLES");
    waits_view_groups(page, page_section(tables, "WAITS"), &reading->waits, "wait", dialect, watched_ms);
    fill_owners(page, tables, reading, dialect);
    waits_view_groups(page, page_section(tables, "STATEMENTS"), &reading->statements, "statement", dialect, watched_ms);
    if (reading->report.root_count > 0)
        waits_view_roots(page, tables, &reading->report, dialect);
    page_show(tables, "NO_ROOTS", reading->report.root_count == 0);
}

enum status page_waits(const struct request *request, const struct scope *scope, struct response *response,
                       struct error *error)
{
    struct reading reading = {.owner = 0};
    struct page_about named = about;
    int64_t connection_id = 0;
    const char *why;
    struct page page;
    enum status status = request_path_id(request, "id", &connection_id, error);

    if (status == STATUS_OK)
        status = page_open(request, scope, &named, &page, error);
    if (status == STATUS_OK)
        status = read_owner(&page, &reading.owner, error);
    if (status == STATUS_OK)
        status = store_connection_get(request->store, scope, connection_id, request->arena, &reading.connection, error);
    if (status == STATUS_OK)
        status = read_all(&page, connection_id, &reading, error);
    if (status != STATUS_OK)
        return status;
    named.title =
        arena_printf(request->arena, "Waits of %.*s", (int)reading.connection.name.size, reading.connection.name.data);
    page_set(page.body, "NAME", reading.connection.name);
    page_set(page.body, "DATABASE_LINK", page_link_connection(&page, connection_id));
    waits_view_problem(page.body, &reading.watch);
    fill_switch(&page, &reading.connection);
    why = waits_view_why_none(&page, &reading.connection, &reading.watch, &reading.totals);
    if (why != NULL)
        page_set_string(page_section(page.body, "NO_LOOKS"), "WHY", why);
    else
        fill_waits(&page, &reading);
    logs_view_deadlocks(&page, &reading.deadlocks, sql_dialect_of(reading.connection.engine));
    return page_close(&page, response, error);
}

/* The form: looking is switched on or off. */
enum status page_waits_switch(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    struct request_param params[REQUEST_QUERY_MAX];
    struct connection_input input = {.is_given = {[CONNECTION_FIELD_WAITS_ENABLED] = true}};
    struct connection changed;
    int64_t connection_id = 0;
    int count = 0;
    enum status status = page_form_of_id(request, params, &count, &connection_id, error);

    if (status != STATUS_OK)
        return status;
    input.values.waits_enabled = text_equal(form_value(params, count, "looks"), TEXT("on"));
    status = store_connection_update(request->store, scope, connection_id, &input, request->remote_address,
                                     request->arena, &changed, error);
    if (status == STATUS_OK)
        response_redirect(response, arena_printf(request->arena, "/databases/%lld/waits", (long long)connection_id));
    return status;
}
