/* The engine table: names and aliases, and that other tables agree with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/engine.h"
#include "plan/plan.h"
#include "sql/statement.h"
#include "target/target.h"

static const char *name_of(const char *given)
{
    const struct engine *engine = engine_find(text_of(given));

    return engine == NULL ? "none" : engine->name;
}

static void aliases_lead_to_the_name(void **state)
{
    static const char *const given[][2] = {
        {"postgresql", "postgresql"}, {"postgres", "postgresql"},   {"pg", "postgresql"},
        {"mysql", "mysql"},           {"mariadb", "mysql"},         {"mssql", "mssql"},
        {"sqlserver", "mssql"},       {"oracle", "oracle"},         {"mongodb", "mongodb"},
        {"mongo", "mongodb"},         {"PostgreSQL", "postgresql"}, {"MariaDB", "mysql"},
        {"PG", "postgresql"},         {"sqlite", "none"},           {"", "none"},
        {"postgresql ", "none"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        assert_string_equal(name_of(given[i][0]), given[i][1]);
    assert_null(engine_find((struct text){NULL, 0}));
    assert_null(engine_of(TEXT("mariadb")));
    assert_null(engine_of(TEXT("MySQL"))); /* names in the store are as they are */
    assert_int_equal(engine_of(TEXT("mysql"))->kind, ENGINE_MYSQL);
}

static void every_name_is_there_once(void **state)
{
    (void)state;
    for (int kind = ENGINE_UNSET + 1; kind < ENGINE_KIND_COUNT; kind++) {
        const struct engine *engine = engine_of_kind((enum engine_kind)kind);

        assert_int_equal(engine->kind, kind);
        assert_in_range(engine->default_port, 1, 65535);
        assert_ptr_equal(engine_find(text_of(engine->name)), engine);
        for (int i = 0; i < ENGINE_ALIASES_MAX && engine->aliases[i] != NULL; i++)
            assert_ptr_equal(engine_find(text_of(engine->aliases[i])), engine);
    }
}

static void names_are_listed_for_messages(void **state)
{
    char names[ENGINE_NAMES_BYTES];

    (void)state;
    assert_string_equal(engine_names(", ", names), "postgresql, mysql, mssql, oracle, mongodb");
    assert_string_equal(engine_names("|", names), "postgresql|mysql|mssql|oracle|mongodb");
}

/* The collector reads exactly the engines that lib/target has a client for, and lib/plan reads the plans of each. */
static void collected_engines_have_a_target_a_dialect_and_plans(void **state)
{
    struct text collected[ENGINE_KIND_COUNT];
    size_t count = engine_collected(collected), seen = 0;

    (void)state;
    for (int kind = ENGINE_UNSET + 1; kind < ENGINE_KIND_COUNT; kind++) {
        const struct engine *engine = engine_of_kind((enum engine_kind)kind);
        struct target_options options = {.engine = engine->name};
        struct target_problem problem;
        struct target *target;

        assert_int_equal(target_open(&options, &target, &problem), STATUS_INVALID);
        assert_int_equal(strstr(problem.problem, "does not collect") == NULL, engine->is_collected);
        if (!engine->is_collected)
            continue;
        assert_true(text_equal(collected[seen++], text_of(engine->name)));
        assert_int_not_equal(sql_dialect_of(text_of(engine->name)), SQL_DIALECT_UNSET);
        assert_int_not_equal(plan_dialect_of(text_of(engine->name)), PLAN_DIALECT_UNSET);
    }
    assert_int_equal(seen, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aliases_lead_to_the_name),
        cmocka_unit_test(every_name_is_there_once),
        cmocka_unit_test(names_are_listed_for_messages),
        cmocka_unit_test(collected_engines_have_a_target_a_dialect_and_plans),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
