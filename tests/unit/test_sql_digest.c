/* Digests as MariaDB 10.11 and MySQL 8.0 gave them, beside the statements that were sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sql/digest.h"
#include "sql/statement.h"

struct pair {
    const char *digest, *sql;
};

static const struct pair told[] = {
    {"SELECT ID FROM `t` WHERE `hits` = ? OR ID > ? ", "SELECT id FROM t WHERE hits = 3 OR id > 5"},
    {"SELECT `id` FROM `t` WHERE `hits` = ? OR `id` > ?", "SELECT id FROM t WHERE hits = 3 OR id > 5"},
    {"SELECT `id` , `odd name` FROM `shop` . `t` WHERE `hits` IN (...) AND `v` IN (?) ",
     "select `id`, `odd name` from shop.t where hits in (1,2,3) and v in ('a')"},
    {"INSERT INTO `t` ( ID , `hits` ) VALUES (...) /* , ... */ ", "INSERT INTO t (id, hits) VALUES (1,2),(3,4),(5,6)"},
    {"INSERT INTO `t` ( `id` ) VALUES (?) /* , ... */", "INSERT INTO t (id) VALUES (1),(2)"},
    {"INSERT INTO `t` ( ID , `v` ) VALUES ( ? , NOW ( ) ) ", "INSERT INTO t (id,v) VALUES (1,now())"},
    {"INSERT INTO `t` ( ID , `hits` , `v` ) VALUES ( ?, ... , NOW ( ) ) , ( ?, ... , NOW ( ) ) ",
     "INSERT INTO t (id,hits,v) VALUES (1,2,now()),(2,3,now())"},
    {"UPDATE `Item` SET `price` = `price` + ? , NAME = ? WHERE ID > ? ",
     "UPDATE Item SET price = price + 1, name = 'x' WHERE id > 1000"},
    {"DELETE FROM `Item` WHERE ID = - ? ", "DELETE FROM Item WHERE id = -1"},
    {"SELECT `SLEEP` (?) AS `abc` , ? AS NAME ", "SELECT SLEEP(0.03) AS abc, 5 AS name"},
    {"SELECT COALESCE ( `v` , ?, ... ) , `CONCAT` (...) , COUNT ( * ) , COUNT (?) FROM `t` `t1` JOIN `Item` AS `i` ON "
     "`i` . `id` = `t1` . `id` WHERE `t1` . `id` BETWEEN ? AND ? GROUP BY ? ORDER BY ? DESC LIMIT ?, ... ",
     "SELECT COALESCE(v, 'x', 'y'), CONCAT('a', 'b'), COUNT(*), count(1) FROM t t1 JOIN Item AS i ON i.id = t1.id "
     "WHERE t1.id BETWEEN 1 AND 2 GROUP BY 1 ORDER BY 2 DESC LIMIT 5, 10"},
    {"SELECT ? , TRUE , FALSE , ?, ... ", "SELECT NULL, TRUE, FALSE, 1, 2"},
    {"SELECT * FROM `t` WHERE `v` IS NULL OR `v` = ? OR ID = - ? OR ID - ? > ? OR `v` LIKE ? LIMIT ? ",
     "SELECT * FROM t WHERE v IS NULL OR v = NULL OR id = -5 OR id - 5 > 3 OR v LIKE 'x%' LIMIT 3"},
    {"SELECT @? , @@`version` , @@GLOBAL . `sort_buffer_size` ", "SELECT @a, @@version, @@global.sort_buffer_size"},
    {"SELECT `x` . `id` FROM ( SELECT ID FROM `t` WHERE ID > ? ) `x` UNION ALL SELECT ? ",
     "SELECT x.id FROM (SELECT id FROM t WHERE id > 1) x UNION ALL SELECT 5"},
    {"WITH `d` AS ( SELECT `id` FROM `t` WHERE `id` > ? ) SELECT COUNT ( * ) FROM `d`",
     "WITH d AS (SELECT id FROM t WHERE id > 5) SELECT count(*) FROM d"},
    {"SELECT CAST ( ID AS CHARACTER ) , DATE ? , INTERVAL ? SQL_TSI_DAY + NOW ( ) , (_charset) ?, ... FROM `t` ",
     "SELECT CAST(id AS CHAR), DATE '2020-01-01', INTERVAL 5 DAY + now(), _utf8mb4'abc', 0x41 FROM t"},
    {"SELECT DATE_ADD ( NOW ( ) , INTERVAL ? SQL_TSI_DAY ) , CASE WHEN ID = ? THEN ? ELSE ? END , ID DIV ? , ID MOD ? "
     ", ! ID , ID != ? , ID != ? FROM `t` ",
     "SELECT DATE_ADD(now(), INTERVAL 5 DAY), CASE WHEN id=1 THEN 'a' ELSE 'b' END, id DIV 3, id MOD 2, !id, id != 3, "
     "id <> 3 FROM t"},
    {"SET @? = ? ", "SET @x = 5"},
    {"INSERT INTO `Item` ( ID , NAME ) VALUES (...) ON DUPLICATE KEY UPDATE NAME = VALUES ( NAME ) , `price` = ? ",
     "INSERT INTO Item (id, name) VALUES (1, 'c') ON DUPLICATE KEY UPDATE name = VALUES(name), price = 5"},
    {"SELECT (...) = (...) , ID FROM `t` WHERE ( ID , `hits` ) IN ( (...) /* , ... */ ) AND EXISTS ( SELECT ? FROM "
     "`Item` WHERE `Item` . `id` = `t` . `id` ) ",
     "SELECT (1, 2) = (3, 4), id FROM t WHERE (id, hits) IN ((1,2),(3,4)) AND EXISTS (SELECT 1 FROM Item WHERE Item.id "
     "= t.id)"},
    {"SELECT SQL_NO_CACHE DISTINCTROW ID FROM `t` WHERE ID > ? AND `v` = ? OR ( `hits` = ? ) ",
     "select sql_no_cache distinct id from t where id>1 and v='a' or (hits=5)"},
    {"CREATE TABLE `z` ( ID INTEGER NOT NULL DEFAULT ? , `v` VARCHARACTER (?) ) ",
     "CREATE TABLE z (id int NOT NULL DEFAULT 5, v varchar(10))"},
};
/* What the digest says too little of. */
static const struct pair untold[] = {
    {"INSERT INTO `t` VALUES (...) ", "INSERT INTO t VALUES (1,2,3,'a')"},
    {"INSERT INTO `t` VALUES (...) /* , ... */ ", "INSERT INTO t VALUES (1,2,3,'a'), (1,2,3,'b')"},
    {"SELECT ?, ... ", "SELECT 1, 2, 3"},
    {"REPLACE INTO `Item` VALUES (...) /* , ... */ ", "REPLACE INTO Item VALUES (1, 'a', 2), (2, 'b', 3)"},
    {"SELECT `f` (...) ", "SELECT f(1, 2, 3)"},
};

static struct sql_fingerprint fingerprint(struct text sql, struct arena *arena)
{
    return sql_fingerprint(SQL_DIALECT_MYSQL, sql, arena);
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void check_fingerprint(const struct pair *pair, bool is_told, struct arena *arena)
{
    struct sql_fingerprint given = fingerprint(sql_digest_statement(text_of(pair->digest), arena), arena);
    struct sql_fingerprint wanted = fingerprint(text_of(pair->sql), arena);

    if (sql_hash_equal(given.hash, wanted.hash) != is_told)
        fail_msg("%.*s\n%.*s", (int)given.text.size, given.text.data, (int)wanted.text.size, wanted.text.data);
}

static void a_digest_has_the_fingerprint_of_its_statement_where_it_says_enough(void **state)
{
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < COUNT(told); i++)
        check_fingerprint(&told[i], true, arena);
    for (size_t i = 0; i < COUNT(untold); i++)
        check_fingerprint(&untold[i], false, arena);
    check_fingerprint(&(struct pair){"EXECUTE `p` USING @? ", "EXECUTE p USING @x"}, true, arena);
    check_fingerprint(&(struct pair){"SET NAMES `utf8mb4` ", "SET NAMES utf8mb4"}, true, arena);
    assert_int_equal(sql_digest_statement(TEXT(""), arena).size, 0);
    arena_destroy(arena);
}

static void check_shape(const struct pair *pair, struct arena *arena)
{
    struct text given = sql_digest_shape(text_of(pair->digest), arena);
    struct text wanted = sql_digest_shape(fingerprint(text_of(pair->sql), arena).text, arena);

    if (!text_equal(given, wanted))
        fail_msg("%.*s\n%.*s", (int)given.size, given.data, (int)wanted.size, wanted.data);
}

static void a_digest_and_the_fingerprint_of_its_statement_have_one_shape(void **state)
{
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < COUNT(told); i++)
        check_shape(&told[i], arena);
    for (size_t i = 0; i < COUNT(untold); i++)
        check_shape(&untold[i], arena);
    assert_int_equal(sql_digest_shape(TEXT(""), arena).size, 0);
    arena_destroy(arena);
}

static void different_statements_have_different_shapes(void **state)
{
    static const char *const pairs[][2] = {
        {"SELECT ? FROM t", "SELECT ?, ... FROM t"},
        {"SELECT f(?)", "SELECT f(...)"},
        {"SELECT a FROM t WHERE b = ?", "SELECT a FROM t WHERE b > ?"},
        {"INSERT INTO t VALUES (?)", "INSERT INTO t VALUES (...)"},
        {"SELECT (a), (b)", "SELECT (a)"},
    };
    struct arena *arena = arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_false(
            text_equal(sql_digest_shape(text_of(pairs[i][0]), arena), sql_digest_shape(text_of(pairs[i][1]), arena)));
    arena_destroy(arena);
}

static void a_digest_that_was_cut_off_begins_as_its_statement_does(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct text sent = fingerprint(TEXT("select id from t where a in (1, 2) and b = f(1, 2, 3) or c = -3"), arena).text;
    struct text statement = sql_digest_shape(sent, arena);
    struct text whole = TEXT("SELECT ID FROM `t` WHERE `a` IN (...) AND `b` = `f` (...) OR `c` = - ?");

    (void)state;
    for (size_t size = 1; size <= whole.size; size++) {
        struct text digest = {whole.data, size};

        if (size == whole.size || whole.data[size] == ' ') /* servers cut between words */
            assert_true(sql_digest_shape_begins(sql_digest_shape(digest, arena), statement));
    }
    assert_false(sql_digest_shape_begins(sql_digest_shape(TEXT("SELECT ID FROM `u`"), arena), statement));
    assert_false(sql_digest_shape_begins(sql_digest_shape(TEXT("( ("), arena), statement));
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_digest_has_the_fingerprint_of_its_statement_where_it_says_enough),
        cmocka_unit_test(a_digest_and_the_fingerprint_of_its_statement_have_one_shape),
        cmocka_unit_test(different_statements_have_different_shapes),
        cmocka_unit_test(a_digest_that_was_cut_off_begins_as_its_statement_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
