/* The page of queries: which statements cost most? */
#include "fcgi/handlers.h"
#include "fcgi/pages/page.h"
#include "fcgi/pages/query_view.h"
#include "store/read/filter.h"

#include <string.h>

#include "base/engine.h"

enum { QUERIES_PAGE = 50, QUERIES_PAGES_MAX = 20 };

static const struct page_about about = {.title = "Queries",
                                        .template_file = "queries.tpl",
                                        .section = PAGE_SECTION_QUERIES,
                                        .has_period = true,
                                        .has_database = true};

/* Sortable columns: the name in the address, and the variables of the header. */
static const struct column {
    const char *name; /* the value of ?sort= */
    enum query_sort sort;
    const char *section; /* in queries.tpl */
} columns[] = {
    {"total", QUERY_SORT_TOTAL, "SORT_TOTAL"}, {"calls", QUERY_SORT_CALLS, "SORT_CALLS"},
    {"mean", QUERY_SORT_MEAN, "SORT_MEAN"},    {"max", QUERY_SORT_MAX, "SORT_MAX"},
    {"rows", QUERY_SORT_ROWS, "SORT_ROWS"},    {"last_seen", QUERY_SORT_LAST_SEEN, "SORT_LAST_SEEN"},
    {"locks", QUERY_SORT_LOCKS, "SORT_LOCKS"},
};

/* Choices of the selects of the filter; the first one is "all". */
struct choice {
    const char *value, *label;
};
static const struct choice kinds[] = {{"", "Any kind"},       {"select", "SELECT"}, {"insert", "INSERT"},
                                      {"update", "UPDATE"},   {"delete", "DELETE"}, {"merge", "MERGE"},
                                      {"replace", "REPLACE"}, {"ddl", "DDL"},       {"transaction", "Transaction"},
                                      {"utility", "Utility"}, {"other", "Other"}};

static const struct choice catalogs[] = {{"", "Without catalogue queries"}, {"all", "With catalogue queries"}};

static enum status read_choice(struct page *page, const char *name, const struct choice *choices, size_t count,
                               struct text *out_value, struct error *error)
{
    struct text value = request_query(page->request, name);

    if (value.size == 0)
        return STATUS_OK;
    for (size_t i = 0; i < count; i++)
        if (text_equal(value, text_of(choices[i].value))) {
            *out_value = value;
            link_state_set(&page->state, name, value);
            return STATUS_OK;
        }
    return error_field(error, name, "is not one of the choices");
}

static enum status read_engine(struct page *page, struct text *out_name, struct error *error)
{
    struct text value = request_query(page->request, "engine");
    const struct engine *engine = engine_find(value);

    if (value.size == 0)
        return STATUS_OK;
    if (engine == NULL)
        return error_field(error, "engine", "is not one of the choices");
    *out_name = text_of(engine->name);
    link_state_set(&page->state, "engine", *out_name);
    return STATUS_OK;
}

static void add_option(struct page *page, const char *section, const char *value, const char *label,
                       struct text current)
{
    struct page_data *option = page_section(page->body, section);

    page_set_string(option, "VALUE", value);
    page_set_string(option, "LABEL", label);
    page_show(option, "IS_CURRENT", text_equal(current, text_of(value)));
}

static void fill_engines(struct page *page, struct text current)
{
    add_option(page, "ENGINE", "", "Any engine", current);
    for (int kind = ENGINE_UNSET + 1; kind < ENGINE_KIND_COUNT; kind++) {
        const struct engine *engine = engine_of_kind((enum engine_kind)kind);
        const char *label = engine->fork_label == NULL
                                ? engine->label
                                : arena_printf(page->arena, "%s / %s", engine->label, engine->fork_label);

        add_option(page, "ENGINE", engine->name, label, current);
    }
}

static enum status read_sort(struct page *page, struct query_filter *filter, struct error *error)
{
    struct text sort = request_query(page->request, "sort");

    filter->sort = QUERY_SORT_TOTAL;
    if (sort.size == 0 || text_equal(sort, text_of(columns[0].name)))
        return STATUS_OK;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        if (text_equal(sort, text_of(columns[i].name))) {
            filter->sort = columns[i].sort;
            link_state_set(&page->state, "sort", sort);
            return STATUS_OK;
        }
    return error_field(error, "sort", "is not one of the columns");
}

/* Read the filter of the page. *out_chosen is the scope with only the chosen connections. */
static enum status read_page_filter(struct page *page, struct query_filter *filter, struct text *out_engine,
                                    const struct scope **out_chosen, int64_t *out_number, struct error *error)
{
    struct connection_filter connections = {0};
    struct text catalog = {NULL, 0}, tag = request_query(page->request, "tag");
    enum status status;

    filter->period = page->period;
    filter->limit = QUERIES_PAGE;
    filter->search = request_query(page->request, "q");
    filter->table = request_query(page->request, "table");
    if (filter->search.size > READ_SEARCH_BYTES_MAX)
        return error_field(error, "q", "is longer than %d bytes", READ_SEARCH_BYTES_MAX);
    if (filter->search.size == 0)
        filter->search.data = NULL;
    if (filter->table.size == 0)
        filter->table.data = NULL;
    link_state_set(&page->state, "q", filter->search);
    link_state_set(&page->state, "table", filter->table);
    if (tag.size > 0 && !tag_filter_parse(tag, &filter->tag))
        return error_field(error, "tag", "is not a key, a colon and a value");
    link_state_set(&page->state, "tag", tag);
    status = read_engine(page, &connections.engine, error);
    if (status == STATUS_OK)
        status = read_choice(page, "kind", kinds, sizeof kinds / sizeof kinds[0], &filter->statement_kind, error);
    if (status == STATUS_OK)
        status = read_choice(page, "catalog", catalogs, sizeof catalogs / sizeof catalogs[0], &catalog, error);
    filter->with_catalog = catalog.size > 0;
    if (status == STATUS_OK)
        status = read_sort(page, filter, error);
    if (status == STATUS_OK && !request_query_int64(page->request, "page", 1, QUERIES_PAGES_MAX, out_number, error))
        status = STATUS_INVALID;
    if (status != STATUS_OK)
        return status;
    filter->offset = (int)(*out_number - 1) * QUERIES_PAGE;
    *out_engine = connections.engine;
    return store_scope_narrow(page->request->store, page->chosen, &connections, page->arena, out_chosen, error);
}

static bool has_column(const struct column *column, bool has_locks)
{
    return column->sort != QUERY_SORT_LOCKS || has_locks;
}

static void fill_head(struct page *page, enum query_sort sort, bool has_locks)
{
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        struct page_data *head;

        if (!has_column(&columns[i], has_locks))
            continue;
        head = page_section(page->body, columns[i].section);
        page_set(head, "LINK",
                 page_link_change(page, "sort", i == 0 ? (struct text){NULL, 0} : text_of(columns[i].name)));
        page_show(head, "IS_CURRENT", columns[i].sort == sort);
    }
}

/* Locks have a column if the server of any of the queries tells them. */
static bool fill_rows(struct page *page, const struct query_summary_list *queries)
{
    bool has_locks = false;

    for (size_t i = 0; i < queries->count; i++)
        has_locks |= (queries->items[i].known & SUMS_KNOW_LOCKS) != 0;
    for (size_t i = 0; i < queries->count; i++) {
        const struct query_summary *summary = &queries->items[i];
        struct page_data *row = page_section(page->body, "QUERY"), *locks;

        query_view_summary(page, row, summary);
        if (!has_locks)
            continue;
        locks = page_section(row, "HAS_LOCKS");
        if (summary->known & SUMS_KNOW_LOCKS)
            page_set_duration(locks, "LOCK", (double)summary->sums.lock_us / 1000);
        else
            page_set_string(locks, "LOCK", "\xe2\x80\x93");
    }
    return has_locks;
}

static void fill_paging(struct page *page, const struct query_summary_list *queries, int64_t number, int offset)
{
    struct page_data *paging = page_section(page->body, "PAGING");
    char text[FORMAT_BYTES];

    page_set_int64(paging, "FIRST", offset + 1);
    page_set_int64(paging, "LAST", offset + (int64_t)queries->count);
    page_set_string(paging, "COUNT", format_count((double)queries->total_count, text));
    if (number > 1)
        page_set(page_section(paging, "PREVIOUS"), "LINK",
                 page_link_change(page, "page",
                                  number == 2 ? (struct text){NULL, 0}
                                              : text_of(arena_printf(page->arena, "%lld", (long long)number - 1))));
    if (offset + (int64_t)queries->count < queries->total_count && number < QUERIES_PAGES_MAX)
        page_set(page_section(paging, "NEXT"), "LINK",
                 page_link_change(page, "page", text_of(arena_printf(page->arena, "%lld", (long long)number + 1))));
}

static void fill_empty(struct page *page, const struct query_filter *filter, bool is_filtered)
{
    struct page_data *empty = page_section(page->body, is_filtered ? "NO_MATCH" : "NO_QUERIES");

    if (!filter->with_catalog)
        page_set(page_section(empty, "LEFT_OUT"), "LINK",
                 page_link_change(page, "catalog", text_of(catalogs[1].value)));
}

enum status page_queries(const struct request *request, const struct scope *scope, struct response *response,
                         struct error *error)
{
    struct query_filter filter = {0};
    struct query_summary_list queries = {0};
    struct text engine = {NULL, 0};
    const struct scope *chosen = scope;
    int64_t number = 1;
    struct page page;
    bool is_filtered;
    enum status status = page_open(request, scope, &about, &page, error);

    if (status == STATUS_OK)
        status = read_page_filter(&page, &filter, &engine, &chosen, &number, error);
    if (status == STATUS_OK)
        status = store_query_summary_list(request->store, chosen, &filter, request->arena, &queries, error);
    if (status != STATUS_OK)
        return status;
    is_filtered = filter.search.size > 0 || filter.table.size > 0 || engine.size > 0 ||
                  filter.statement_kind.size > 0 || filter.tag.key.size > 0;
    page_set(page.body, "SEARCH", filter.search);
    fill_engines(&page, engine);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        add_option(&page, "KIND", kinds[i].value, kinds[i].label, filter.statement_kind);
    for (size_t i = 0; i < sizeof catalogs / sizeof catalogs[0]; i++)
        add_option(&page, "CATALOG", catalogs[i].value, catalogs[i].label, request_query(request, "catalog"));
    if (filter.table.size > 0) {
        struct page_data *table = page_section(page.body, "TABLE_FILTER");

        page_set(table, "NAME", filter.table);
        page_set(table, "REMOVE_LINK", page_link_change(&page, "table", (struct text){NULL, 0}));
    }
    if (filter.tag.key.size > 0) {
        struct page_data *tag = page_section(page.body, "TAG_FILTER");

        page_set(tag, "NAME", request_query(request, "tag"));
        page_set(tag, "REMOVE_LINK", page_link_change(&page, "tag", (struct text){NULL, 0}));
    }
    for (int i = 0; i < page.state.count; i++) {
        const char *name = page.state.params[i].name;
        struct page_data *hidden;

        if (strcmp(name, "q") == 0 || strcmp(name, "engine") == 0 || strcmp(name, "kind") == 0 ||
            strcmp(name, "catalog") == 0)
            continue;
        hidden = page_section(page.body, "HIDDEN");
        page_set_string(hidden, "NAME", name);
        page_set(hidden, "VALUE", page.state.params[i].value);
    }
    fill_head(&page, filter.sort, fill_rows(&page, &queries));
    if (queries.count > 0)
        fill_paging(&page, &queries, number, filter.offset);
    page_show(page.body, "HAS_QUERIES", queries.count > 0);
    if (queries.count == 0)
        fill_empty(&page, &filter, is_filtered);
    page_set(page.body, "CLEAR_LINK", page_link_to(&page, "/queries"));
    return page_close(&page, response, error);
}
