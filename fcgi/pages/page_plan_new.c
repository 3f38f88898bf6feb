/* The page that says what is wrong with a plan that somebody pastes. Nothing is stored. */
#include "fcgi/handlers.h"
#include "fcgi/pages/page.h"
#include "fcgi/pages/plan_view.h"
#include "fcgi/pasted_plan.h"

static const struct page_about about = {
    .title = "Analyze a plan", .template_file = "plan_new.tpl", .section = PAGE_SECTION_QUERIES};

/* The choices of the form. The first one is the default. */
static const struct {
    const char *value, *label;
} engines[] = {{"", "The plan tells"}, {"postgresql", "PostgreSQL"}, {"mysql", "MySQL"}, {"mariadb", "MariaDB"}};

struct pasted {
    struct text engine, plan; /* as given */
};

static void fill_form(const struct page *page, const struct pasted *pasted)
{
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        struct page_data *option = page_section(page->body, "ENGINE");

        page_set_string(option, "VALUE", engines[i].value);
        page_set_string(option, "LABEL", engines[i].label);
        page_show(option, "IS_CURRENT", text_equal(pasted->engine, text_of(engines[i].value)));
    }
    page_set(page->body, "PLAN", pasted->plan);
}

static enum status read_engine(struct text given, struct text *out_name, struct error *error)
{
    const struct engine *engine = engine_find(given);

    if (given.size == 0)
        return STATUS_OK;
    if (engine == NULL)
        return error_field(error, "engine", "is not one of the choices");
    *out_name = text_of(engine->name);
    return STATUS_OK;
}

/* plan: NULL: none. problem: NULL: none, or what is wrong with it. */
static enum status show(const struct request *request, const struct scope *scope, const struct pasted *pasted,
                        const struct plan *plan, const struct error *problem, struct response *response,
                        struct error *error)
{
    struct page page;
    enum status status = page_open(request, scope, &about, &page, error);

    if (status != STATUS_OK)
        return status;
    fill_form(&page, pasted);
    if (problem != NULL) {
        struct page_data *data = page_section(page.body, "HAS_PROBLEM");

        page_set_string(data, "PROBLEM", problem->message);
        if (problem->field_count > 0)
            page_set_string(page_section(data, "HAS_CAUSE"), "CAUSE", problem->fields[0].message);
    }
    page_show(page.body, "IS_EMPTY", plan == NULL);
    if (plan != NULL)
        plan_view_add_pasted(&page, page_section(page.body, "RESULT"), plan);
    return page_close(&page, response, error);
}

enum status page_plan_new(const struct request *request, const struct scope *scope, struct response *response,
                          struct error *error)
{
    struct pasted nothing = {{NULL, 0}, {NULL, 0}};

    return show(request, scope, &nothing, NULL, NULL, response, error);
}

enum status page_plan_analyze(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    struct request_param form[REQUEST_QUERY_MAX];
    struct error problem = {0};
    struct pasted pasted;
    struct text engine = {NULL, 0};
    struct plan plan;
    int count = 0;
    enum status status = request_form(request, form, &count, error);

    if (status != STATUS_OK)
        return status;
    pasted = (struct pasted){form_value(form, count, "engine"), form_value(form, count, "plan")};
    status = read_engine(pasted.engine, &engine, &problem);
    if (status == STATUS_OK)
        status = pasted_plan_read(engine, pasted.plan, request->arena, &plan, &problem);
    if (status == STATUS_OK)
        return show(request, scope, &pasted, &plan, NULL, response, error);
    response->code = status_http_code(status);
    return show(request, scope, &pasted, NULL, &problem, response, error);
}
