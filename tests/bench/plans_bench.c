/* How many of the corpus's faults lib/plan names, and how many of its findings are right, by group, engine and label;
 * beside the tiers by which PEV2 colours the nodes of PostgreSQL's plans. Prints one JSON object a line, and with
 * `--tell GROUP` what of that group was missed or wrong, on standard error.
 *
 * PEV2 names no causes. A plan counts as found by it where it colours the faulty table's node or one above it, and a
 * healthy one as flagged where it colours any node. That is asked of Potto, too, for the comparison ("place"). PEV2's
 * thresholds are those of its src/node.ts of August 2026: share of time and of cost above 10, 40, 90 %; estimate off by
 * more than 10, 100, 1000 times; rows removed above 50, 90 %; heap fetches above 0, 40, 90 %; more than one batch. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan/findings.h"
#include "tests/plans/corpus.h"

enum { TIERS = 3, LABELS_MAX = 100 };

/* ---- PEV2's tiers ---- */

/* 0: not coloured; 2 to 4 as PEV2's classes c-2 to c-4. `from`: thresholds of the three, above which they begin. */
static int tier_of(double value, const double from[TIERS])
{
    int tier = 0;

    for (int i = 0; i < TIERS; i++)
        if (value > from[i])
            tier = i + 2;
    return tier;
}

static int greater(int left, int right)
{
    return left > right ? left : right;
}

static double rows_removed(const struct plan_node *node)
{
    static const enum plan_number names[] = {PLAN_FILTER_REMOVED, PLAN_JOIN_FILTER_REMOVED, PLAN_RECHECK_REMOVED};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (plan_number(node, names[i]) >= 0)
            return plan_number(node, names[i]);
    return 0;
}

/* The share of the whole in percent, rounded as PEV2 does it. */
static double percent(double part, double whole)
{
    return whole > 0 && part >= 0 ? round(part / whole * 100) : 0;
}

/* Tiers of a node but those of time and cost. */
static int tier_of_rows(const struct plan_node *node)
{
    static const double estimates[TIERS] = {10, 100, 1000}, removals[TIERS] = {HUGE_VAL, 50, 90},
                        fetches[TIERS] = {0, 40, 90}, batches[TIERS] = {HUGE_VAL, 1, HUGE_VAL};
    double rows = plan_number(node, PLAN_ROWS), removed = rows_removed(node);
    double filtered =
        fmax(plan_number(node, PLAN_FILTER_REMOVED), 0) + fmax(plan_number(node, PLAN_JOIN_FILTER_REMOVED), 0);
    int tier = 0;

    if (rows >= 0 && node->rows >= 0)
        tier = tier_of(rows > node->rows ? rows / node->rows : node->rows / rows, estimates);
    if (removed > 0 && rows >= 0)
        tier = greater(tier, tier_of(floor(removed / (removed + rows) * 100), removals));
    if (plan_number(node, PLAN_HEAP_FETCHES) > 0)
        tier = greater(tier, tier_of(plan_number(node, PLAN_HEAP_FETCHES) / (rows + filtered) * 100, fetches));
    return greater(tier, tier_of(plan_number(node, PLAN_HASH_BATCHES), batches));
}

static int tier_of_load(const struct plan *plan, const struct plan_node *node)
{
    static const double shares[TIERS] = {10, 40, 90};
    double own_cost = node->cost, execution_ms = plan_number(plan->nodes[0], PLAN_EXECUTION_MS);

    for (const struct plan_node *child = node->first_child; child != NULL; child = child->next_sibling)
        own_cost -= fmax(child->cost, 0);
    return greater(tier_of(percent(own_cost, plan->total_cost), shares),
                   tier_of(percent(node->own_ms, execution_ms), shares));
}

/* ---- sums ---- */

struct place {
    const char *name;
    size_t found, flagged;
};

struct sums {
    struct corpus_tally tally;
    struct place places[1 + 2 * TIERS]; /* Potto, PEV2's tiers, PEV2's tiers but those of time and cost */
};

static void count_places(const struct corpus_plan *item, struct arena *arena, struct sums *sums)
{
    bool is_there[1 + 2 * TIERS] = {false};
    struct plan_findings findings;
    struct plan plan = {0};
    struct error error = {0};

    if (plan_read_pasted(PLAN_DIALECT_UNSET, item->plan, arena, &plan, &error) != STATUS_OK)
        return;
    plan_find(&plan, arena, &findings);
    for (size_t i = 0; i < findings.count; i++)
        is_there[0] |= item->label.data == NULL || corpus_is_at_fault(item, findings.items[i].node);
    for (size_t n = 0; n < plan.node_count; n++) {
        const struct plan_node *node = plan.nodes[n];
        int rows = tier_of_rows(node), all = greater(rows, tier_of_load(&plan, node));

        if (item->label.data != NULL && !corpus_is_at_fault(item, node))
            continue;
        for (int tier = 0; tier < TIERS; tier++) {
            is_there[1 + tier] |= all >= tier + 2;
            is_there[1 + TIERS + tier] |= rows >= tier + 2;
        }
    }
    for (size_t i = 0; i < sizeof is_there / sizeof is_there[0]; i++) {
        sums->places[i].found += item->label.data != NULL && is_there[i];
        sums->places[i].flagged += item->label.data == NULL && is_there[i];
    }
}

static void print_tally(const char *group, const char *what, const struct corpus_tally *tally)
{
    printf(
        "{\"bench\": \"plans\", \"group\": \"%s\", \"of\": \"%s\", \"faulty\": %zu, \"found\": %zu, \"recall\": %.3f, "
        "\"findings\": %zu, \"right\": %zu, \"precision\": %.3f, \"healthy\": %zu, \"flagged\": %zu}\n",
        group, what, tally->faulty, tally->found, corpus_recall(tally), tally->findings, tally->right,
        corpus_precision(tally), tally->healthy, tally->flagged);
}

static void print_places(const char *group, const struct sums *sums)
{
    static const char *const names[] = {"Potto",
                                        "PEV2, tiers 2 to 4",
                                        "PEV2, tiers 3 and 4",
                                        "PEV2, tier 4",
                                        "PEV2 without time and cost, tiers 2 to 4",
                                        "PEV2 without time and cost, tiers 3 and 4",
                                        "PEV2 without time and cost, tier 4"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct place *place = &sums->places[i];
        size_t all = place->found + place->flagged;

        printf(
            "{\"bench\": \"plans\", \"group\": \"%s\", \"of\": \"place, PostgreSQL\", \"by\": \"%s\", \"faulty\": %zu, "
            "\"found\": %zu, \"recall\": %.3f, \"healthy\": %zu, \"flagged\": %zu, \"precision\": %.3f}\n",
            group, names[i], sums->tally.faulty, place->found,
            (double)place->found / (double)(sums->tally.faulty > 0 ? sums->tally.faulty : 1), sums->tally.healthy,
            place->flagged, all == 0 ? 1 : (double)place->found / (double)all);
    }
}

/* ---- groups ---- */

/* `engine`, `label`: those alone; data NULL: all. */
static bool score(const struct corpus *corpus, const char *group, struct text engine, struct text label, FILE *details,
                  struct sums *sums)
{
    memset(sums, 0, sizeof *sums);
    for (size_t i = 0; i < corpus->count; i++) {
        const struct corpus_plan *item = &corpus->items[i];
        struct arena *arena;
        bool is_good;

        if ((group != NULL && !text_equal(item->group, text_of(group))) ||
            (engine.data != NULL && !text_equal(item->engine, engine)) ||
            (label.data != NULL && !text_equal(item->label, label)))
            continue;
        arena = arena_new(0);
        is_good = corpus_score(item, arena, details, &sums->tally);
        if (engine.data != NULL && text_equal(engine, TEXT("postgresql")))
            count_places(item, arena, sums);
        arena_destroy(arena);
        if (!is_good)
            return false;
    }
    return true;
}

static bool print_labels(const struct corpus *corpus)
{
    struct text seen[LABELS_MAX];
    size_t count = 0;
    struct sums sums;

    for (size_t i = 0; i < corpus->count; i++) {
        struct text label = corpus->items[i].label;
        bool is_seen = label.data == NULL || count == LABELS_MAX;

        for (size_t k = 0; k < count; k++)
            is_seen |= text_equal(seen[k], label);
        if (is_seen)
            continue;
        seen[count++] = label;
        if (!score(corpus, NULL, (struct text){NULL, 0}, label, NULL, &sums))
            return false;
        print_tally("all", label.data, &sums.tally);
    }
    return true;
}

int main(int argument_count, char **arguments)
{
    static const char *const groups[] = {"tune", "held", "fresh", NULL}, *const engines[] = {"postgresql", "mariadb",
                                                                                             "mysql"};
    const char *told = argument_count == 3 && strcmp(arguments[1], "--tell") == 0 ? arguments[2] : "";
    struct arena *arena = arena_new(0);
    struct corpus corpus;
    bool is_good =
        corpus_read(POTTO_PROJECT_DIR "/tests/plans/corpus.jsonl.gz", arena, &corpus) && print_labels(&corpus);

    for (size_t i = 0; is_good && i < sizeof groups / sizeof groups[0]; i++) {
        const char *group = groups[i], *name = group == NULL ? "all" : group;
        struct sums sums;

        for (size_t e = 0; is_good && e < sizeof engines / sizeof engines[0]; e++) {
            is_good = score(&corpus, group, text_of(engines[e]), (struct text){NULL, 0}, NULL, &sums);
            print_tally(name, engines[e], &sums.tally);
            if (e == 0)
                print_places(name, &sums);
        }
        is_good = is_good && score(&corpus, group, (struct text){NULL, 0}, (struct text){NULL, 0},
                                   group != NULL && strcmp(told, group) == 0 ? stderr : NULL, &sums);
        print_tally(name, "all", &sums.tally);
    }
    arena_destroy(arena);
    return is_good ? 0 : 1;
}
