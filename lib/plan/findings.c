/* Running the table of rules over a plan; see findings.h. */
#include "plan/findings.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/vector.h"
#include "plan/findings_internal.h"

enum {
    FOUND_MAX = 1000, /* before the gravest are kept */
    CONDITION_BYTES_MAX = 200,
    EVIDENCE_BYTES_MAX = 1024,
    REMEDY_BYTES_MAX = 2048,
};

typedef VECTOR(struct plan_finding) found_list;

const char *finding_severity_name(enum finding_severity severity)
{
    static const char *const names[] = {"", "note", "warning", "critical"};

    return names[severity];
}

/* ---- what checks ask ---- */

enum finding_severity finding_level(const struct finding *finding, double value)
{
    const struct finding_rule *rule = finding->rule;

    if (rule->critical > 0 && value >= rule->critical)
        return FINDING_CRITICAL;
    if (rule->warning > 0 && value >= rule->warning)
        return FINDING_WARNING;
    return rule->note > 0 && value >= rule->note ? FINDING_NOTE : FINDING_SEVERITY_UNSET;
}

enum finding_severity finding_only_level(const struct finding *finding)
{
    return finding_level(finding, HUGE_VAL);
}

double finding_loops(const struct plan_node *node)
{
    return plan_number(node, PLAN_LOOPS);
}

static double in_all_loops(const struct plan_node *node, enum plan_number name)
{
    double number = plan_number(node, name), loops = finding_loops(node);

    return number < 0 || loops < 0 ? -1 : number * loops;
}

double finding_rows(const struct plan_node *node)
{
    return in_all_loops(node, PLAN_ROWS);
}

double finding_removed(const struct plan_node *node, enum plan_number what)
{
    return fmax(in_all_loops(node, what), 0);
}

double finding_read(const struct plan_node *node)
{
    double rows = finding_rows(node);

    return rows < 0 ? -1
                    : rows + finding_removed(node, PLAN_FILTER_REMOVED) + finding_removed(node, PLAN_RECHECK_REMOVED);
}

double finding_rows_expected(const struct plan_node *node)
{
    double passing = plan_number(node, PLAN_FILTERED_PERCENT);

    if (!(node->rows >= 0 && node->rows <= PLAN_NUMBER_MAX))
        return -1;
    return passing >= 0 && passing <= 100 ? node->rows * passing / 100 : node->rows;
}

double finding_share(const struct finding *finding, double part_ms)
{
    double total_ms = finding->plan->total_ms;

    return part_ms < 0 || !(total_ms > 0) ? -1 : fmin(part_ms / total_ms, 1);
}

double finding_own_share(const struct finding *finding)
{
    if (finding->plan->has_actuals)
        return finding_share(finding, finding->node->own_ms);
    return finding->plan->total_cost > 0 && finding->node->cost >= 0 ? finding->node->cost_share : -1;
}

double finding_all_share(const struct finding *finding)
{
    double share = 0;
    const struct plan *plan = finding->plan;
    size_t at = 0;

    if (plan->has_actuals)
        return finding_share(finding, finding->node->total_ms);
    if (!(plan->total_cost > 0))
        return -1;
    while (at < plan->node_count && plan->nodes[at] != finding->node)
        at++;
    for (size_t i = at; i < plan->node_count && (i == at || plan->nodes[i]->depth > finding->node->depth); i++)
        share += plan->nodes[i]->cost_share;
    return fmin(share, 1);
}

double finding_own_number(const struct plan_node *node, enum plan_number name)
{
    double own = plan_number(node, name);

    for (const struct plan_node *child = node->first_child; own > 0 && child != NULL; child = child->next_sibling)
        own -= fmax(plan_number(child, name), 0);
    return own;
}

bool finding_is_relation(const struct plan_node *node, const char *relationship)
{
    return text_equal(plan_word(node, PLAN_WORD_RELATIONSHIP), text_of(relationship));
}

const struct plan_node *finding_side(const struct plan_node *join, bool is_inner)
{
    const struct plan_node *first = join->first_child;

    for (const struct plan_node *child = first; child != NULL; child = child->next_sibling)
        if (finding_is_relation(child, is_inner ? "Inner" : "Outer"))
            return child;
    return first == NULL || !is_inner ? first : first->next_sibling;
}

bool finding_is_inner(const struct plan_node *node)
{
    if (node->parent == NULL || node->parent->kind != PLAN_KIND_NESTED_LOOP)
        return false;
    if (plan_word(node, PLAN_WORD_RELATIONSHIP).size > 0)
        return finding_is_relation(node, "Inner");
    return node != node->parent->first_child && node->kind != PLAN_KIND_BLOCK_NESTED_LOOP &&
           plan_word(node, PLAN_WORD_JOIN_BUFFER).size == 0;
}

double finding_outer_rows_expected(const struct plan_node *node)
{
    const struct plan_node *outer = finding_side(node->parent, false);
    double rows = 1;

    if (plan_word(node, PLAN_WORD_RELATIONSHIP).size > 0)
        return outer == NULL ? -1 : finding_rows_expected(outer);
    for (; outer != NULL && outer != node; outer = outer->next_sibling) {
        double joined = plan_number(outer, PLAN_ROWS_JOINED), own = finding_rows_expected(outer);

        rows = joined >= 0 ? joined : own < 0 ? rows : fmin(rows * own, PLAN_NUMBER_MAX);
    }
    return rows;
}

bool finding_is_scan(const struct plan_node *node)
{
    return node->kind >= PLAN_KIND_SEQ_SCAN && node->kind <= PLAN_KIND_INDEX_MERGE;
}

/* ---- what checks say ---- */

void finding_say(struct finding *finding, const char *format, ...)
{
    char said[EVIDENCE_BYTES_MAX];
    struct text whole;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(said, sizeof said, format, arguments);
    va_end(arguments);
    whole = text_to_utf8(text_of(said), finding->arena); /* it may have been cut within a character */
    finding->evidence = (struct text){arena_string(finding->arena, whole.data, whole.size), whole.size};
}

const char *finding_count(const struct finding *finding, double number)
{
    char digits[32], *out = arena_alloc(finding->arena, 48), *to = out;
    int size;

    if (!(number >= 0 && number <= 1e18))
        return "many";
    if (number < 10 && number != floor(number))
        return arena_printf(finding->arena, "%.1f", number);
    size = snprintf(digits, sizeof digits, "%.0f", number);
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

const char *finding_percent(const struct finding *finding, double share)
{
    double percent = share * 100;

    return arena_printf(finding->arena, percent > 99 && percent < 100 ? "%.2f %%" : "%.0f %%", percent);
}

const char *finding_ms(const struct finding *finding, double ms)
{
    return ms < 1000 ? arena_printf(finding->arena, "%.1f ms", ms)
                     : arena_printf(finding->arena, "%.1f s", fmin(ms / 1000, 1e12));
}

const char *finding_bytes(const struct finding *finding, double bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    size_t unit = 0;

    bytes = fmin(bytes, 1e18);
    while (bytes >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
        bytes /= 1024;
        unit++;
    }
    return arena_printf(finding->arena, bytes < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}

const char *finding_cut(const struct finding *finding, struct text text)
{
    struct text cut = text_cut_utf8(text, CONDITION_BYTES_MAX);

    return arena_printf(finding->arena, "%.*s%s", (int)cut.size, cut.data == NULL ? "" : cut.data,
                        cut.size < text.size ? "\xe2\x80\xa6" : "");
}

const char *finding_name(const struct finding *finding, struct text name, const char *otherwise)
{
    return name.size == 0 ? otherwise : finding_cut(finding, name);
}

/* ---- the table's rows ---- */

/* A bitmap's index stands at the node below. */
static const char *index_of(const struct finding *finding)
{
    const struct plan_node *node = finding->node;

    if (node->index.size == 0 && node->first_child != NULL)
        node = node->first_child;
    return finding_name(finding, node->index, "the index");
}

static struct text expand(const struct finding *finding)
{
    const struct {
        struct text name;
        const char *value;
    } values[] = {
        {TEXT("{table}"),
         finding->table != NULL ? finding->table : finding_name(finding, finding->node->relation, "the table")},
        {TEXT("{index}"), finding->index != NULL ? finding->index : index_of(finding)},
        {TEXT("{columns}"),
         finding->columns != NULL && finding->columns[0] != '\0' ? finding->columns : "the columns of the condition"},
        {TEXT("{amount}"), finding->amount != NULL ? finding->amount : "more"},
    };
    struct text template = text_of(finding->rule->remedy), remedy;
    struct buffer out;

    buffer_init(&out, REMEDY_BYTES_MAX);
    while (template.size > 0) {
        size_t taken = 0;

        for (size_t i = 0; taken == 0 && i < sizeof values / sizeof values[0]; i++)
            if (text_starts(template, values[i].name)) {
                buffer_append_string(&out, values[i].value);
                taken = values[i].name.size;
            }
        if (taken == 0) {
            buffer_append_byte(&out, template.data[0]);
            taken = 1;
        }
        template.data += taken;
        template.size -= taken;
    }
    remedy = (struct text){arena_string(finding->arena, out.data, out.size_bytes), out.size_bytes};
    buffer_free(&out);
    return remedy;
}

static bool applies(const struct finding_rule *rule, const struct plan *plan)
{
    if ((rule->dialects & (1U << plan->dialect)) == 0)
        return false;
    return rule->needs == NEEDS_NOTHING || (rule->needs == NEEDS_ACTUALS) == plan->has_actuals;
}

static void check_node(const struct finding_rule *rule, const struct plan *plan, const struct plan_node *node,
                       struct arena *arena, found_list *found, size_t *left_out)
{
    struct finding finding = {.plan = plan, .node = node, .rule = rule, .arena = arena, .saves_share = -1};
    enum finding_severity severity = rule->check(&finding);
    struct plan_finding *kept;

    if (severity == FINDING_SEVERITY_UNSET || (finding.saves_share >= 0 && finding.saves_share < FINDING_SHARE_MIN))
        return;
    kept = vector_add(found, FOUND_MAX, arena);
    if (kept == NULL) {
        (*left_out)++;
        return;
    }
    *kept = (struct plan_finding){.rule = rule->name,
                                  .title = rule->title,
                                  .severity = severity,
                                  .node = finding.node,
                                  .evidence = finding.evidence,
                                  .remedy = expand(&finding),
                                  .saves_share = finding.saves_share};
}

static int compare(const void *left, const void *right)
{
    const struct plan_finding *a = left, *b = right;

    if (a->severity != b->severity)
        return a->severity > b->severity ? -1 : 1;
    if (a->saves_share != b->saves_share)
        return a->saves_share > b->saves_share ? -1 : 1;
    return a->node != b->node ? a->node->depth - b->node->depth : strcmp(a->rule, b->rule);
}

/* Keep the gravest of each rule, and of all. */
static void keep_gravest(found_list *found, size_t *left_out)
{
    size_t count = 0;

    if (found->count > 0)
        qsort(found->items, found->count, sizeof *found->items, compare);
    for (size_t i = 0; i < found->count; i++) {
        size_t same = 0;

        for (size_t k = 0; k < count; k++)
            same += found->items[k].rule == found->items[i].rule;
        if (same < FINDINGS_OF_RULE_MAX && count < FINDINGS_MAX)
            found->items[count++] = found->items[i];
        else
            (*left_out)++;
    }
    found->count = count;
}

static void say_not_examined(const struct plan *plan, struct arena *arena, struct plan_findings *out)
{
    size_t without_actuals = 0;

    for (size_t i = 0; i < finding_rule_count; i++)
        without_actuals += (finding_rules[i].dialects & (1U << plan->dialect)) != 0 &&
                           finding_rules[i].needs == NEEDS_ACTUALS && !plan->has_actuals;
    if (without_actuals > 0)
        out->not_examined[out->not_examined_count++] = arena_printf(
            arena, "The plan has no actual rows and times, as ANALYZE gives them: %zu rules were not examined.",
            without_actuals);
    if (plan->has_actuals && !(plan->total_ms > 0))
        out->not_examined[out->not_examined_count++] = "The plan has no times: what a remedy saves is not known.";
}

void plan_find(const struct plan *plan, struct arena *arena, struct plan_findings *out_findings)
{
    struct plan_findings findings = {0};
    found_list found = {0};

    for (size_t n = 0; n < plan->node_count; n++)
        for (size_t i = 0; i < finding_rule_count; i++) {
            const struct finding_rule *rule = &finding_rules[i];
            bool is_asked = rule->kinds == 0 ? n == 0 : (rule->kinds & (1U << plan->nodes[n]->kind)) != 0;

            if (is_asked && applies(rule, plan))
                check_node(rule, plan, plan->nodes[n], arena, &found, &findings.left_out);
        }
    keep_gravest(&found, &findings.left_out);
    findings.items = found.items;
    findings.count = found.count;
    say_not_examined(plan, arena, &findings);
    *out_findings = findings;
}
