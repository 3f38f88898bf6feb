/* Tags out of the comments of statements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "sql/tags.h"
#include "tests/unit/arena_fixture.h"

static const struct tag_keys keys = {.keys = {{"application", 11}, {"controller", 10}, {"action", 6}, {"route", 5}},
                                     .count = 4};

/* As "key=value;key=value;". */
static const char *tags_of(enum sql_dialect dialect, struct text sql)
{
    struct sql_tag tags[SQL_TAGS_MAX];
    size_t count = sql_tags_find(dialect, sql, &keys, arena, tags);
    const char *all = "";

    for (size_t i = 0; i < count; i++)
        all = arena_printf(arena, "%s%.*s=%.*s;", all, (int)keys.keys[tags[i].key].size, keys.keys[tags[i].key].data,
                           (int)tags[i].value.size, tags[i].value.data);
    return all;
}

static void both_formats_are_read(void **state)
{
    static const struct {
        enum sql_dialect dialect;
        const char *sql, *tags;
    } cases[] = {
        {SQL_DIALECT_POSTGRESQL, "SELECT 1 /*action='%2Fusers%20all',controller='it\\'s',traceparent='00-5b'*/",
         "controller=it's;action=/users all;"},
        {SQL_DIALECT_MYSQL, "/*application:Shop,controller:people,action:show*/ SELECT 1",
         "application=Shop;controller=people;action=show;"},
        {SQL_DIALECT_MYSQL, "SELECT 1 /* application : Shop , line:/app/models/user.rb:12:in `find' */",
         "application=Shop;"},
        {SQL_DIALECT_POSTGRESQL, "SELECT a /* route='/a,b' */ FROM t /*route='/c',action='x'*/",
         "action=x;route=/a,b;"},
        {SQL_DIALECT_POSTGRESQL, "SELECT 1 /*controller=people*/;", "controller=people;"},
        {SQL_DIALECT_MYSQL, "SELECT /*+ NO_INDEX_MERGE(t) */ 1 # action:x", ""},
        {SQL_DIALECT_MYSQL, "/*!50000 SELECT */ 1 /*action:a*/", "action=a;"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(tags_of(cases[i].dialect, text_of(cases[i].sql)), cases[i].tags);
}

static void what_is_no_tag_is_left_alone(void **state)
{
    static const char *const texts[] = {
        "",
        "SELECT '/*action:x*/'",
        "SELECT \"/*action:x*/\"",
        "SELECT 1 -- action:x",
        "SELECT 1 /*action:x",
        "SELECT 1 /* the action: of a user, which is slow */",
        "SELECT 1 /*action='x*/",
        "SELECT 1 /*action='x' controller='y'*/",
        "SELECT 1 /*action='x',*/",
        "SELECT 1 /*action:*/",
        "SELECT 1 /*action=''*/",
        "SELECT 1 /*action='a%0Ab'*/",
        "SELECT 1 /*Action:x*/",
        "SELECT 1 /*user_id:7*/",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_string_equal(tags_of(SQL_DIALECT_POSTGRESQL, text_of(texts[i])), "");
}

static void values_are_short_and_valid(void **state)
{
    struct buffer sql;
    struct sql_tag tags[SQL_TAGS_MAX];

    (void)state;
    buffer_init(&sql, 100000);
    buffer_append_string(&sql, "SELECT 1 /*action='");
    for (int i = 0; i < 1000; i++)
        buffer_append_string(&sql, "%C3%A4");
    buffer_append_string(&sql, "',route='%ff%fe'*/");
    assert_int_equal(sql_tags_find(SQL_DIALECT_POSTGRESQL, buffer_text(&sql), &keys, arena, tags), 2);
    assert_int_equal(tags[0].value.size, SQL_TAG_VALUE_BYTES_MAX);
    assert_memory_equal(tags[0].value.data, "\xc3\xa4\xc3\xa4", 4);
    assert_int_equal(text_valid_utf8(tags[1].value), tags[1].value.size);
    buffer_free(&sql);
}

static void keys_are_names(void **state)
{
    struct tag_keys parsed = tag_keys_parse(" job, team ,job");

    (void)state;
    assert_int_equal(parsed.count, 2);
    assert_true(text_equal(parsed.keys[1], TEXT("team")));
    assert_int_equal(tag_keys_parse(NULL).count, 0);
    assert_null(tag_keys_check(" job, team ,job"));
    assert_null(tag_keys_check(""));
    assert_non_null(tag_keys_check("job,"));
    assert_non_null(tag_keys_check("a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a"));
    assert_true(tag_key_is_valid(TEXT("db.driver-2")));
    assert_true(tag_key_is_valid(TEXT("_job")));
    assert_false(tag_key_is_valid(TEXT("")));
    assert_false(tag_key_is_valid(TEXT("2a")));
    assert_false(tag_key_is_valid(TEXT("a b")));
    assert_false(tag_key_is_valid(TEXT("a2345678901234567890123456789012345678901")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_formats_are_read),
        cmocka_unit_test(what_is_no_tag_is_left_alone),
        cmocka_unit_test(values_are_short_and_valid),
        cmocka_unit_test(keys_are_names),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
