/* The page of collectors and agents: which ones collect, are any behind, and which databases are in trouble? */
#include <string.h>

#include "fcgi/handlers.h"
#include "fcgi/pages/attention.h"
#include "fcgi/pages/page.h"
#include "store/admin/collector.h"
#include "store/upkeep/health.h"

enum { COLLECTORS_SHOWN = 200, TROUBLED_SHOWN = 50 };

static const struct page_about about = {
    .title = "Collectors", .template_file = "collectors.tpl", .section = PAGE_SECTION_COLLECTORS};

static const char *status_class(struct text status)
{
    if (text_equal(status, TEXT("online")))
        return "good";
    return text_equal(status, TEXT("late")) ? "warn" : "bad";
}

static void fill_row(const struct page *page, struct page_data *row, const struct collector *collector)
{
    page_set(row, "HOSTNAME", collector->hostname);
    page_set_string(row, "KIND",
                    text_equal(collector->kind, TEXT("daemon")) ? "Potto\xe2\x80\x99s collector" : "Agent");
    page_set(row, "VERSION", collector->version);
    page_set(row, "STATE", collector->status);
    page_set_string(row, "STATE_CLASS", status_class(collector->status));
    page_set_ago(page, row, "LAST_SEEN", collector->last_seen_at_us);
    page_set_time(page, row, "REGISTERED", collector->registered_at_us);
    page_show(row, "SERVES_ALL", text_equal(collector->kind, TEXT("daemon")));
    for (size_t i = 0; i < collector->connection_count; i++) {
        const struct connection *connection = page_connection(page, collector->connection_ids[i]);
        struct page_data *section;

        if (connection == NULL)
            continue;
        section = page_section(row, "CONNECTION");
        page_set(section, "NAME", connection->name);
        page_set(section, "LINK", page_link_connection(page, connection->id));
    }
}

/* The databases that are not watched as they should be, of those that the caller sees. */
static void fill_troubled(const struct page *page)
{
    size_t shown = 0;

    for (size_t i = 0; i < page->connections.count && shown < TROUBLED_SHOWN; i++) {
        const struct connection *connection = &page->connections.items[i];
        struct text problem = attention_watch_problem(page, connection);
        struct page_data *row;

        if (problem.data == NULL)
            continue;
        row = page_section(page->body, "TROUBLED");
        page_set(row, "NAME", connection->name);
        page_set(row, "LINK", page_link_connection(page, connection->id));
        page_set_string(row, "CLASS", attention_watch_class(attention_watch_state(connection, page->now_us)));
        page_set(row, "PROBLEM", problem);
        shown++;
    }
}

/* The language model, where one is configured. */
static enum status fill_llm(const struct page *page, struct error *error)
{
    struct store_llm_told told;
    struct page_data *section;
    enum status status = store_llm_told_read(page->request->store, page->arena, &told, error);

    if (status != STATUS_OK || told.kind[0] == '\0')
        return status;
    section = page_section(page->body, "LLM");
    page_set(section, "MODEL", text_of(told.model));
    page_set_string(section, "KIND", strcmp(told.kind, "ollama") == 0 ? "Ollama" : "Claude");
    page_set(section, "STATUS", text_of(told.status));
    page_set_string(section, "STATUS_CLASS", told.has_model ? "good" : "warn");
    page_set(section, "PROBLEM", text_of(told.problem));
    return STATUS_OK;
}

enum status page_collectors(const struct request *request, const struct scope *scope, struct response *response,
                            struct error *error)
{
    struct collector_list list = {0};
    struct page page;
    enum status status = page_open(request, scope, &about, &page, error);

    if (status == STATUS_OK)
        status = store_collector_list(request->store, scope, COLLECTORS_SHOWN, request->arena, &list, error);
    if (status != STATUS_OK)
        return status;
    status = fill_llm(&page, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < list.count; i++)
        fill_row(&page, page_section(page.body, "ROW"), &list.items[i]);
    fill_troubled(&page);
    page_show(page.body, "HAS_ROWS", list.count > 0);
    page_show(page.body, "NO_ROWS", list.count == 0);
    return page_close(&page, response, error);
}
