/* Any bytes as a plan: read into a tree, examined by all rules, drawn as a page draws it, and written as the API writes
 * it. After a NUL comes a second plan of the same engine, which is compared with the first. The first byte chooses the
 * engine and whether the plan is JSON that was stored, or was pasted. */
#include <math.h>

#include "base/json_read.h"
#include "fcgi/api/plan_json.h"
#include "fcgi/pages/plan_view.h"
#include "plan/compare.h"
#include "plan/findings.h"
#include "tests/fuzz/fuzz.h"

enum {
    /* Each byte of a plan is copied a few times: into a label, and into conditions as they grow. A node of a text may
     * have four bytes. */
    MEMORY_BYTES_A_BYTE = 128,
    MEMORY_BYTES_FREE = 64 * 1024,
    /* A finding is a thousand bytes or two, a node may have several, and a node takes a hundred bytes of a plan. */
    FINDINGS_BYTES_A_BYTE = 256,
    FINDINGS_BYTES_FREE = 1024 * 1024,
    PASTED_FROM = 64,       /* first bytes */
    PAGE_BYTES = 32 * 1024, /* of the page around the plan */
    NODE_BYTES = 2048,      /* of a node's row without its texts */
    INDENT_BYTES = 64,
    ESCAPED_BYTES_A_BYTE = 6,     /* &quot; */
    CONDITION_BYTES = 600,        /* a page shows so much of a condition */
    FINDINGS_BYTES = 1024 * 1024, /* of what is found in a plan */
    SENTENCE_BYTES = 2048,
    COMPARED_NODE_BYTES = 4096, /* sentences and places of a node */
};

static const struct {
    const char *engine;
    enum plan_dialect dialect;
} engines[] = {
    {"postgresql", PLAN_DIALECT_POSTGRESQL},
    {"mysql", PLAN_DIALECT_MYSQL},
    {"oracle", PLAN_DIALECT_UNSET},
};

static bool is_json(struct text json, struct arena *arena)
{
    struct json_reader reader;

    json_reader_init(&reader, json, arena);
    return json_skip(&reader, NULL) && json_finish(&reader);
}

static void check_node(const struct plan *plan, size_t at, bool is_utf8)
{
    const struct plan_node *node = plan->nodes[at];
    double children_share = 0;

    fuzz_check(node->label.size > 0, "a node has a label");
    fuzz_check(isfinite(node->rows) && isfinite(node->cost), "numbers are finite");
    fuzz_check(node->cost_share >= -1e-9 && node->cost_share <= 1 + 1e-9, "a share lies between 0 and 1");
    fuzz_check((at == 0) == (node->parent == NULL), "the first node alone has no parent");
    fuzz_check(node->depth == (at == 0 ? 0 : node->parent->depth + 1) && node->depth < PLAN_DEPTH_MAX,
               "a node lies one below its parent");
    fuzz_check(node->first_child == NULL || (at + 1 < plan->node_count && node->first_child == plan->nodes[at + 1]),
               "a node's first child comes next");
    for (const struct plan_node *child = node->first_child; child != NULL; child = child->next_sibling) {
        fuzz_check(child->parent == node, "a child knows its parent");
        children_share += child->cost_share;
    }
    fuzz_check(children_share <= 1 + 1e-6, "shares add up to 1 at most");
    fuzz_check(!is_utf8 || (fuzz_is_utf8(node->label) && fuzz_is_utf8(node->relation) && fuzz_is_utf8(node->alias) &&
                            fuzz_is_utf8(node->index) && fuzz_is_utf8(node->condition)),
               "texts are UTF-8");
}

static void check_tree(const struct plan *plan, bool is_utf8)
{
    double share = 0;

    fuzz_check(plan->node_count >= 1 && plan->node_count <= PLAN_NODES_MAX, "a plan has 1 to 2000 nodes");
    fuzz_check(isfinite(plan->total_cost), "the total is finite");
    for (size_t i = 0; i < plan->node_count; i++) {
        check_node(plan, i, is_utf8);
        share += plan->nodes[i]->cost_share;
    }
    fuzz_check(fabs(share - (plan->total_cost > 0 ? 1 : 0)) < 1e-6, "shares add up to the whole, or to nothing");
}

static void check_finding(const struct plan_findings *findings, size_t at, bool is_utf8)
{
    const struct plan_finding *finding = &findings->items[at];

    fuzz_check(finding->severity >= FINDING_NOTE && finding->severity <= FINDING_CRITICAL, "a finding has a severity");
    fuzz_check(at == 0 || finding->severity <= findings->items[at - 1].severity, "the gravest come first");
    fuzz_check(finding->saves_share <= 1 && (finding->saves_share < 0 || finding->saves_share >= FINDING_SHARE_MIN),
               "a finding saves a share that is worth while, or it is unknown");
    fuzz_check(finding->node != NULL && finding->evidence.size > 0 && finding->remedy.size > 0,
               "a finding has a node, evidence and a remedy");
    fuzz_check(!is_utf8 || (fuzz_is_utf8(finding->evidence) && fuzz_is_utf8(finding->remedy)), "texts are UTF-8");
}

static void check_findings(const struct plan *plan, size_t size, bool is_utf8, struct arena *arena)
{
    size_t used = arena_used(arena);
    struct plan_findings findings;
    struct json_writer writer;
    struct buffer out;

    plan_find(plan, arena, &findings);
    fuzz_check(arena_used(arena) - used <= FINDINGS_BYTES_FREE + FINDINGS_BYTES_A_BYTE * size,
               "findings stay in proportion to the plan");
    fuzz_check(findings.count <= FINDINGS_MAX, "findings have their bound");
    for (size_t i = 0; i < findings.count; i++)
        check_finding(&findings, i, is_utf8);
    buffer_init(&out, SIZE_MAX);
    json_writer_init(&writer, &out);
    json_object_begin(&writer);
    plan_findings_write(plan, &findings, &writer);
    json_object_end(&writer);
    fuzz_check(!out.has_failed && is_json(buffer_text(&out), arena), "findings are written as JSON");
    buffer_free(&out);
}

/* Blanks before a plan, and PostgreSQL's array around it, must not change its hash. */
static void check_hash(enum plan_dialect dialect, struct text json, const struct plan *plan, struct arena *arena)
{
    char *shifted = arena_alloc(arena, json.size + 3);
    struct plan again;

    memset(shifted, ' ', json.size + 3);
    memcpy(shifted + 2, json.data, json.size);
    fuzz_check(plan_read(dialect, (struct text){shifted, json.size + 3}, arena, &again, NULL) == STATUS_OK,
               "a plan with blanks around it is read");
    fuzz_check(plan->node_count == again.node_count && memcmp(&plan->hash, &again.hash, sizeof again.hash) == 0,
               "blanks do not change a plan");
    if (dialect != PLAN_DIALECT_POSTGRESQL || memchr("{", text_trim(json).data[0], 1) == NULL)
        return;
    shifted[0] = '[';
    shifted[json.size + 2] = ']';
    if (plan_read(dialect, (struct text){shifted, json.size + 3}, arena, &again, NULL) == STATUS_OK)
        fuzz_check(memcmp(&plan->hash, &again.hash, sizeof again.hash) == 0, "a list around it does not change a plan");
}

static size_t shown_bytes(const struct plan_node *node)
{
    size_t condition = node->condition.size < CONDITION_BYTES ? node->condition.size : CONDITION_BYTES;

    return NODE_BYTES + INDENT_BYTES * (size_t)node->depth +
           ESCAPED_BYTES_A_BYTE *
               (node->label.size + node->relation.size + node->alias.size + node->index.size + condition);
}

static void check_page(const char *engine, struct text json, const struct plan *plan, struct arena *arena)
{
    struct connection connection = {.id = 1, .name = TEXT("shop"), .engine = text_of(engine)};
    const struct page page = {
        .arena = arena, .now_us = 1767225600000000, .connections = {.items = &connection, .count = 1}};
    const struct query_plan shown = {.connection_id = 1, .provenance = PLAN_PROVENANCE_EXPLAIN};
    struct page_data *data = page_data_new(arena);
    size_t bytes_max = PAGE_BYTES + FINDINGS_BYTES + ESCAPED_BYTES_A_BYTE * json.size;
    struct buffer html;

    for (size_t i = 0; i < plan->node_count; i++)
        bytes_max += shown_bytes(plan->nodes[i]);
    plan_view_add(&page, data, &shown, json);
    buffer_init(&html, bytes_max);
    fuzz_check(page_expand(FUZZ_TEMPLATES, "query.tpl", data, &html, NULL) == STATUS_OK,
               "the page stays in proportion to the plan");
    fuzz_check(memmem(html.data, html.size_bytes, "<zz", 3) == NULL, "no text of a plan becomes markup");
    buffer_free(&html);
}

static void check_api(struct text json, struct arena *arena)
{
    const struct query_plan shown = {.provenance = PLAN_PROVENANCE_EXPLAIN, .total_cost = 1.5};
    struct json_writer writer;
    struct buffer out;

    buffer_init(&out, json.size + FINDINGS_BYTES);
    json_writer_init(&writer, &out);
    plan_write(&writer, &shown, json, arena);
    fuzz_check(!out.has_failed && is_json(buffer_text(&out), arena), "a plan is written as JSON");
    buffer_free(&out);
}

static void check_marks(const enum plan_mark *marks, const struct plan *plan, bool is_same)
{
    for (size_t i = 0; i < plan->node_count; i++)
        fuzz_check(marks[i] <= PLAN_MARK_ALONE && (!is_same || marks[i] == PLAN_MARK_UNSET), "a mark is one");
}

static void check_sentence(struct text sentence, bool is_utf8)
{
    fuzz_check(sentence.size > 0 && sentence.size < SENTENCE_BYTES, "a sentence has words, and an end");
    fuzz_check(!is_utf8 || fuzz_is_utf8(sentence), "a sentence is UTF-8");
}

static void check_comparison(const struct plan *before, const struct plan *after, bool is_utf8, struct arena *arena)
{
    size_t used = arena_used(arena), node_count = before->node_count + after->node_count;
    struct plan_comparison comparison;

    plan_compare(&(struct plan_side){before, true}, &(struct plan_side){after, false}, arena, &comparison);
    fuzz_check(arena_used(arena) - used <= MEMORY_BYTES_FREE + COMPARED_NODE_BYTES * node_count,
               "memory stays in proportion to the nodes");
    fuzz_check(comparison.change_count <= PLAN_CHANGES_MAX && comparison.relation_count <= PLAN_RELATIONS_MAX &&
                   comparison.reason_count <= PLAN_REASONS_MAX,
               "lists have their bounds");
    fuzz_check(comparison.is_same ? comparison.change_count + comparison.reason_count == 0
                                  : comparison.reason_count > 0,
               "what differs has a reason, or it is said that none is known");
    for (size_t i = 0; i < comparison.change_count; i++)
        check_sentence(comparison.changes[i].sentence, is_utf8);
    for (size_t i = 0; i < comparison.reason_count; i++)
        check_sentence(comparison.reasons[i].sentence, is_utf8);
    check_marks(comparison.before_marks, before, comparison.is_same);
    check_marks(comparison.after_marks, after, comparison.is_same);
}

/* The part after the first NUL, which no JSON has. */
static struct text take_second(struct text *json)
{
    const char *nul = json->size == 0 ? NULL : memchr(json->data, '\0', json->size);
    struct text second = {NULL, 0};

    if (nul == NULL)
        return second;
    second = (struct text){nul + 1, (size_t)(json->data + json->size - nul - 1)};
    json->size = (size_t)(nul - json->data);
    return second;
}

/* JSON that was stored is compared, too. */
static void check_stored(enum plan_dialect dialect, struct text json, struct text second, const struct plan *plan,
                         bool is_utf8, struct arena *arena)
{
    struct plan other;

    check_hash(dialect, json, plan, arena);
    check_comparison(plan, plan, is_utf8, arena);
    if (plan_read(dialect, second, arena, &other, NULL) == STATUS_OK)
        check_comparison(plan, &other, is_utf8 && fuzz_is_utf8(second), arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text json = {(const char *)data, size};
    struct arena *arena = arena_new(0);
    size_t first = fuzz_take_byte(&json), choice = first % (sizeof engines / sizeof engines[0]);
    struct text second = take_second(&json);
    bool is_utf8 = fuzz_is_utf8(json), is_pasted = first >= PASTED_FROM;
    struct plan plan = {0};
    struct error error = {0};
    enum plan_dialect dialect = engines[choice].dialect;
    enum status status = is_pasted ? plan_read_pasted(dialect, json, arena, &plan, &error)
                                   : plan_read(dialect, json, arena, &plan, &error);

    fuzz_check(arena_used(arena) <= MEMORY_BYTES_FREE + MEMORY_BYTES_A_BYTE * size,
               "memory stays in proportion to the plan");
    if (status == STATUS_OK) {
        check_tree(&plan, is_utf8);
        check_findings(&plan, size, is_utf8, arena);
        if (!is_pasted)
            check_stored(dialect, json, second, &plan, is_utf8, arena);
    } else {
        fuzz_check(plan.node_count == 0 && error.message[0] != '\0', "a refusal has a message");
    }
    if (is_utf8 && !is_pasted) {
        check_page(engines[choice].engine, json, &plan, arena);
        if (is_json(json, arena))
            check_api(json, arena);
    }
    arena_destroy(arena);
    return 0;
}
