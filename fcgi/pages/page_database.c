/* The page of one database: is it watched well, which queries run there, and how does an agent feed it? */
#include "auth/connection_secrets.h"
#include "fcgi/handlers.h"
#include "fcgi/pages/attention.h"
#include "fcgi/pages/coverage_view.h"
#include "fcgi/pages/database_view.h"
#include "fcgi/pages/logs_view.h"
#include "fcgi/pages/overhead_view.h"
#include "fcgi/pages/page.h"
#include "fcgi/pages/query_view.h"
#include "fcgi/pages/series_view.h"
#include "fcgi/pages/waits_view.h"
#include "store/admin/agent_token.h"
#include "store/admin/connection_change.h"
#include "store/ingest/budget.h"
#include "store/read/filter.h"
#include "store/read/overview_series.h"

enum { TOP_QUERIES = 5 };

static const struct page_about about = {
    .title = "Database", .template_file = "database.tpl", .section = PAGE_SECTION_DATABASES, .has_period = true};

/* The outcome of an action on the page, to be shown. */
struct outcome {
    struct text token; /* the token, revealed or new; data NULL: shown masked */
    bool is_new_token;
};

static void fill_agent(struct page *page, const struct connection *connection, const struct outcome *outcome)
{
    bool may_reveal = scope_role(page->scope) >= ROLE_MEMBER && connection->agent_token_hint.size > 0;
    struct text token = outcome->token;

    page_set(page->body, "HINT", connection->agent_token_hint.size > 0 ? connection->agent_token_hint : TEXT("none"));
    if (token.size > 0) {
        page_set(page_section(page->body, "TOKEN_SHOWN"), "TOKEN", token);
        page_show(page->body, "TOKEN_IS_NEW", outcome->is_new_token);
    } else {
        page_show(page->body, "TOKEN_MASKED", true);
        token = TEXT("agt_YOUR_TOKEN_HERE");
    }
    page_show(page->body, "MAY_REVEAL", may_reveal && outcome->token.size == 0);
    page_show(page->body, "MAY_ROTATE", scope_role(page->scope) >= ROLE_MEMBER);
    page_set(page->body, "CURL_TOKEN", token);
    page_set_string(page->body, "PUBLIC_URL", page->request->config->public_url);
}

/* A MongoDB has nodes where others have queries. */
static void fill_mongodb(struct page *page, const struct connection *connection, const struct link_state *with_database)
{
    bool is_mongodb = text_equal(connection->engine, TEXT("mongodb"));

    page_show(page->body, "NOT_MONGODB", !is_mongodb);
    if (is_mongodb)
        page_set(page_section(page->body, "MONGODB"), "LINK", link_make(page->arena, "/mongodb", with_database));
}

static void fill_settings(struct page *page, const struct connection *connection)
{
    page_set(page->body, "USERNAME", connection->username.size > 0 ? connection->username : TEXT("\xe2\x80\x93"));
    page_set_string(page->body, "PASSWORD", connection->has_password ? "kept, encrypted" : "none");
    page_set(page->body, "TLS_MODE", connection->tls_mode);
    page_set_string(page->body, "LITERALS", connection->keep_literals ? "kept" : "replaced before they are stored");
    page_set_string(page->body, "LOOKED_AT", connection->waits_enabled ? "looked at" : "left alone");
    page_set_time(page, page->body, "CREATED", connection->created_at_us);
    page_show(page->body, "IS_COLLECTED", !attention_is_agent_only(connection));
    page_show(page->body, "IS_AGENT_ONLY", attention_is_agent_only(connection));
}

/* What its sessions wait for, in a sentence. Nobody looks at those of an engine that only agents read. */
static enum status fill_waits(struct page *page, const struct connection *connection, struct error *error)
{
    struct store *store = page->request->store;
    const struct scope *chosen = store_scope_narrow_to(page->scope, connection->id, page->arena);
    const struct waits_filter filter = {
        .period = page->period, .group_by = "wait_class", .group_max = WAITS_GROUPS_MAX};
    struct waits_report report;
    struct waits_totals totals;
    struct waits_watch watch;
    struct page_data *data, *looks;
    const char *why;
    enum status status;

    if (attention_is_agent_only(connection))
        return STATUS_OK;
    status = store_waits_report(store, chosen, &filter, page->arena, &report, error);
    if (status == STATUS_OK)
        status = store_waits_watch_get(store, chosen, connection->id, page->arena, &watch, error);
    if (status != STATUS_OK)
        return status;
    totals = waits_totals(&report);
    data = page_section(page->body, "WAITS");
    page_set(data, "WAITS_LINK",
             page_link_to(page, arena_printf(page->arena, "/databases/%lld/waits", (long long)connection->id)));
    waits_view_problem(data, &watch);
    why = waits_view_why_none(page, connection, &watch, &totals);
    if (why != NULL) {
        page_set_string(page_section(data, "NO_LOOKS"), "WHY", why);
        return STATUS_OK;
    }
    looks = page_section(data, "HAS_LOOKS");
    page_set_string(looks, "SENTENCE", waits_view_sentence(page, &report.groups, &totals));
    if (report.root_count > 0)
        page_set_duration(page_section(looks, "HAS_ROOTS"), "KEPT", waits_view_kept_ms(&report));
    return STATUS_OK;
}

static enum status fill_coverage(struct page *page, const struct connection *connection, const struct scope *chosen,
                                 struct error *error)
{
    struct coverage_report report;
    enum status status;

    if (attention_is_agent_only(connection))
        return STATUS_OK;
    status = store_coverage_report(page->request->store, chosen, &page->period, page->arena, &report, error);
    if (status == STATUS_OK)
        coverage_view_fill(page, &report, connection);
    return status;
}

static enum status fill_overhead(struct page *page, const struct connection *connection, struct error *error)
{
    struct overhead_report report;
    enum status status;

    if (attention_is_agent_only(connection))
        return STATUS_OK;
    status = store_overhead_get(page->request->store, page->scope, connection->id, page->arena, &report, error);
    if (status == STATUS_OK)
        overhead_view_fill(page, &report, connection);
    return status;
}

static enum status fill_logs(struct page *page, const struct scope *chosen, struct error *error)
{
    struct log_file_row *files = NULL;
    size_t count = 0;
    enum status status = store_log_file_list(page->request->store, chosen, page->arena, &files, &count, error);

    if (status == STATUS_OK)
        logs_view_files(page, files, count);
    return status;
}

static void fill_budget(struct page *page, double used)
{
    char text[FORMAT_BYTES];

    page_set_string(page->body, "BUDGET_USED", format_share(used, text));
    page_show(page->body, "IS_OVER_BUDGET", used >= 1);
}

static enum status show(const struct request *request, const struct scope *scope, int64_t connection_id,
                        const struct outcome *outcome, struct response *response, struct error *error)
{
    static const enum series_measure measures[] = {SERIES_TIME, SERIES_CALLS, SERIES_SLOW, SERIES_MEASURE_UNSET};
    const struct scope *chosen;
    struct query_filter filter = {.limit = TOP_QUERIES};
    struct query_summary_list queries = {0};
    struct series series = {0};
    struct connection connection;
    struct link_state with_database;
    struct page_about named = about;
    const struct budget budget = BUDGET_OF(*request->config, connection);
    double used = 0;
    struct page page;
    enum status status = page_open(request, scope, &named, &page, error);

    if (status == STATUS_OK)
        status = store_connection_get(request->store, scope, connection_id, request->arena, &connection, error);
    if (status == STATUS_OK)
        status = budget_used(request->store, scope, connection_id, &budget, request->arena, &used, error);
    if (status != STATUS_OK)
        return status;
    filter.period = page.period;
    chosen = store_scope_narrow_to(scope, connection_id, request->arena);
    status = store_overview_series(request->store, chosen, &page.period, request->arena, &series, error);
    if (status == STATUS_OK)
        status = store_query_summary_list(request->store, chosen, &filter, request->arena, &queries, error);
    if (status == STATUS_OK)
        status = fill_waits(&page, &connection, error);
    if (status == STATUS_OK)
        status = fill_coverage(&page, &connection, chosen, error);
    if (status == STATUS_OK)
        status = fill_overhead(&page, &connection, error);
    if (status == STATUS_OK)
        status = fill_logs(&page, chosen, error);
    if (status != STATUS_OK)
        return status;
    named.title = arena_string(request->arena, connection.name.data, connection.name.size);
    /* The picker of this page links to the page itself, also after a form was sent to another path. */
    page.path = arena_printf(request->arena, "/databases/%lld", (long long)connection_id);
    page_set_int64(page.body, "ID", connection_id);
    database_view_fill(&page, page.body, &connection);
    fill_settings(&page, &connection);
    fill_agent(&page, &connection, outcome);
    series_view_fill(&page, &series, measures);
    for (size_t i = 0; i < queries.count; i++)
        query_view_summary(&page, page_section(page.body, "QUERY"), &queries.items[i]);
    page_show(page.body, "HAS_QUERIES", queries.count > 0);
    page_show(page.body, "NO_QUERIES", queries.count == 0);
    page_show(page.body, "IS_ADDED", request_query(request, "added").size > 0);
    fill_budget(&page, used);
    with_database = page.common;
    link_state_set(&with_database, "connection_id",
                   text_of(arena_printf(page.arena, "%lld", (long long)connection_id)));
    page_set(page.body, "QUERIES_LINK", link_make(page.arena, "/queries", &with_database));
    fill_mongodb(&page, &connection, &with_database);
    return page_close(&page, response, error);
}

enum status page_database(const struct request *request, const struct scope *scope, struct response *response,
                          struct error *error)
{
    struct outcome outcome = {.is_new_token = false};
    int64_t connection_id = 0;
    enum status status = request_path_id(request, "id", &connection_id, error);

    if (status != STATUS_OK)
        return status;
    return show(request, scope, connection_id, &outcome, response, error);
}

enum status page_database_reveal(const struct request *request, const struct scope *scope, struct response *response,
                                 struct error *error)
{
    struct outcome outcome = {.is_new_token = false};
    struct text ciphertext;
    int64_t connection_id = 0;
    enum status status = request_path_id(request, "id", &connection_id, error);

    if (status == STATUS_OK)
        status = store_connection_reveal_token(request->store, scope, connection_id, request->remote_address,
                                               request->arena, &ciphertext, error);
    if (status == STATUS_OK)
        status = auth_agent_token_open(request->keys, scope_organization_id(scope), connection_id, ciphertext,
                                       request->arena, &outcome.token, error);
    if (status != STATUS_OK)
        return status;
    return show(request, scope, connection_id, &outcome, response, error);
}

enum status page_database_rotate(const struct request *request, const struct scope *scope, struct response *response,
                                 struct error *error)
{
    struct outcome outcome = {.is_new_token = true};
    struct auth_agent_token token;
    struct text ciphertext;
    int64_t connection_id = 0;
    enum status status = request_path_id(request, "id", &connection_id, error);

    if (status == STATUS_OK)
        status = auth_connection_token_new(request->keys, scope_organization_id(scope), connection_id, request->arena,
                                           &token, &ciphertext, error);
    if (status == STATUS_OK)
        status = store_connection_set_token(request->store, scope, connection_id, token.hash, ciphertext, token.hint,
                                            request->remote_address, request->arena, error);
    if (status != STATUS_OK)
        return status;
    outcome.token = token.token;
    return show(request, scope, connection_id, &outcome, response, error);
}

/* The form: another overhead budget. */
enum status page_database_overhead(const struct request *request, const struct scope *scope, struct response *response,
                                   struct error *error)
{
    const struct connection_field *field = &connection_fields[CONNECTION_FIELD_OVERHEAD_BUDGET_PERCENT];
    struct request_param params[REQUEST_QUERY_MAX];
    struct connection_input input = {.is_given = {[CONNECTION_FIELD_OVERHEAD_BUDGET_PERCENT] = true}};
    double *percent = &input.values.overhead_budget_percent;
    struct connection changed;
    int64_t connection_id = 0;
    int count = 0;
    enum status status = page_form_of_id(request, params, &count, &connection_id, error);

    if (status != STATUS_OK)
        return status;
    if (!text_to_double(text_trim(form_value(params, count, "percent")), percent) ||
        !(*percent >= field->minimum && *percent <= field->maximum))
        return error_field(error, field->name, "must be %.10g to %.10g", field->minimum, field->maximum);
    status = store_connection_update(request->store, scope, connection_id, &input, request->remote_address,
                                     request->arena, &changed, error);
    if (status == STATUS_OK)
        response_redirect(response, arena_printf(request->arena, "/databases/%lld#overhead", (long long)connection_id));
    return status;
}
