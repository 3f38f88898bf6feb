/* lib/plan's findings: every rule over plans that servers made (tests/plans), and what no server would send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan/findings_internal.h"

enum { FILE_BYTES_MAX = 1 << 20, RULES_MAX = 100 };

static const struct {
    const char *directory;
    enum plan_dialect dialect;
} engines[] = {
    {"postgresql", PLAN_DIALECT_POSTGRESQL},
    {"mariadb", PLAN_DIALECT_MYSQL},
    {"mysql", PLAN_DIALECT_MYSQL},
};

static struct text read_file(const char *path, struct arena *arena)
{
    char *data = arena_alloc(arena, FILE_BYTES_MAX);
    FILE *file = fopen(path, "r");
    size_t size;

    if (file == NULL)
        fail_msg("%s cannot be opened", path);
    size = fread(data, 1, FILE_BYTES_MAX, file);
    fclose(file);
    return (struct text){data, size};
}

static struct plan read_plan(struct text pasted, struct arena *arena)
{
    struct plan plan = {0};
    struct error error = {0};

    if (plan_read_pasted(PLAN_DIALECT_UNSET, pasted, arena, &plan, &error) != STATUS_OK)
        fail_msg("%.200s: %s %s", pasted.data, error.message, error.detail);
    return plan;
}

static const struct plan_finding *find_rule(const struct plan_findings *findings, struct text rule)
{
    for (size_t i = 0; i < findings->count; i++)
        if (text_equal(text_of(findings->items[i].rule), rule))
            return &findings->items[i];
    return NULL;
}

static size_t number_of_rule(struct text name)
{
    for (size_t i = 0; i < finding_rule_count; i++)
        if (text_equal(text_of(finding_rules[i].name), name))
            return i;
    fail_msg("no rule is called %.*s", (int)name.size, name.data);
    return 0;
}

static void check_finding(const char *path, const struct plan_finding *finding)
{
    if (finding->evidence.size == 0 || finding->remedy.size == 0)
        fail_msg("%s: %s says nothing", path, finding->rule);
    if (condition_contains(finding->remedy, "{"))
        fail_msg("%s: %s", path, finding->remedy.data);
    assert_true(finding->saves_share <= 1 && (finding->saves_share >= FINDING_SHARE_MIN || finding->saves_share < 0));
}

/* Check one file, named RULE.fires.json, RULE.near.json or RULE.fires.txt. Returns 1 for fires, 2 for near. */
static int check_case(const char *path, const char *name, enum plan_dialect dialect, size_t *out_rule)
{
    struct arena *arena = arena_new(0);
    struct plan plan = read_plan(read_file(path, arena), arena);
    struct text rest = text_of(name), rule, kind;
    struct plan_findings findings;
    bool is_found, is_firing;

    assert_true(text_split(&rest, '.', &rule));
    assert_true(text_split(&rest, '.', &kind));
    *out_rule = number_of_rule(rule);
    is_firing = text_equal(kind, TEXT("fires"));
    assert_int_equal(plan.dialect, dialect);
    plan_find(&plan, arena, &findings);
    for (size_t i = 0; i < findings.count; i++)
        check_finding(path, &findings.items[i]);
    is_found = find_rule(&findings, rule) != NULL;
    if (is_found != is_firing)
        fail_msg("%s: the rule %s", path, is_found ? "fires" : "does not fire");
    arena_destroy(arena);
    return is_firing ? 1 : 2;
}

static void every_rule_fires_and_spares_on_plans_of_real_servers(void **state)
{
    int seen[RULES_MAX] = {0};

    (void)state;
    for (size_t e = 0; e < sizeof engines / sizeof engines[0]; e++) {
        char path[512];
        struct dirent *entry;
        DIR *directory;

        snprintf(path, sizeof path, POTTO_PROJECT_DIR "/tests/plans/%s", engines[e].directory);
        directory = opendir(path);
        assert_non_null(directory);
        while ((entry = readdir(directory)) != NULL) {
            size_t rule = 0;
            int kind;

            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, POTTO_PROJECT_DIR "/tests/plans/%s/%s", engines[e].directory, entry->d_name);
            kind = check_case(path, entry->d_name, engines[e].dialect, &rule);
            assert_true(rule < RULES_MAX);
            seen[rule] |= kind;
        }
        closedir(directory);
    }
    assert_true(finding_rule_count >= 40 && finding_rule_count <= RULES_MAX);
    for (size_t i = 0; i < finding_rule_count; i++)
        if (seen[i] != 3)
            fail_msg("%s has no case that %s", finding_rules[i].name, seen[i] == 1 ? "nearly fires" : "fires");
}

/* make.py records each firing plan of PostgreSQL twice, the second time as psql shows it. */
static void postgresql_text_and_json_are_the_same_plan(void **state)
{
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < finding_rule_count; i++) {
        struct arena *arena = arena_new(0);
        const char *stem =
            arena_printf(arena, POTTO_PROJECT_DIR "/tests/plans/postgresql/%s.fires", finding_rules[i].name);
        const char *text_path = arena_printf(arena, "%s.txt", stem);
        FILE *file = fopen(text_path, "r");

        if (file != NULL) {
            struct plan text = read_plan(read_file(text_path, arena), arena);
            struct plan json = read_plan(read_file(arena_printf(arena, "%s.json", stem), arena), arena);

            fclose(file);
            assert_int_equal(text.node_count, json.node_count);
            assert_int_equal(text.has_actuals, json.has_actuals);
            for (size_t n = 0; n < text.node_count; n++) {
                assert_string_equal(text.nodes[n]->label.data, json.nodes[n]->label.data);
                assert_int_equal(text.nodes[n]->kind, json.nodes[n]->kind);
                assert_int_equal(text.nodes[n]->depth, json.nodes[n]->depth);
                assert_true(text_equal(text.nodes[n]->relation, json.nodes[n]->relation));
                assert_true(text_equal(text.nodes[n]->index, json.nodes[n]->index));
                assert_true(fabs(text.nodes[n]->rows - json.nodes[n]->rows) < 1);
            }
            assert_memory_equal(text.hash.bytes, json.hash.bytes, sizeof text.hash.bytes);
            count++;
        }
        arena_destroy(arena);
    }
    assert_true(count >= 30);
}

#define SCAN_JSON "{\"Plan\": {\"Node Type\": \"Seq Scan\", \"Relation Name\": \"t\", \"Filter\": \"(a = 1)\", "

/* PostgreSQL tells of each worker on a line of its own. */
static void what_a_worker_sorts_on_disk_is_found(void **state)
{
    static const char sort[] =
        "Gather Merge  (cost=1.00..900.00 rows=90000 width=4) (actual time=10.00..95.00 rows=90000 loops=1)\n"
        "  Workers Planned: 1\n  Workers Launched: 1\n"
        "  ->  Sort  (cost=1.00..800.00 rows=45000 width=4) (actual time=9.00..60.00 rows=45000 loops=2)\n"
        "        Sort Key: a\n        Sort Method: quicksort  Memory: 1024kB\n"
        "        Worker 0:  Sort Method: external merge  Disk: 8192kB\n"
        "        ->  Parallel Seq Scan on t  (cost=0.00..100.00 rows=45000 width=4) "
        "(actual time=0.01..5.00 rows=45000 loops=2)\n"
        "Execution Time: 99.0 ms\n";
    struct arena *arena = arena_new(0);
    struct plan plan = read_plan(text_of(sort), arena);
    struct plan_findings findings;
    bool is_found = false;

    (void)state;
    plan_find(&plan, arena, &findings);
    for (size_t i = 0; i < findings.count; i++)
        is_found = is_found || strcmp(findings.items[i].rule, "sort_on_disk") == 0;
    assert_true(is_found);
    arena_destroy(arena);
}

/* The same scan as several clients show it. */
static void plans_are_read_as_people_paste_them(void **state)
{
    static const char *const pasted[] = {
        "Seq Scan on t  (cost=0.00..170.00 rows=1 width=4) (actual time=0.01..9.00 rows=2 loops=1)\n"
        "  Filter: (a = 1)\n  Rows Removed by Filter: 19998\nPlanning Time: 0.1 ms\nExecution Time: 9.5 ms\n",
        "                        QUERY PLAN                        \n"
        "----------------------------------------------------------\n"
        " Seq Scan on t  (cost=0.00..170.00 rows=1 width=4) (actual time=0.01..9.00 rows=2 loops=1)\n"
        "   Filter: (a = 1)\n   Rows Removed by Filter: 19998\n Planning Time: 0.1 ms\n Execution Time: 9.5 ms\n"
        "(5 rows)\n\n",
        "\"Seq Scan on t  (cost=0.00..170.00 rows=1 width=4) (actual time=0.01..9.00 rows=2 loops=1)\"\n"
        "\"  Filter: (a = 1)\"\n\"  Rows Removed by Filter: 19998\"\n\"Execution Time: 9.5 ms\"\n",
        "2026-11-28 12:00:00.000 UTC [77] LOG:  duration: 9.500 ms  plan:\n\tQuery Text: SELECT * FROM t WHERE a = 1;\n"
        "\tSeq Scan on t  (cost=0.00..170.00 rows=1 width=4) (actual time=0.01..9.00 rows=2 loops=1)\n"
        "\t  Filter: (a = 1)\n\t  Rows Removed by Filter: 19998\n",
        "+---------------------------------+\r\n| QUERY PLAN |\r\n+---------------------------------+\r\n"
        "| Seq Scan on t  (cost=0.00..170.00 rows=1 width=4) (actual time=0.01..9.00 rows=2 loops=1) |\r\n"
        "|   Filter: (a = 1)     |\r\n|   Rows Removed by Filter: 19998     |\r\n+-----+\r\n",
        " QUERY PLAN \n------------\n [                                        +\n   {                          +\n"
        "     \"Plan\": {                 +\n       \"Node Type\": \"Seq Scan\",+\n"
        "       \"Relation Name\": \"t\",    +\n       \"Filter\": \"(a = 1)\", +\n"
        "       \"Actual Total Time\": 9.0, +\n       \"Actual Rows\": 2, \"Actual Loops\": 1,+\n"
        "       \"Rows Removed by Filter\": 19998 +\n     } +\n   } +\n ]\n(1 row)\n",
        SCAN_JSON
        "\"Actual Total Time\": 9, \"Actual Rows\": 2, \"Actual Loops\": 1, \"Rows Removed by Filter\": 19998},"
        " \"Query Text\": \"SELECT 1;\\nSELECT 2\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof pasted / sizeof pasted[0]; i++) {
        struct arena *arena = arena_new(0);
        struct plan plan = read_plan(text_of(pasted[i]), arena);
        struct plan_findings findings;

        assert_int_equal(plan.dialect, PLAN_DIALECT_POSTGRESQL);
        assert_int_equal(plan.node_count, 1);
        assert_string_equal(plan.nodes[0]->label.data, "Seq Scan");
        assert_string_equal(plan.nodes[0]->relation.data, "t");
        assert_string_equal(plan.nodes[0]->condition.data, "filter: (a = 1)");
        assert_true(plan.has_actuals);
        plan_find(&plan, arena, &findings);
        assert_int_equal(findings.count, 1);
        assert_string_equal(findings.items[0].rule, "seq_scan_keeps_few");
        assert_int_equal(findings.items[0].severity, FINDING_CRITICAL);
        assert_string_equal(findings.items[0].evidence.data,
                            "Reads 20,000 rows and keeps 2: 99.99 % are dropped by (a = 1).");
        assert_non_null(strstr(findings.items[0].remedy.data, "Create an index on t (a)."));
        arena_destroy(arena);
    }
}

/* Written by hand in the shape of MySQL 8.4's, which no registry has. */
static void mysql_trees_and_the_second_json_are_the_same_plan(void **state)
{
    static const char tree[] =
        "-> Limit: 10 row(s)  (cost=101e+3 rows=10) (actual time=250..250 rows=10 loops=1)\n"
        "    -> Nested loop inner join  (cost=101e+3 rows=900) (actual time=0.5..250 rows=10 loops=1)\n"
        "        -> Filter: (o.status = 'new')  (cost=100e+3 rows=900) (actual time=0.4..240 rows=10 loops=1)\n"
        "            -> Table scan on o  (cost=100e+3 rows=99000) (actual time=0.1..200 rows=100000 loops=1)\n"
        "        -> Single-row index lookup on c using PRIMARY (id=o.customer_id)  (cost=0.25 rows=1) "
        "(actual time=0.01..0.01 rows=1 loops=10)\n";
    static const char json[] =
        "{\"query\": \"select\", \"query_plan\": {\"operation\": \"Limit: 10 row(s)\", \"access_type\": \"limit\", "
        "\"estimated_rows\": 10.0, \"estimated_total_cost\": 101000.0, \"actual_rows\": 10.0, \"actual_loops\": 1, "
        "\"actual_last_row_ms\": 250, \"inputs\": [{\"operation\": \"Nested loop inner join\", "
        "\"estimated_rows\": 900, \"estimated_total_cost\": 101000, \"actual_rows\": 10, \"actual_loops\": 1, "
        "\"actual_last_row_ms\": 250, \"inputs\": [{\"operation\": \"Filter: (o.status = 'new')\", "
        "\"condition\": \"(o.status = 'new')\", \"estimated_rows\": 900, \"estimated_total_cost\": 100000, "
        "\"actual_rows\": 10, \"actual_loops\": 1, \"actual_last_row_ms\": 240, \"inputs\": [{\"operation\": "
        "\"Table scan on o\", \"table_name\": \"o\", \"estimated_rows\": 99000, \"estimated_total_cost\": 100000, "
        "\"actual_rows\": 100000, \"actual_loops\": 1, \"actual_last_row_ms\": 200}]}, {\"operation\": "
        "\"Single-row index lookup on c using PRIMARY (id=o.customer_id)\", \"table_name\": \"c\", \"index_name\": "
        "\"PRIMARY\", \"estimated_rows\": 1, \"estimated_total_cost\": 0.25, \"actual_rows\": 1, \"actual_loops\": 10, "
        "\"actual_last_row_ms\": 0.01}]}]}, \"query_type\": \"select\", \"json_schema_version\": \"2.0\"}";
    static const char *const pasted[] = {tree, json};

    (void)state;
    for (size_t i = 0; i < sizeof pasted / sizeof pasted[0]; i++) {
        struct arena *arena = arena_new(0);
        struct plan plan = read_plan(text_of(pasted[i]), arena);
        struct plan_findings findings;

        assert_int_equal(plan.dialect, PLAN_DIALECT_MYSQL);
        assert_int_equal(plan.node_count, 4);
        assert_string_equal(plan.nodes[0]->label.data, "Limit");
        assert_string_equal(plan.nodes[2]->label.data, "Table scan");
        assert_string_equal(plan.nodes[2]->relation.data, "o");
        assert_string_equal(plan.nodes[3]->index.data, "PRIMARY");
        assert_true(fabs(plan.total_ms - 250) < 1e-9 && fabs(plan.nodes[2]->own_ms - 240) < 1e-9);
        plan_find(&plan, arena, &findings);
        assert_int_equal(findings.count, 1);
        assert_string_equal(findings.items[0].rule, "seq_scan_keeps_few");
        assert_ptr_equal(findings.items[0].node, plan.nodes[2]);
        assert_true(fabs(findings.items[0].saves_share - 0.96 * 0.9999) < 1e-6);
        arena_destroy(arena);
    }
}

static void text_that_is_no_plan_is_refused(void **state)
{
    static const char *const pasted[] = {"",  "\n\n", "hello",    "SELECT 1", "(5 rows)", "QUERY PLAN\n-----\n",
                                         "{", "[]",   "---\n+++", "+",        "\"",       "\"\"",
                                         "|", "{\\n"};

    (void)state;
    for (size_t i = 0; i < sizeof pasted / sizeof pasted[0]; i++) {
        struct arena *arena = arena_new(0);
        struct plan plan = {0};
        struct error error = {0};
        enum status status = plan_read_pasted(PLAN_DIALECT_UNSET, text_of(pasted[i]), arena, &plan, &error);

        if (status == STATUS_OK)
            fail_msg("\"%s\" is a plan of %zu nodes", pasted[i], plan.node_count);
        assert_int_equal(plan.node_count, 0);
        assert_true(error.message[0] != '\0');
        arena_destroy(arena);
    }
}

static void what_a_plan_without_analyze_lacks_is_said(void **state)
{
    static const char json[] =
        "{\"Plan\": {\"Node Type\": \"Seq Scan\", \"Relation Name\": \"t\", \"Total Cost\": 100, \"Plan Rows\": 5}}";
    struct arena *arena = arena_new(0);
    struct plan plan = read_plan(text_of(json), arena);
    struct plan_findings findings;

    (void)state;
    plan_find(&plan, arena, &findings);
    assert_int_equal(findings.count, 0);
    assert_int_equal(findings.not_examined_count, 1);
    assert_non_null(strstr(findings.not_examined[0], "rules were not examined"));
    arena_destroy(arena);
}

/* Each number of a plan in turn is one that no server gives. */
static void numbers_that_no_server_gives_are_unknown(void **state)
{
    static const char *const numbers[] = {"-1", "1e308", "-1e308", "1e999", "null", "\"NaN\"", "\"x\"", "[]", "1e-300"};
    static const char *const members[] = {
        "Actual Rows",       "Actual Loops",    "Actual Total Time", "Rows Removed by Filter",
        "Plan Rows",         "Total Cost",      "Plan Width",        "Sort Space Used",
        "Hash Batches",      "Workers Planned", "Workers Launched",  "Temp Written Blocks",
        "Lossy Heap Blocks", "Heap Fetches"};

    (void)state;
    for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++)
        for (size_t m = 0; m <= sizeof members / sizeof members[0]; m++) {
            struct arena *arena = arena_new(0);
            const char *node = "\"Node Type\": \"Gather\"";
            struct plan_findings findings;
            struct plan plan;

            for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
                node = arena_printf(arena, "%s, \"%s\": %s", node, members[i],
                                    i == m || m == sizeof members / sizeof members[0] ? numbers[n] : "2");
            plan = read_plan(text_of(arena_printf(arena, "{\"Plan\": {%s, \"Plans\": [{%s}]}}", node, node)), arena);
            plan_find(&plan, arena, &findings);
            for (size_t i = 0; i < plan.node_count; i++) {
                assert_true(isfinite(plan.nodes[i]->total_ms) && isfinite(plan.nodes[i]->own_ms));
                for (int k = 0; k < PLAN_NUMBER_COUNT; k++)
                    assert_true(plan_number(plan.nodes[i], (enum plan_number)k) <= PLAN_NUMBER_MAX);
            }
            for (size_t i = 0; i < findings.count; i++)
                assert_true(findings.items[i].saves_share <= 1);
            arena_destroy(arena);
        }
}

static void a_plan_that_is_wrong_everywhere_has_its_gravest_findings(void **state)
{
    struct arena *arena = arena_new(0);
    const char *scan = "{\"Node Type\": \"Seq Scan\", \"Relation Name\": \"t\", \"Filter\": \"(lower(a) ~~ '%x')\", "
                       "\"Actual Rows\": 1, \"Actual Loops\": 1, "
                       "\"Rows Removed by Filter\": 99999}";
    struct buffer json;
    struct plan_findings findings;
    struct plan plan;

    (void)state;
    buffer_init(&json, SIZE_MAX);
    buffer_append_string(&json, "{\"Plan\": {\"Node Type\": \"Append\", \"Actual Loops\": 1, \"Plans\": [");
    for (int i = 0; i < 1500; i++)
        buffer_printf(&json, "%s%s", i == 0 ? "" : ",", scan);
    buffer_append_string(&json, "]}}");
    plan = read_plan(buffer_text(&json), arena);
    plan_find(&plan, arena, &findings);
    assert_true(findings.count <= FINDINGS_MAX && findings.left_out > 1000);
    assert_int_equal(findings.items[0].severity, FINDING_CRITICAL);
    for (size_t i = 1; i < findings.count; i++)
        assert_true(findings.items[i].severity <= findings.items[i - 1].severity);
    buffer_free(&json);
    arena_destroy(arena);
}

static void conditions_are_read_where_they_are_plain(void **state)
{
    static const struct {
        const char *condition, *columns, *function, *cast, *wildcard;
    } cases[] = {
        {"(a = 1)", "a", NULL, NULL, NULL},
        {"((a = 1) AND ((b)::text = 'x'::text))", "a, b", NULL, NULL, NULL},
        {"(lower(name) = 'x'::text)", "name", "lower", NULL, NULL},
        {"(lower((email)::text) = 'x'::text)", "email", "lower", NULL, NULL},
        {"(name = lower('X'::text))", "name", NULL, NULL, NULL},
        {"(created > date_trunc('day'::text, now()))", "created", NULL, NULL, NULL},
        {"((created)::date = '2026-01-01'::date)", "created", NULL, "date", NULL},
        {"((amount)::double precision = floor('7'::double precision))", "amount", NULL, "double", NULL},
        {"(name ~~ '%x'::text)", "name", NULL, NULL, "name"},
        {"((a > 1) AND ((name)::text ~~* 'x%'::text))", "a, name", NULL, NULL, "name"},
        {"(name ~~ 'x%'::text)", "name", NULL, NULL, NULL},
        {"(t.`a` = 1 and o.b = t.c)", "a, c", NULL, NULL, NULL},
        {"t.note like '%abc'", "note", NULL, NULL, "note"},
        {"year(t.created) = 2026", "created", "year", NULL, NULL},
        {"cast(t.created as date) = '2026-01-02'", "created", NULL, "date", NULL},
        {"(\"left\"(serial, 6) = 'x'::text)", "serial", "left", NULL, NULL},
        {"(EXTRACT(doy FROM taken) = '130'::numeric)", "taken", "EXTRACT", NULL, NULL},
        {"(((((", "", NULL, NULL, NULL},
        {"'", "", NULL, NULL, NULL},
        {"lower(", "", NULL, NULL, NULL},
        {"\"", "", NULL, NULL, NULL},
        {"a.b.c.d.", "", NULL, NULL, NULL},
        {"a::", "a", NULL, NULL, NULL},
    };
    const struct plan_node node = {.relation = TEXT("t")};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_new(0);
        struct text condition = text_of(arena_printf(arena, "%s", cases[i].condition)), first, second;

        assert_string_equal(condition_columns(condition, &node, arena), cases[i].columns);
        assert_int_equal(condition_has_function(condition, &node, &first, &second), cases[i].function != NULL);
        if (cases[i].function != NULL)
            assert_true(text_equal(first, text_of(cases[i].function)));
        assert_int_equal(condition_has_cast(condition, &node, &first, &second), cases[i].cast != NULL);
        if (cases[i].cast != NULL)
            assert_true(text_equal(second, text_of(cases[i].cast)));
        assert_int_equal(condition_has_leading_wildcard(condition, &node, &first), cases[i].wildcard != NULL);
        if (cases[i].wildcard != NULL)
            assert_true(text_equal(first, text_of(cases[i].wildcard)));
        arena_destroy(arena);
    }
}

static void what_keeps_an_index_from_being_used_is_seen(void **state)
{
    static const struct {
        const char *condition, *reckoned_with;
        bool equals_number, has_subquery, has_or;
    } cases[] = {
        {"((a + 1) = 4712)", "a", false, false, false},
        {"t.a + 1 = 4712", "a", false, false, false},
        {"((at + '1 day'::interval) < '2026-04-02 00:00:00'::timestamp without time zone)", "at", false, false, false},
        {"t.at - interval 1 hour > '2026-04-24'", "at", false, false, false},
        {"(((a)::bigint + '0'::bigint) = 55)", "a", false, false, false},
        {"((a + b) > 50)", NULL, false, false, false},
        {"(a = (b + 1))", NULL, false, false, false},
        {"(a = 1 + 2)", NULL, true, false, false},
        {"t.code = 12345", NULL, true, false, false},
        {"t.code in (1,2) or t.code = '7'", NULL, true, false, true},
        {"t.code = '12345'", NULL, false, false, false},
        {"other.code = 12345", NULL, false, false, false},
        {"(NOT (hashed SubPlan 1))", NULL, false, true, false},
        {"t.a < (subquery#2)", NULL, false, true, false},
        {"(t.a < (/* select#2 */ select max(x) from u)) OR (b = 2)", NULL, true, true, true},
        {"a +", NULL, false, false, false},
        {"a + 1", NULL, false, false, false},
        {"a in (", NULL, false, false, false},
    };
    const struct plan_node node = {.relation = TEXT("t")};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text condition = text_of(cases[i].condition), column;
        bool is_reckoned_with = condition_has_arithmetic(condition, &node, &column);

        if (is_reckoned_with != (cases[i].reckoned_with != NULL) ||
            condition_equals_number(condition, &node) != cases[i].equals_number)
            fail_msg("%s", cases[i].condition);
        if (is_reckoned_with)
            assert_true(text_equal(column, text_of(cases[i].reckoned_with)));
        assert_int_equal(condition_has_subquery(condition), cases[i].has_subquery);
        assert_int_equal(condition_has_or(condition), cases[i].has_or);
    }
}

static void the_table_of_rules_is_in_the_documents(void **state)
{
    struct arena *arena = arena_new(0);
    struct text document = read_file(POTTO_PROJECT_DIR "/docs/plans.md", arena);
    struct buffer table;

    (void)state;
    buffer_init(&table, SIZE_MAX);
    plan_rules_write(&table);
    if (memmem(document.data, document.size, table.data, table.size_bytes) == NULL)
        fail_msg("docs/plans.md does not have the table that `potto plan rules` prints");
    buffer_free(&table);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_fires_and_spares_on_plans_of_real_servers),
        cmocka_unit_test(postgresql_text_and_json_are_the_same_plan),
        cmocka_unit_test(plans_are_read_as_people_paste_them),
        cmocka_unit_test(what_a_worker_sorts_on_disk_is_found),
        cmocka_unit_test(mysql_trees_and_the_second_json_are_the_same_plan),
        cmocka_unit_test(text_that_is_no_plan_is_refused),
        cmocka_unit_test(what_a_plan_without_analyze_lacks_is_said),
        cmocka_unit_test(numbers_that_no_server_gives_are_unknown),
        cmocka_unit_test(a_plan_that_is_wrong_everywhere_has_its_gravest_findings),
        cmocka_unit_test(conditions_are_read_where_they_are_plain),
        cmocka_unit_test(what_keeps_an_index_from_being_used_is_seen),
        cmocka_unit_test(the_table_of_rules_is_in_the_documents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
