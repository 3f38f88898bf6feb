/* The walk over a statement that asks the rules; see statement.h. */
#include "advise/examine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { EVIDENCE_BYTES_MAX = 400, SHOWN_BYTES_MAX = 80, STEPS_MAX = 20 * 1000 * 1000 };

/* ---- findings ---- */

void found(struct examiner *e, node *at, const char *format, ...)
{
    char evidence[EVIDENCE_BYTES_MAX];
    struct statement_finding *finding;
    size_t same = 0;
    struct text text;
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(evidence, sizeof evidence, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < e->found.count; i++)
        same += e->found.items[i].rule == e->rule->name;
    finding = same < STATEMENT_FINDINGS_OF_RULE_MAX ? vector_add(&e->found, STATEMENT_FINDINGS_MAX, e->arena) : NULL;
    if (finding == NULL) {
        e->left_out++;
        return;
    }
    text = (struct text){evidence, size < 0 ? 0 : (size_t)size < sizeof evidence ? (size_t)size : sizeof evidence - 1};
    text = text_to_utf8((struct text){arena_string(e->arena, text.data, text.size), text.size}, e->arena);
    *finding = (struct statement_finding){
        e->rule->name, e->rule->title, e->rule->remedy, e->rule->severity, at->from, at->to, text};
}

/* ---- looking at nodes ---- */

const char *shown(const struct examiner *e, node *at)
{
    struct text text = {e->tree->sql.data + at->from, at->to - at->from};
    struct text cut = text_cut_utf8(text_to_utf8(text, e->arena), SHOWN_BYTES_MAX);
    char *copy = arena_string(e->arena, cut.data, cut.size);

    for (char *byte = copy; *byte != '\0'; byte++)
        if ((unsigned char)*byte < 0x20 || *byte == 0x7F)
            *byte = ' ';
    return cut.size < text.size ? arena_printf(e->arena, "%s…", copy) : copy;
}

const struct source *source_of(const struct examiner *e, node *at)
{
    at = syntax_bare(at);
    return at == NULL || at->kind != SYNTAX_NAME ? NULL : resolve_source(resolve_binding(e->names, at));
}

const struct schema_column *column_of(const struct examiner *e, node *at, const struct source **out_source)
{
    const struct binding *binding;

    at = syntax_bare(at);
    binding = at == NULL || at->kind != SYNTAX_NAME ? NULL : resolve_binding(e->names, at);
    *out_source = resolve_source(binding);
    return binding == NULL || *out_source == NULL ? NULL : binding->column;
}

bool is_null(node *at)
{
    at = syntax_bare(at);
    return at != NULL && at->kind == SYNTAX_LITERAL && at->form == FORM_NULL;
}

bool is_constant(node *at)
{
    if (at == NULL)
        return true;
    if (at->kind == SYNTAX_NAME || at->kind == SYNTAX_SUBQUERY || at->kind == SYNTAX_RAW || at->kind == SYNTAX_STAR)
        return false;
    if (at->kind == SYNTAX_TYPE || at->kind == SYNTAX_TYPED_LITERAL)
        return true;
    for (uint32_t i = at->kind == SYNTAX_CALL ? 1 : 0; i < at->count; i++)
        if (!is_constant(at->items[i]))
            return false;
    return true;
}

node *only_column(node *at, size_t *count)
{
    node *first = NULL;

    if (at == NULL || at->kind == SYNTAX_SUBQUERY || at->kind == SYNTAX_TYPE)
        return NULL;
    if (at->kind == SYNTAX_NAME) {
        (*count)++;
        return at;
    }
    for (uint32_t i = at->kind == SYNTAX_CALL ? 1 : 0; i < at->count; i++) {
        node *here = only_column(at->items[i], count);

        first = first == NULL ? here : first;
    }
    return first;
}

bool is_call_of(node *at, const char *const *names)
{
    node *name;

    at = syntax_bare(at);
    if (at == NULL || at->kind != SYNTAX_CALL)
        return false;
    name = at->items[CALL_NAME];
    for (size_t i = 0; names[i] != NULL; i++)
        if (text_equal_nocase(name->items[name->count - 1]->text, text_of(names[i])))
            return true;
    return false;
}

bool is_indexed(const struct schema_table *table, struct text column)
{
    for (size_t i = 0; i < table->keys.count; i++)
        if (table->keys.items[i].column_count > 0 && text_equal(table->keys.items[i].columns[0], column))
            return true;
    return false;
}

bool has_expression_index(const struct schema_table *table)
{
    for (size_t i = 0; i < table->keys.count; i++)
        if (table->keys.items[i].is_expression)
            return true;
    return false;
}

size_t conjuncts(node *condition, node **out_parts, size_t max)
{
    size_t count = 0;

    condition = syntax_bare(condition);
    if (condition == NULL || max == 0)
        return 0;
    if (condition->kind != SYNTAX_CHAIN || condition->form != FORM_AND) {
        out_parts[0] = condition;
        return 1;
    }
    for (uint32_t i = 0; i < condition->count && count < max; i++)
        count += conjuncts(condition->items[i], out_parts + count, max - count);
    return count;
}

double number_of(node *at)
{
    double value;

    at = syntax_bare(at);
    if (at == NULL || at->kind != SYNTAX_LITERAL || at->form != FORM_NUMBER || !text_to_double(at->text, &value))
        return -1;
    return value;
}

/* ---- the walk ---- */

static bool is_asked(const struct examiner *e, const struct statement_rule *rule, node *at)
{
    if ((rule->dialects & (1U << e->tree->dialect)) == 0 || (rule->needs_schema && e->names->schema == NULL))
        return false;
    for (size_t i = 0; i < RULE_KINDS_MAX; i++)
        if (rule->kinds[i] == (enum syntax_kind)at->kind)
            return true;
    return false;
}

static bool is_condition_item(node *at, uint32_t index)
{
    switch (at->kind) {
    case SYNTAX_SELECT:
        return index == SELECT_WHERE || index == SELECT_HAVING;
    case SYNTAX_JOIN:
        return index == JOIN_ON;
    case SYNTAX_UPDATE:
    case SYNTAX_DELETE:
        return index == 5;
    default:
        return false;
    }
}

static void walk(struct examiner *e, node *at)
{
    const struct examiner before = *e;
    const struct block *block;

    if (at == NULL)
        return;
    e->is_top = before.block == NULL && (at == e->tree->root || syntax_is_query(at));
    block = resolve_block(e->names, at);
    if (block != NULL)
        e->block = block;
    for (size_t i = 0; i < statement_rule_count && ++e->steps < STEPS_MAX; i++)
        if (is_asked(e, &statement_rules[i], at)) {
            e->rule = &statement_rules[i];
            e->rule->check(e, at);
        }
    for (uint32_t i = 0; i < at->count; i++) {
        e->is_condition = is_condition_item(at, i) || (before.is_condition && block == NULL);
        e->is_target = (at->kind == SYNTAX_SELECT && i == SELECT_TARGETS) || (before.is_target && block == NULL);
        walk(e, at->items[i]);
    }
    e->block = before.block;
    e->is_condition = before.is_condition;
    e->is_target = before.is_target;
    e->is_top = before.is_top;
}

static int compare(const void *left, const void *right)
{
    const struct statement_finding *a = left, *b = right;

    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return strcmp(a->rule, b->rule);
}

static bool is_cut(const struct examiner *e)
{
    return e->is_cut || e->steps >= STEPS_MAX || e->names->is_cut;
}

static const char *what_was_not_examined(const struct examiner *e)
{
    if (is_cut(e))
        return "The statement is so large that not every part of it was examined.";
    if (e->names->schema == NULL)
        return "There is no schema: rules that need one were not examined.";
    for (size_t i = 0; i < e->names->blocks.count; i++)
        for (size_t k = 0; k < e->names->blocks.items[i]->sources.count; k++) {
            const struct source *source = &e->names->blocks.items[i]->sources.items[k];

            if (source->node->kind == SYNTAX_TABLE && source->table == NULL && source->query == NULL)
                return "The schema lacks a table of the statement: rules that need it were not examined.";
        }
    return NULL;
}

enum status statement_find(enum sql_dialect dialect, struct text sql, const struct schema *schema, struct arena *arena,
                           struct statement_findings *out_findings)
{
    struct statement_findings findings = {0};
    struct examiner e = {.arena = arena};
    struct resolution names;
    struct syntax_tree tree;
    enum status status = syntax_parse(dialect, sql, arena, &tree, &findings.unread);

    if (status == STATUS_OK) {
        syntax_resolve(&tree, schema, arena, &names);
        e.tree = &tree;
        e.names = &names;
        walk(&e, tree.root);
        if (e.found.count > 1)
            qsort(e.found.items, e.found.count, sizeof e.found.items[0], compare);
        findings.items = e.found.items;
        findings.count = e.found.count;
        findings.left_out = e.left_out;
        findings.not_examined = what_was_not_examined(&e);
        findings.is_cut = is_cut(&e);
    }
    *out_findings = findings;
    return status;
}

const char *statement_severity_name(enum statement_severity severity)
{
    static const char *const names[] = {"unset", "note", "warning", "critical"};

    return names[severity];
}

void statement_findings_write(const struct statement_findings *findings, struct json_writer *json)
{
    json_key(json, "findings");
    json_array_begin(json);
    for (size_t i = 0; i < findings->count; i++) {
        const struct statement_finding *finding = &findings->items[i];

        json_object_begin(json);
        json_member_string(json, "rule", finding->rule);
        json_member_string(json, "severity", statement_severity_name(finding->severity));
        json_member_string(json, "title", finding->title);
        json_member_text(json, "evidence", finding->evidence);
        json_member_string(json, "remedy", finding->remedy);
        json_member_int64(json, "from", (int64_t)finding->from);
        json_member_int64(json, "to", (int64_t)finding->to);
        json_object_end(json);
    }
    json_array_end(json);
    json_member_int64(json, "findings_left_out", (int64_t)findings->left_out);
    json_member_string(json, "not_examined", findings->not_examined);
}
