/* Drawing a plan; see plan_view.h. */
#include "fcgi/pages/plan_view.h"

#include <math.h>

#include "fcgi/pasted_plan.h"

enum { RAW_BYTES_MAX = 200 * 1024, CONDITION_BYTES_MAX = 600, INDENTS_MAX = 64, FINDINGS_SHOWN = 20 };

static const char *const severity_classes[] = {
    [FINDING_SEVERITY_UNSET] = "", [FINDING_NOTE] = "", [FINDING_WARNING] = "warn", [FINDING_CRITICAL] = "bad"};

/* Rows of one execution, and how many there were: "12 × 20.0 k". */
static void fill_actuals(const struct page *page, struct page_data *row, const struct plan_node *node)
{
    double rows = plan_number(node, PLAN_ROWS), loops = plan_number(node, PLAN_LOOPS);
    struct page_data *actuals = page_section(row, "ACTUALS");
    char row_text[FORMAT_BYTES], loop_text[FORMAT_BYTES];
    const char *shown = "\xe2\x80\x93";

    if (loops == 0)
        shown = "not run";
    else if (rows >= 0 && loops > 1)
        shown =
            arena_printf(page->arena, "%s \xc3\x97 %s", format_count(rows, row_text), format_count(loops, loop_text));
    else if (rows >= 0)
        shown = format_count(rows, row_text);
    page_set_string(actuals, "ROWS_IN_FACT", shown);
    page_set_duration(actuals, "OWN_TIME", node->own_ms < 0 ? NAN : node->own_ms);
}

static void fill_warnings(struct page_data *row, const struct plan_node *node, const struct plan_findings *findings)
{
    for (size_t i = 0; findings != NULL && i < findings->count; i++) {
        const struct plan_finding *finding = &findings->items[i];
        struct text title = text_of(finding->title);
        struct page_data *warning;

        if (finding->node != node || finding->severity == FINDING_NOTE)
            continue;
        if (text_ends(title, TEXT(".")))
            title.size--;
        warning = page_section(row, "WARNING");
        page_set(warning, "TEXT", title);
        page_set_string(warning, "CLASS", severity_classes[finding->severity]);
    }
}

static void fill_node(const struct page *page, struct page_data *row, const struct plan_node *node, double share)
{
    char text[FORMAT_BYTES];

    int indents = node->depth < INDENTS_MAX ? node->depth : INDENTS_MAX;

    for (int i = 0; i < indents; i++)
        page_show(page_section(row, "INDENT"), "IS_LAST", i + 1 == indents);
    page_set(row, "LABEL", node->label);
    page_set_int64(row, "LEVEL", node->depth + 1);
    page_show_text(row, "HAS_RELATION", "RELATION", node->relation);
    page_show_text(row, "HAS_ALIAS", "ALIAS", node->alias);
    page_show_text(row, "HAS_INDEX", "INDEX", node->index);
    page_show_text(row, "HAS_CONDITION", "CONDITION", text_cut_utf8(node->condition, CONDITION_BYTES_MAX));
    page_set_string(row, "ROWS", node->rows < 0 ? "\xe2\x80\x93" : format_count(node->rows, text));
    page_set_string(row, "COST", node->cost < 0 ? "\xe2\x80\x93" : format_count(node->cost, text));
    page_set_string(row, "SHARE", format_share(share, text));
    page_set_string(row, "SHARE_WIDTH", arena_printf(page->arena, "%.1f", share * 100));
}

/* Of the time where it was measured, else of the cost. */
static double own_share(const struct plan *plan, const struct plan_node *node)
{
    double root_ms = plan->nodes[0]->total_ms;

    if (root_ms > 0 && node->own_ms >= 0)
        return fmin(node->own_ms / root_ms, 1);
    return node->cost_share;
}

void plan_view_tree(const struct page *page, struct page_data *data, const struct plan *plan,
                    const struct plan_findings *findings, const enum plan_mark *marks, const char *alone)
{
    struct page_data *tree = page_include(data, "TREE", "plan_tree.tpl");

    page_show(tree, "HAS_ACTUALS", plan->has_actuals);
    for (size_t i = 0; i < plan->node_count; i++) {
        struct page_data *row = page_section(tree, "NODE");

        fill_node(page, row, plan->nodes[i], own_share(plan, plan->nodes[i]));
        fill_warnings(row, plan->nodes[i], findings);
        if (plan->has_actuals)
            fill_actuals(page, row, plan->nodes[i]);
        page_show(row, "IS_MARKED", marks != NULL && marks[i] != PLAN_MARK_UNSET);
        if (marks != NULL && marks[i] != PLAN_MARK_UNSET)
            page_set_string(row, "MARK", marks[i] == PLAN_MARK_ALONE ? alone : "changed");
    }
}

enum plan_dialect plan_view_dialect(const struct page *page, int64_t connection_id)
{
    const struct connection *connection = page_connection(page, connection_id);

    return connection == NULL ? PLAN_DIALECT_UNSET : plan_dialect_of(connection->engine);
}

void plan_view_about(struct page_data *data, const struct query_plan *plan, double total_cost)
{
    double cost = plan->total_cost > 0 ? plan->total_cost : total_cost;
    char text[FORMAT_BYTES];

    page_set_string(data, "PROVENANCE", plan_provenance_label(plan->provenance));
    page_set_string(data, "COST", cost > 0 ? format_count(cost, text) : "\xe2\x80\x93");
}

/* ---- findings ---- */

static void fill_finding(struct page_data *row, const struct plan_finding *finding)
{
    char text[FORMAT_BYTES];

    page_set_string(row, "SEVERITY", finding_severity_name(finding->severity));
    page_set_string(row, "SEVERITY_CLASS", severity_classes[finding->severity]);
    page_set_string(row, "TITLE", finding->title);
    page_set(row, "EVIDENCE", finding->evidence);
    page_set(row, "LABEL", finding->node->label);
    page_show_text(row, "HAS_RELATION", "RELATION", finding->node->relation);
    page_set(row, "REMEDY", finding->remedy);
    page_set_string(row, "SHARE", finding->saves_share < 0 ? "\xe2\x80\x93" : format_share(finding->saves_share, text));
}

static void fill_findings(struct page_data *data, const struct plan_findings *findings)
{
    size_t shown = findings->count < FINDINGS_SHOWN ? findings->count : FINDINGS_SHOWN;
    struct page_data *table;

    page_show(data, "NOTHING_FOUND", findings->count == 0);
    page_show(data, "HAS_NOT_EXAMINED", findings->not_examined_count > 0);
    for (size_t i = 0; i < findings->not_examined_count; i++)
        page_set_string(page_section(data, "NOT_EXAMINED"), "SENTENCE", findings->not_examined[i]);
    if (findings->count == 0)
        return;
    fill_finding(page_section(data, "VERDICT"), &findings->items[0]);
    table = page_section(data, "HAS_FINDINGS");
    for (size_t i = 0; i < shown; i++)
        fill_finding(page_section(table, "FINDING"), &findings->items[i]);
    if (findings->count - shown + findings->left_out > 0)
        page_set_int64(page_section(table, "MORE_FINDINGS"), "COUNT",
                       (int64_t)(findings->count - shown + findings->left_out));
}

static void fill_examined(const struct page *page, struct page_data *data, const struct plan *plan)
{
    struct plan_findings findings;

    plan_find(plan, page->arena, &findings);
    fill_findings(data, &findings);
    plan_view_tree(page, data, plan, &findings, NULL, NULL);
}

/* ---- plans ---- */

void plan_view_notice(const struct page *page, const struct query_plan *plan, struct text plan_json)
{
    struct plan_findings findings;
    struct plan tree;

    if (plan_read(plan_view_dialect(page, plan->connection_id), plan_json, page->arena, &tree, NULL) != STATUS_OK)
        return;
    plan_find(&tree, page->arena, &findings);
    if (findings.count > 0 && findings.items[0].severity >= FINDING_WARNING)
        fill_finding(page_section(page->body, "PLAN_VERDICT"), &findings.items[0]);
}

void plan_view_add_pasted(const struct page *page, struct page_data *data, const struct plan *plan)
{
    const struct engine *engine = pasted_plan_engine(plan);
    struct page_data *about;
    char text[FORMAT_BYTES];

    data = page_include(data, "PLANS", "plan.tpl");
    about = page_section(data, "PASTED");
    page_set_string(about, "ENGINE",
                    engine->fork_label == NULL
                        ? engine->label
                        : arena_printf(page->arena, "%s or %s", engine->label, engine->fork_label));
    page_show(about, "NOT_RUN", !plan->has_actuals);
    if (plan->has_actuals) {
        struct page_data *run = page_section(about, "WAS_RUN");

        if (plan->total_ms >= 0)
            page_set_duration(page_section(run, "HAS_TIME"), "TIME", plan->total_ms);
    }
    page_set_string(about, "COST", plan->total_cost > 0 ? format_count(plan->total_cost, text) : "\xe2\x80\x93");
    fill_examined(page, data, plan);
}

void plan_view_add(const struct page *page, struct page_data *data, const struct query_plan *plan,
                   struct text plan_json)
{
    const struct connection *connection = page_connection(page, plan->connection_id);
    struct page_data *stored;
    bool is_tree;
    struct plan tree;

    data = page_include(data, "PLANS", "plan.tpl");
    stored = page_section(data, "STORED");
    is_tree = plan_read(plan_view_dialect(page, plan->connection_id), plan_json, page->arena, &tree, NULL) == STATUS_OK;
    page_set(data, "DATABASE", connection == NULL ? TEXT("a database") : connection->name);
    plan_view_about(data, plan, is_tree ? tree.total_cost : 0);
    page_set_time(page, data, "FIRST_SEEN", plan->first_seen_us);
    page_set_ago(page, data, "LAST_SEEN", plan->last_seen_us);
    page_set(data, "RAW", text_cut_utf8(plan_json, RAW_BYTES_MAX));
    page_show(stored, "IS_CUT", plan_json.size > RAW_BYTES_MAX);
    page_show(data, "NO_TREE", !is_tree);
    if (is_tree)
        fill_examined(page, data, &tree);
}
