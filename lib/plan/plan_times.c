/* Where a plan's time went: each node's total and own time.
 *
 * The engines measure differently. PostgreSQL gives a node's time with everything below (the reader multiplies it by
 * the loops); MariaDB gives a table's own time, and a sort's or query block's time with everything below. What is
 * missing is computed here, from the leaves up. Clocks of nodes overlap a little, so no time gets below 0. */
#include <math.h>

#include "plan/plan_internal.h"

/* A CTE runs where it is first scanned: its time is within that scan's, not within that of the node it hangs on. */
static bool is_cte(const struct plan_node *node)
{
    return text_starts(plan_word(node, PLAN_WORD_SUBPLAN), TEXT("CTE "));
}

static double below_ms(const struct plan_node *node)
{
    double sum = -1;

    for (const struct plan_node *child = node->first_child; child != NULL; child = child->next_sibling)
        if (child->total_ms >= 0 && !is_cte(child))
            sum = fmax(sum, 0) + child->total_ms;
    return sum;
}

static void fill(struct plan_node *node)
{
    double below = below_ms(node);

    if (node->own_ms >= 0)
        node->total_ms = node->own_ms + fmax(below, 0);
    else if (node->total_ms >= 0)
        node->own_ms = fmax(node->total_ms - fmax(below, 0), 0);
    else
        node->total_ms = below;
}

/* The scans of a CTE have its time; what they share out may not be more than they took. */
static void take_off_cte(struct plan_node *const *nodes, size_t count, const struct plan_node *cte)
{
    struct text name = plan_word(cte, PLAN_WORD_SUBPLAN);
    double left = cte->total_ms;

    text_take_off(&name, TEXT("CTE "));
    for (size_t i = 0; i < count && left > 0; i++)
        if (nodes[i]->kind == PLAN_KIND_CTE_SCAN && nodes[i]->own_ms > 0 && text_equal(nodes[i]->relation, name)) {
            double taken = fmin(left, nodes[i]->own_ms);

            nodes[i]->own_ms -= taken;
            left -= taken;
        }
}

void plan_times_fill(struct plan_node *const *nodes, size_t count)
{
    enum { CTES_MAX = 50 }; /* so that the work stays in proportion to the plan */
    int ctes = 0;

    for (size_t i = count; i > 0; i--)
        fill(nodes[i - 1]);
    for (size_t i = 0; i < count && ctes < CTES_MAX; i++)
        if (is_cte(nodes[i]) && nodes[i]->total_ms > 0) {
            take_off_cte(nodes, count, nodes[i]);
            ctes++;
        }
}
