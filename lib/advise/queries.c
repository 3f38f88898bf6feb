/* Checks of whole queries and statements: ORDER BY, LIMIT, WHERE, the select list. */
#include "advise/examine.h"

#include <stdio.h>

enum { OFFSET_LARGE = 10000, WIDE_COLUMNS = 20 };

static double offset_of(node *query)
{
    node *offset = syntax_tail(query, SYNTAX_OFFSET), *pair = syntax_tail(query, SYNTAX_LIMIT_PAIR);

    return offset != NULL ? number_of(offset->items[0]) : pair != NULL ? number_of(pair->items[0]) : -1;
}

static bool has_offset(node *query)
{
    double offset = offset_of(query);

    return (syntax_tail(query, SYNTAX_OFFSET) != NULL || syntax_tail(query, SYNTAX_LIMIT_PAIR) != NULL) && offset != 0;
}

static node *limit_of(node *query)
{
    node *limit = syntax_tail(query, SYNTAX_LIMIT), *pair = syntax_tail(query, SYNTAX_LIMIT_PAIR);
    node *fetch = syntax_tail(query, SYNTAX_FETCH);

    return limit != NULL ? limit->items[0] : pair != NULL ? pair->items[1] : syntax_item(fetch, 0);
}

void check_order_by_random(struct examiner *e, node *at)
{
    static const char *const names[] = {"random", "rand", "uuid", "gen_random_uuid", NULL};
    node *call = syntax_bare(at->items[0]);

    if (is_call_of(call, names) && call->items[CALL_ARGUMENTS] == NULL)
        found(e, at, "All rows are made and sorted by %s.", shown(e, call));
}

void check_offset_large(struct examiner *e, node *at)
{
    double offset = offset_of(at);

    if (offset >= OFFSET_LARGE)
        found(e, at->items[QUERY_TAIL], "%.0f rows are made only to be left out.", offset);
}

void check_offset_without_order(struct examiner *e, node *at)
{
    if (has_offset(at) && syntax_tail(at, SYNTAX_ORDER) == NULL)
        found(e, at->items[QUERY_TAIL], "OFFSET without ORDER BY: %s.", shown(e, at->items[QUERY_TAIL]));
}

/* Is there at most one row whatever LIMIT says? */
static bool is_single_row(node *query)
{
    node *targets = query->kind == SYNTAX_SELECT ? query->items[SELECT_TARGETS] : NULL;
    static const char *const aggregates[] = {"count", "sum", "min", "max", "avg", NULL};

    if (query->kind == SYNTAX_SELECT && query->items[SELECT_FROM] == NULL)
        return true;
    return targets != NULL && targets->count > 0 && query->items[SELECT_GROUP] == NULL &&
           is_call_of(targets->items[0]->items[0], aggregates) &&
           syntax_bare(targets->items[0]->items[0])->items[CALL_AFTER] == NULL;
}

void check_limit_without_order(struct examiner *e, node *at)
{
    node *limit = limit_of(at);

    if (e->is_top && limit != NULL && number_of(limit) > 1 && !has_offset(at) &&
        syntax_tail(at, SYNTAX_ORDER) == NULL && !is_single_row(at))
        found(e, at->items[QUERY_TAIL], "%s without ORDER BY.", shown(e, at->items[QUERY_TAIL]));
}

static bool is_joined(node *at)
{
    node *tables = at->items[at->kind == SYNTAX_UPDATE ? UPDATE_TABLES : DELETE_TABLES];

    if (at->items[at->kind == SYNTAX_UPDATE ? UPDATE_FROM : DELETE_USING] != NULL)
        return true;
    return tables->kind == SYNTAX_LIST ? tables->count > 1 || tables->items[0]->kind != SYNTAX_TABLE
                                       : tables->kind != SYNTAX_TABLE;
}

void check_write_without_where(struct examiner *e, node *at)
{
    if (at->items[UPDATE_WHERE] == NULL && !is_joined(at) && syntax_tail(at, SYNTAX_LIMIT) == NULL)
        found(e, at, "%s every row of the table.", at->kind == SYNTAX_UPDATE ? "It changes" : "It deletes");
}

void check_write_limit_without_order(struct examiner *e, node *at)
{
    if (syntax_tail(at, SYNTAX_LIMIT) != NULL && syntax_tail(at, SYNTAX_ORDER) == NULL)
        found(e, at->items[QUERY_TAIL], "Which rows it writes is left to chance.");
}

void check_lock_without_where(struct examiner *e, node *at)
{
    node *lock = syntax_tail(at, SYNTAX_LOCK);

    if (lock != NULL && at->items[SELECT_WHERE] == NULL && limit_of(at) == NULL && at->items[SELECT_FROM] != NULL &&
        at->items[SELECT_FROM]->count == 1 && at->items[SELECT_FROM]->items[0]->kind == SYNTAX_TABLE)
        found(e, lock, "%s locks every row of the table.", shown(e, lock));
}

void check_select_star_wide(struct examiner *e, node *at)
{
    node *targets = at->items[SELECT_TARGETS];
    const struct block *block = resolve_block(e->names, at);

    if (!e->is_top || targets == NULL || block == NULL)
        return;
    for (uint32_t i = 0; i < targets->count; i++) {
        node *value = targets->items[i]->items[0];

        for (size_t k = 0; value->kind == SYNTAX_STAR && k < block->sources.count; k++) {
            const struct schema_table *table = block->sources.items[k].table;

            if (table != NULL && table->columns.count >= WIDE_COLUMNS) {
                found(e, value, "%.*s has %zu columns.", (int)table->name.size, table->name.data, table->columns.count);
                return;
            }
        }
    }
}

void check_correlated_subquery(struct examiner *e, node *at)
{
    const struct block *block = resolve_block(e->names, at->items[0]);

    if (e->is_target && block != NULL && block->reference != NULL && e->block != NULL &&
        e->block->query->kind == SYNTAX_SELECT)
        found(e, at, "It asks for %s of the outer query, so it runs for each of its rows.", shown(e, block->reference));
}

/* Is there a call, a subquery or something else that may need groups? */
static bool may_need_groups(node *at)
{
    if (at == NULL)
        return false;
    if (at->kind == SYNTAX_CALL || at->kind == SYNTAX_SUBQUERY || at->kind == SYNTAX_RAW || at->kind == SYNTAX_VARIABLE)
        return true;
    for (uint32_t i = 0; i < at->count; i++)
        if (may_need_groups(at->items[i]))
            return true;
    return false;
}

static bool is_label(node *query, node *name)
{
    node *targets = query->items[SELECT_TARGETS];

    for (uint32_t i = 0; targets != NULL && name->count == 1 && i < targets->count; i++) {
        node *label = targets->items[i]->items[1];

        if (label != NULL && text_equal_nocase(label->text, name->items[0]->text))
            return true;
    }
    return false;
}

void check_having_could_be_where(struct examiner *e, node *at)
{
    node *parts[64];
    size_t count = conjuncts(at->items[SELECT_HAVING], parts, 64);

    if (at->items[SELECT_GROUP] == NULL || at->items[SELECT_GROUP]->items[1] != NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        size_t columns = 0;
        node *name = only_column(parts[i], &columns);

        if (columns == 1 && !may_need_groups(parts[i]) && source_of(e, name) != NULL && !is_label(at, name))
            found(e, parts[i], "%s asks for no aggregate.", shown(e, parts[i]));
    }
}

void check_order_in_subquery(struct examiner *e, node *at)
{
    node *subquery = at->items[at->kind == SYNTAX_IN ? 1 : 0];
    node *query = subquery->kind == SYNTAX_SUBQUERY ? subquery->items[0] : NULL;
    node *order =
        query == NULL || limit_of(query) != NULL || has_offset(query) ? NULL : syntax_tail(query, SYNTAX_ORDER);

    if (order != NULL)
        found(e, order, "%s changes nothing.", shown(e, order));
}
