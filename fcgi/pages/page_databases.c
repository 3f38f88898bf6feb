/* The page of all databases: are they watched well? */
#include "fcgi/handlers.h"
#include "fcgi/pages/attention.h"
#include "fcgi/pages/database_view.h"
#include "fcgi/pages/page.h"

static const struct page_about about = {
    .title = "Databases", .template_file = "databases.tpl", .section = PAGE_SECTION_DATABASES};

enum status page_databases(const struct request *request, const struct scope *scope, struct response *response,
                           struct error *error)
{
    struct page page;
    enum status status = page_open(request, scope, &about, &page, error);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < page.connections.count; i++)
        database_view_fill(&page, page_section(page.body, "ROW"), &page.connections.items[i]);
    page_show(page.body, "HAS_ROWS", page.connections.count > 0);
    page_show(page.body, "NO_ROWS", page.connections.count == 0);
    page_show(page.body, "HAS_MORE", page.connections.has_more);
    page_show(page.body, "MAY_ADD", scope_role(scope) >= ROLE_MEMBER);
    page_set_int64(page.body, "COUNT", (int64_t)page.connections.count);
    return page_close(&page, response, error);
}
