/* Drawing a plan; see plan_view.h. */
#include "fcgi/pages/plan_view.h"

enum { RAW_BYTES_MAX = 200 * 1024, CONDITION_BYTES_MAX = 600, INDENTS_MAX = 64 };

static void fill_node(const struct page *page, struct page_data *row, const struct plan_node *node)
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
    page_set_string(row, "SHARE", format_share(node->cost_share, text));
    page_set_string(row, "SHARE_WIDTH", arena_printf(page->arena, "%.1f", node->cost_share * 100));
    for (size_t i = 0; i < node->warning_count; i++)
        page_set_string(page_section(row, "WARNING"), "TEXT", node->warnings[i]);
}

void plan_view_tree(const struct page *page, struct page_data *data, const struct plan *plan,
                    const enum plan_mark *marks, const char *alone)
{
    struct page_data *tree = page_include(data, "TREE", "plan_tree.tpl");

    for (size_t i = 0; i < plan->node_count; i++) {
        struct page_data *row = page_section(tree, "NODE");

        fill_node(page, row, plan->nodes[i]);
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

void plan_view_add(const struct page *page, struct page_data *data, const struct query_plan *plan,
                   struct text plan_json)
{
    const struct connection *connection = page_connection(page, plan->connection_id);
    char hex[SQL_HASH_HEX_BYTES];
    bool is_tree;
    struct plan tree;

    data = page_include(data, "PLANS", "plan.tpl");
    is_tree = plan_read(plan_view_dialect(page, plan->connection_id), plan_json, page->arena, &tree, NULL) == STATUS_OK;
    page_set(data, "DATABASE", connection == NULL ? TEXT("a database") : connection->name);
    plan_view_about(data, plan, is_tree ? tree.total_cost : 0);
    page_set_string(data, "HASH", sql_hash_format(plan->plan_hash, hex));
    page_set_time(page, data, "FIRST_SEEN", plan->first_seen_us);
    page_set_ago(page, data, "LAST_SEEN", plan->last_seen_us);
    page_set(data, "RAW", text_cut_utf8(plan_json, RAW_BYTES_MAX));
    page_show(data, "IS_CUT", plan_json.size > RAW_BYTES_MAX);
    page_show(data, "NO_TREE", !is_tree);
    if (is_tree)
        plan_view_tree(page, data, &tree, NULL, NULL);
}
