/* Findings as JSON, and the table of rules as Markdown. */
#include <stdio.h>
#include <string.h>

#include "plan/findings_internal.h"

static void write_finding(const struct plan *plan, const struct plan_finding *finding, struct json_writer *json)
{
    json_object_begin(json);
    json_member_string(json, "rule", finding->rule);
    json_member_string(json, "severity", finding_severity_name(finding->severity));
    json_member_string(json, "title", finding->title);
    json_member_text(json, "evidence", finding->evidence);
    json_member_text(json, "remedy", finding->remedy);
    json_member_known(json, "saves_share", finding->saves_share);
    json_key(json, "node");
    json_object_begin(json);
    json_member_int64(json, "number", (int64_t)plan_node_number(plan, finding->node));
    json_member_text(json, "label", finding->node->label);
    json_member_text_or_null(json, "relation", finding->node->relation);
    json_member_text_or_null(json, "index", finding->node->index);
    json_object_end(json);
    json_object_end(json);
}

void plan_findings_write(const struct plan *plan, const struct plan_findings *findings, struct json_writer *json)
{
    json_key(json, "findings");
    json_array_begin(json);
    for (size_t i = 0; i < findings->count; i++)
        write_finding(plan, &findings->items[i], json);
    json_array_end(json);
    json_member_int64(json, "findings_left_out", (int64_t)findings->left_out);
    json_key(json, "not_examined");
    json_array_begin(json);
    for (size_t i = 0; i < findings->not_examined_count; i++)
        json_text(json, text_of(findings->not_examined[i]));
    json_array_end(json);
}

/* "10,000 rows read" */
static void write_number(struct buffer *out, double number)
{
    char digits[32];
    int size = snprintf(digits, sizeof digits, "%.10g", number);
    const char *end = strchr(digits, '.');
    int whole = end == NULL ? size : (int)(end - digits);

    for (int i = 0; i < size; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0)
            buffer_append_byte(out, ',');
        buffer_append_byte(out, digits[i]);
    }
}

static void write_levels(struct buffer *out, const struct finding_rule *rule)
{
    const struct {
        enum finding_severity severity;
        double from;
    } levels[] = {
        {FINDING_NOTE, rule->note},
        {FINDING_WARNING, rule->warning},
        {FINDING_CRITICAL, rule->critical},
    };
    const char *separator = "";

    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (!(levels[i].from > 0))
            continue;
        buffer_printf(out, "%s%s", separator, finding_severity_name(levels[i].severity));
        if (rule->level_of != NULL) {
            buffer_append_string(out, " from ");
            write_number(out, levels[i].from);
        }
        separator = ", ";
    }
    if (rule->level_of != NULL)
        buffer_printf(out, " (%s)", rule->level_of);
}

void plan_rules_write(struct buffer *out)
{
    buffer_append_string(out, "| rule | finds | plans | from | severity | remedy |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < finding_rule_count; i++) {
        const struct finding_rule *rule = &finding_rules[i];
        bool is_postgresql = (rule->dialects & (1U << PLAN_DIALECT_POSTGRESQL)) != 0;
        bool is_mysql = (rule->dialects & (1U << PLAN_DIALECT_MYSQL)) != 0;

        buffer_printf(out, "| `%s` | %s | %s%s%s%s | ", rule->name, rule->title, is_postgresql ? "PostgreSQL" : "",
                      is_postgresql && is_mysql ? ", " : "", is_mysql ? "MySQL, MariaDB" : "",
                      rule->needs == NEEDS_ACTUALS     ? "; with ANALYZE"
                      : rule->needs == WITHOUT_ACTUALS ? "; without ANALYZE"
                                                       : "");
        if (rule->least_of != NULL) {
            write_number(out, rule->least);
            buffer_printf(out, " %s", rule->least_of);
        }
        buffer_append_string(out, " | ");
        write_levels(out, rule);
        buffer_printf(out, " | %s |\n", rule->remedy);
    }
}
