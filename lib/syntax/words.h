/* The words that the grammar knows, sorted, and what they are besides. Private to lib/syntax. */
#ifndef POTTO_SYNTAX_WORDS_H
#define POTTO_SYNTAX_WORDS_H

#include "base/text.h"

enum word_flag {
    WORD_RESERVED = 1,            /* of PostgreSQL: no name without quotes */
    WORD_IS_TYPE_OR_FUNCTION = 2, /* of PostgreSQL: the name of a type or a function, not of a column or a table */
    WORD_NEEDS_AS = 4,            /* of PostgreSQL: a column's label behind AS alone */
    WORD_RESERVED_MYSQL = 8,      /* by MySQL and MariaDB, or by one of them where the grammar needs it */
    WORD_IS_CALL = 16,            /* reserved, and yet a function where a parenthesis follows */
    WORD_FOLLOWS_TABLE = 32,      /* of MySQL: begins a clause, so it is no alias without AS */
};

/* clang-format off */
#define WORDS(X) \
    X(ABSENT, "absent", 0) \
    X(ACCESSIBLE, "accessible", WORD_RESERVED_MYSQL) \
    X(ADD, "add", WORD_RESERVED_MYSQL) \
    X(AGAINST, "against", 0) \
    X(ALL, "all", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(ALTER, "alter", WORD_RESERVED_MYSQL) \
    X(ALWAYS, "always", 0) \
    X(ANALYSE, "analyse", WORD_RESERVED) \
    X(ANALYZE, "analyze", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(AND, "and", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(ANY, "any", WORD_RESERVED) \
    X(ARRAY, "array", WORD_RESERVED | WORD_NEEDS_AS) \
    X(AS, "as", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(ASC, "asc", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(ASCII, "ascii", 0) \
    X(ASENSITIVE, "asensitive", WORD_RESERVED_MYSQL) \
    X(ASYMMETRIC, "asymmetric", WORD_RESERVED) \
    X(AT, "at", 0) \
    X(AUTHORIZATION, "authorization", WORD_IS_TYPE_OR_FUNCTION) \
    X(AUTO_INCREMENT, "auto_increment", 0) \
    X(BEFORE, "before", WORD_RESERVED_MYSQL) \
    X(BETWEEN, "between", WORD_RESERVED_MYSQL) \
    X(BIGINT, "bigint", WORD_RESERVED_MYSQL) \
    X(BINARY, "binary", WORD_IS_TYPE_OR_FUNCTION | WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(BIT, "bit", 0) \
    X(BLOB, "blob", WORD_RESERVED_MYSQL) \
    X(BOTH, "both", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(BY, "by", WORD_RESERVED_MYSQL) \
    X(CALL, "call", WORD_RESERVED_MYSQL) \
    X(CASCADE, "cascade", WORD_RESERVED_MYSQL) \
    X(CASE, "case", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(CAST, "cast", WORD_RESERVED | WORD_IS_CALL) \
    X(CHANGE, "change", WORD_RESERVED_MYSQL) \
    X(CHAR, "char", WORD_NEEDS_AS | WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(CHARACTER, "character", WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(CHARSET, "charset", 0) \
    X(CHECK, "check", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(COLLATE, "collate", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(COLLATION, "collation", WORD_IS_TYPE_OR_FUNCTION | WORD_IS_CALL) \
    X(COLUMN, "column", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(COLUMN_ADD, "column_add", 0) \
    X(COLUMN_CREATE, "column_create", 0) \
    X(COLUMN_GET, "column_get", 0) \
    X(COMMENT, "comment", 0) \
    X(COMPRESSED, "compressed", 0) \
    X(COMPRESSION, "compression", 0) \
    X(CONCURRENTLY, "concurrently", WORD_IS_TYPE_OR_FUNCTION) \
    X(CONDITION, "condition", WORD_RESERVED_MYSQL) \
    X(CONFLICT, "conflict", 0) \
    X(CONSTRAINT, "constraint", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(CONTINUE, "continue", WORD_RESERVED_MYSQL) \
    X(CONVERT, "convert", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(CREATE, "create", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(CROSS, "cross", WORD_IS_TYPE_OR_FUNCTION | WORD_RESERVED_MYSQL) \
    X(CURRENT, "current", 0) \
    X(CURRENT_CATALOG, "current_catalog", WORD_RESERVED) \
    X(CURRENT_DATE, "current_date", WORD_RESERVED | WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(CURRENT_ROLE, "current_role", WORD_RESERVED) \
    X(CURRENT_SCHEMA, "current_schema", WORD_IS_TYPE_OR_FUNCTION) \
    X(CURRENT_TIME, "current_time", WORD_RESERVED | WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(CURRENT_TIMESTAMP, "current_timestamp", WORD_RESERVED | WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(CURRENT_USER, "current_user", WORD_RESERVED | WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(CURSOR, "cursor", WORD_RESERVED_MYSQL) \
    X(CYCLE, "cycle", 0) \
    X(DATABASE, "database", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(DATABASES, "databases", WORD_RESERVED_MYSQL) \
    X(DATE, "date", WORD_IS_CALL) \
    X(DAY, "day", WORD_NEEDS_AS) \
    X(DAY_HOUR, "day_hour", WORD_RESERVED_MYSQL) \
    X(DAY_MICROSECOND, "day_microsecond", WORD_RESERVED_MYSQL) \
    X(DAY_MINUTE, "day_minute", WORD_RESERVED_MYSQL) \
    X(DAY_SECOND, "day_second", WORD_RESERVED_MYSQL) \
    X(DEC, "dec", WORD_RESERVED_MYSQL) \
    X(DECIMAL, "decimal", WORD_RESERVED_MYSQL) \
    X(DECLARE, "declare", WORD_RESERVED_MYSQL) \
    X(DEFAULT, "default", WORD_RESERVED | WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(DEFERRABLE, "deferrable", WORD_RESERVED) \
    X(DEFERRED, "deferred", 0) \
    X(DELAYED, "delayed", WORD_RESERVED_MYSQL) \
    X(DELETE, "delete", WORD_RESERVED_MYSQL) \
    X(DESC, "desc", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(DESCRIBE, "describe", WORD_RESERVED_MYSQL) \
    X(DETERMINISTIC, "deterministic", WORD_RESERVED_MYSQL) \
    X(DISTINCT, "distinct", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(DISTINCTROW, "distinctrow", WORD_RESERVED_MYSQL) \
    X(DIV, "div", WORD_RESERVED_MYSQL) \
    X(DO, "do", WORD_RESERVED) \
    X(DOCUMENT, "document", 0) \
    X(DOUBLE, "double", WORD_RESERVED_MYSQL) \
    X(DROP, "drop", WORD_RESERVED_MYSQL) \
    X(DUAL, "dual", WORD_RESERVED_MYSQL) \
    X(DUMPFILE, "dumpfile", 0) \
    X(DUPLICATE, "duplicate", 0) \
    X(EACH, "each", WORD_RESERVED_MYSQL) \
    X(ELSE, "else", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(ELSEIF, "elseif", WORD_RESERVED_MYSQL) \
    X(ENCLOSED, "enclosed", WORD_RESERVED_MYSQL) \
    X(END, "end", WORD_RESERVED) \
    X(ENFORCED, "enforced", 0) \
    X(ESCAPE, "escape", 0) \
    X(ESCAPED, "escaped", WORD_RESERVED_MYSQL) \
    X(EXAMINED, "examined", 0) \
    X(EXCEPT, "except", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(EXCLUDE, "exclude", 0) \
    X(EXISTS, "exists", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(EXIT, "exit", WORD_RESERVED_MYSQL) \
    X(EXPLAIN, "explain", WORD_RESERVED_MYSQL) \
    X(EXTRACT, "extract", 0) \
    X(FALSE, "false", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(FETCH, "fetch", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(FILTER, "filter", WORD_NEEDS_AS) \
    X(FIRST, "first", 0) \
    X(FLOAT, "float", WORD_RESERVED_MYSQL) \
    X(FLOAT4, "float4", WORD_RESERVED_MYSQL) \
    X(FLOAT8, "float8", WORD_RESERVED_MYSQL) \
    X(FOR, "for", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(FORCE, "force", WORD_RESERVED_MYSQL) \
    X(FOREIGN, "foreign", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(FREEZE, "freeze", WORD_IS_TYPE_OR_FUNCTION) \
    X(FROM, "from", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(FULL, "full", WORD_IS_TYPE_OR_FUNCTION) \
    X(FULLTEXT, "fulltext", WORD_RESERVED_MYSQL) \
    X(GENERATED, "generated", 0) \
    X(GET_FORMAT, "get_format", 0) \
    X(GLOBAL, "global", 0) \
    X(GRANT, "grant", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(GROUP, "group", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(GROUPING, "grouping", 0) \
    X(GROUPS, "groups", 0) \
    X(HAVING, "having", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(HIGH_PRIORITY, "high_priority", WORD_RESERVED_MYSQL) \
    X(HISTORY, "history", 0) \
    X(HOUR, "hour", WORD_NEEDS_AS) \
    X(HOUR_MICROSECOND, "hour_microsecond", WORD_RESERVED_MYSQL) \
    X(HOUR_MINUTE, "hour_minute", WORD_RESERVED_MYSQL) \
    X(HOUR_SECOND, "hour_second", WORD_RESERVED_MYSQL) \
    X(IDENTITY, "identity", 0) \
    X(IF, "if", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(IGNORE, "ignore", WORD_RESERVED_MYSQL) \
    X(ILIKE, "ilike", WORD_IS_TYPE_OR_FUNCTION) \
    X(IMMEDIATE, "immediate", 0) \
    X(IN, "in", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(INCLUDE, "include", 0) \
    X(INDEX, "index", WORD_RESERVED_MYSQL) \
    X(INFILE, "infile", WORD_RESERVED_MYSQL) \
    X(INHERIT, "inherit", 0) \
    X(INITIALLY, "initially", WORD_RESERVED) \
    X(INNER, "inner", WORD_IS_TYPE_OR_FUNCTION | WORD_RESERVED_MYSQL) \
    X(INOUT, "inout", WORD_RESERVED_MYSQL) \
    X(INSENSITIVE, "insensitive", WORD_RESERVED_MYSQL) \
    X(INSERT, "insert", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(INT, "int", WORD_RESERVED_MYSQL) \
    X(INT1, "int1", WORD_RESERVED_MYSQL) \
    X(INT2, "int2", WORD_RESERVED_MYSQL) \
    X(INT3, "int3", WORD_RESERVED_MYSQL) \
    X(INT4, "int4", WORD_RESERVED_MYSQL) \
    X(INT8, "int8", WORD_RESERVED_MYSQL) \
    X(INTEGER, "integer", WORD_RESERVED_MYSQL) \
    X(INTERSECT, "intersect", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(INTERVAL, "interval", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(INTO, "into", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(INVISIBLE, "invisible", 0) \
    X(IS, "is", WORD_IS_TYPE_OR_FUNCTION | WORD_RESERVED_MYSQL) \
    X(ISNULL, "isnull", WORD_IS_TYPE_OR_FUNCTION | WORD_NEEDS_AS) \
    X(ITERATE, "iterate", WORD_RESERVED_MYSQL) \
    X(JOIN, "join", WORD_IS_TYPE_OR_FUNCTION | WORD_RESERVED_MYSQL) \
    X(JSON, "json", 0) \
    X(JSON_ARRAY, "json_array", 0) \
    X(JSON_EXISTS, "json_exists", 0) \
    X(JSON_OBJECT, "json_object", 0) \
    X(JSON_OBJECTAGG, "json_objectagg", 0) \
    X(JSON_QUERY, "json_query", 0) \
    X(JSON_SCALAR, "json_scalar", 0) \
    X(JSON_SERIALIZE, "json_serialize", 0) \
    X(JSON_TABLE, "json_table", 0) \
    X(JSON_VALUE, "json_value", 0) \
    X(KEY, "key", WORD_RESERVED_MYSQL) \
    X(KEYS, "keys", WORD_RESERVED_MYSQL) \
    X(KILL, "kill", WORD_RESERVED_MYSQL) \
    X(LAST, "last", 0) \
    X(LATERAL, "lateral", WORD_RESERVED) \
    X(LEADING, "leading", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(LEAVE, "leave", WORD_RESERVED_MYSQL) \
    X(LEFT, "left", WORD_IS_TYPE_OR_FUNCTION | WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(LIKE, "like", WORD_IS_TYPE_OR_FUNCTION | WORD_RESERVED_MYSQL) \
    X(LIMIT, "limit", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(LINEAR, "linear", WORD_RESERVED_MYSQL) \
    X(LINES, "lines", WORD_RESERVED_MYSQL) \
    X(LOAD, "load", WORD_RESERVED_MYSQL) \
    X(LOCAL, "local", 0) \
    X(LOCALTIME, "localtime", WORD_RESERVED | WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(LOCALTIMESTAMP, "localtimestamp", WORD_RESERVED | WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(LOCK, "lock", WORD_RESERVED_MYSQL) \
    X(LOCKED, "locked", 0) \
    X(LONG, "long", WORD_RESERVED_MYSQL) \
    X(LONGBLOB, "longblob", WORD_RESERVED_MYSQL) \
    X(LONGTEXT, "longtext", WORD_RESERVED_MYSQL) \
    X(LOOP, "loop", WORD_RESERVED_MYSQL) \
    X(LOW_PRIORITY, "low_priority", WORD_RESERVED_MYSQL) \
    X(MATCH, "match", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(MATERIALIZED, "materialized", 0) \
    X(MAXVALUE, "maxvalue", WORD_RESERVED_MYSQL) \
    X(MEDIUMBLOB, "mediumblob", WORD_RESERVED_MYSQL) \
    X(MEDIUMINT, "mediumint", WORD_RESERVED_MYSQL) \
    X(MEDIUMTEXT, "mediumtext", WORD_RESERVED_MYSQL) \
    X(MEMBER, "member", 0) \
    X(MID, "mid", 0) \
    X(MIDDLEINT, "middleint", WORD_RESERVED_MYSQL) \
    X(MINUTE, "minute", WORD_NEEDS_AS) \
    X(MINUTE_MICROSECOND, "minute_microsecond", WORD_RESERVED_MYSQL) \
    X(MINUTE_SECOND, "minute_second", WORD_RESERVED_MYSQL) \
    X(MOD, "mod", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(MODE, "mode", 0) \
    X(MODIFIES, "modifies", WORD_RESERVED_MYSQL) \
    X(MODIFY, "modify", 0) \
    X(MONTH, "month", WORD_NEEDS_AS) \
    X(NATIONAL, "national", 0) \
    X(NATURAL, "natural", WORD_IS_TYPE_OR_FUNCTION | WORD_RESERVED_MYSQL) \
    X(NCHAR, "nchar", 0) \
    X(NEXT, "next", 0) \
    X(NO, "no", 0) \
    X(NO_WRITE_TO_BINLOG, "no_write_to_binlog", WORD_RESERVED_MYSQL) \
    X(NORMALIZED, "normalized", 0) \
    X(NOT, "not", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(NOTHING, "nothing", 0) \
    X(NOTNULL, "notnull", WORD_IS_TYPE_OR_FUNCTION | WORD_NEEDS_AS) \
    X(NOWAIT, "nowait", 0) \
    X(NULL, "null", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(NULLS, "nulls", 0) \
    X(NUMERIC, "numeric", WORD_RESERVED_MYSQL) \
    X(OBJECT, "object", 0) \
    X(OF, "of", 0) \
    X(OFFSET, "offset", WORD_RESERVED | WORD_NEEDS_AS) \
    X(ON, "on", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(ONLY, "only", WORD_RESERVED) \
    X(OPERATOR, "operator", 0) \
    X(OPTIMIZE, "optimize", WORD_RESERVED_MYSQL) \
    X(OPTION, "option", WORD_RESERVED_MYSQL) \
    X(OPTIONALLY, "optionally", WORD_RESERVED_MYSQL) \
    X(OR, "or", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(ORDER, "order", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(ORDINALITY, "ordinality", 0) \
    X(OUT, "out", WORD_RESERVED_MYSQL) \
    X(OUTER, "outer", WORD_IS_TYPE_OR_FUNCTION | WORD_RESERVED_MYSQL) \
    X(OUTFILE, "outfile", WORD_RESERVED_MYSQL) \
    X(OVER, "over", WORD_NEEDS_AS) \
    X(OVERLAPS, "overlaps", WORD_IS_TYPE_OR_FUNCTION | WORD_NEEDS_AS) \
    X(OVERLAY, "overlay", 0) \
    X(OVERRIDING, "overriding", 0) \
    X(PARTITION, "partition", WORD_RESERVED_MYSQL) \
    X(PERIOD, "period", 0) \
    X(PERSISTENT, "persistent", 0) \
    X(PLACING, "placing", WORD_RESERVED) \
    X(POSITION, "position", WORD_IS_CALL) \
    X(PRECISION, "precision", WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(PREVIOUS, "previous", 0) \
    X(PRIMARY, "primary", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(PROCEDURE, "procedure", WORD_RESERVED_MYSQL) \
    X(PURGE, "purge", WORD_RESERVED_MYSQL) \
    X(QUICK, "quick", 0) \
    X(RANGE, "range", WORD_RESERVED_MYSQL) \
    X(READ, "read", WORD_RESERVED_MYSQL) \
    X(READ_WRITE, "read_write", WORD_RESERVED_MYSQL) \
    X(READS, "reads", WORD_RESERVED_MYSQL) \
    X(REAL, "real", WORD_RESERVED_MYSQL) \
    X(RECURSIVE, "recursive", 0) \
    X(REFERENCES, "references", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(REGEXP, "regexp", WORD_RESERVED_MYSQL) \
    X(RELEASE, "release", WORD_RESERVED_MYSQL) \
    X(RENAME, "rename", WORD_RESERVED_MYSQL) \
    X(REPEAT, "repeat", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(REPEATABLE, "repeatable", 0) \
    X(REPLACE, "replace", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(REQUIRE, "require", WORD_RESERVED_MYSQL) \
    X(RESIGNAL, "resignal", WORD_RESERVED_MYSQL) \
    X(RESPECT, "respect", 0) \
    X(RESTRICT, "restrict", WORD_RESERVED_MYSQL) \
    X(RETURN, "return", WORD_RESERVED_MYSQL) \
    X(RETURNING, "returning", WORD_RESERVED | WORD_NEEDS_AS | WORD_FOLLOWS_TABLE) \
    X(REVOKE, "revoke", WORD_RESERVED_MYSQL) \
    X(RIGHT, "right", WORD_IS_TYPE_OR_FUNCTION | WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(RLIKE, "rlike", WORD_RESERVED_MYSQL) \
    X(ROLLUP, "rollup", 0) \
    X(ROW, "row", 0) \
    X(ROWS, "rows", 0) \
    X(SCALAR, "scalar", 0) \
    X(SCHEMA, "schema", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(SCHEMAS, "schemas", WORD_RESERVED_MYSQL) \
    X(SEARCH, "search", 0) \
    X(SECOND, "second", WORD_NEEDS_AS) \
    X(SECOND_MICROSECOND, "second_microsecond", WORD_RESERVED_MYSQL) \
    X(SELECT, "select", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(SENSITIVE, "sensitive", WORD_RESERVED_MYSQL) \
    X(SEPARATOR, "separator", WORD_RESERVED_MYSQL) \
    X(SEQUENCE, "sequence", 0) \
    X(SESSION_USER, "session_user", WORD_RESERVED) \
    X(SET, "set", WORD_RESERVED_MYSQL) \
    X(SETOF, "setof", 0) \
    X(SETS, "sets", 0) \
    X(SHARE, "share", 0) \
    X(SHOW, "show", WORD_RESERVED_MYSQL) \
    X(SIGNAL, "signal", WORD_RESERVED_MYSQL) \
    X(SIGNED, "signed", 0) \
    X(SIMILAR, "similar", WORD_IS_TYPE_OR_FUNCTION) \
    X(SKIP, "skip", 0) \
    X(SMALLINT, "smallint", WORD_RESERVED_MYSQL) \
    X(SOME, "some", WORD_RESERVED) \
    X(SOUNDS, "sounds", 0) \
    X(SPATIAL, "spatial", WORD_RESERVED_MYSQL) \
    X(SPECIFIC, "specific", WORD_RESERVED_MYSQL) \
    X(SQL, "sql", WORD_RESERVED_MYSQL) \
    X(SQL_BIG_RESULT, "sql_big_result", WORD_RESERVED_MYSQL) \
    X(SQL_BUFFER_RESULT, "sql_buffer_result", 0) \
    X(SQL_CACHE, "sql_cache", 0) \
    X(SQL_CALC_FOUND_ROWS, "sql_calc_found_rows", WORD_RESERVED_MYSQL) \
    X(SQL_NO_CACHE, "sql_no_cache", 0) \
    X(SQL_SMALL_RESULT, "sql_small_result", WORD_RESERVED_MYSQL) \
    X(SQLEXCEPTION, "sqlexception", WORD_RESERVED_MYSQL) \
    X(SQLSTATE, "sqlstate", WORD_RESERVED_MYSQL) \
    X(SQLWARNING, "sqlwarning", WORD_RESERVED_MYSQL) \
    X(SSL, "ssl", WORD_RESERVED_MYSQL) \
    X(STARTING, "starting", WORD_RESERVED_MYSQL) \
    X(STORAGE, "storage", 0) \
    X(STORED, "stored", 0) \
    X(STRAIGHT_JOIN, "straight_join", WORD_RESERVED_MYSQL) \
    X(SUBSTR, "substr", 0) \
    X(SUBSTRING, "substring", 0) \
    X(SYMMETRIC, "symmetric", WORD_RESERVED) \
    X(SYSTEM_TIME, "system_time", 0) \
    X(SYSTEM_USER, "system_user", 0) \
    X(TABLE, "table", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(TABLESAMPLE, "tablesample", WORD_IS_TYPE_OR_FUNCTION) \
    X(TEMP, "temp", 0) \
    X(TEMPORARY, "temporary", 0) \
    X(TERMINATED, "terminated", WORD_RESERVED_MYSQL) \
    X(THEN, "then", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(TIES, "ties", 0) \
    X(TIME, "time", 0) \
    X(TIMESTAMP, "timestamp", 0) \
    X(TIMESTAMPADD, "timestampadd", 0) \
    X(TIMESTAMPDIFF, "timestampdiff", 0) \
    X(TINYBLOB, "tinyblob", WORD_RESERVED_MYSQL) \
    X(TINYINT, "tinyint", WORD_RESERVED_MYSQL) \
    X(TINYTEXT, "tinytext", WORD_RESERVED_MYSQL) \
    X(TO, "to", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(TRAILING, "trailing", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(TRANSACTION, "transaction", 0) \
    X(TREAT, "treat", 0) \
    X(TRIGGER, "trigger", WORD_RESERVED_MYSQL) \
    X(TRIM, "trim", 0) \
    X(TRUE, "true", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(TYPE, "type", 0) \
    X(UESCAPE, "uescape", 0) \
    X(UNDO, "undo", WORD_RESERVED_MYSQL) \
    X(UNICODE, "unicode", 0) \
    X(UNION, "union", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(UNIQUE, "unique", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(UNKNOWN, "unknown", 0) \
    X(UNLOCK, "unlock", WORD_RESERVED_MYSQL) \
    X(UNLOGGED, "unlogged", 0) \
    X(UNSIGNED, "unsigned", WORD_RESERVED_MYSQL) \
    X(UPDATE, "update", WORD_RESERVED_MYSQL) \
    X(USAGE, "usage", WORD_RESERVED_MYSQL) \
    X(USE, "use", WORD_RESERVED_MYSQL) \
    X(USER, "user", WORD_RESERVED) \
    X(USING, "using", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(UTC_DATE, "utc_date", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(UTC_TIME, "utc_time", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(UTC_TIMESTAMP, "utc_timestamp", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(VALID, "valid", 0) \
    X(VALUE, "value", 0) \
    X(VALUES, "values", WORD_RESERVED_MYSQL | WORD_IS_CALL) \
    X(VARBINARY, "varbinary", WORD_RESERVED_MYSQL) \
    X(VARCHAR, "varchar", WORD_RESERVED_MYSQL) \
    X(VARCHARACTER, "varcharacter", WORD_RESERVED_MYSQL) \
    X(VARIADIC, "variadic", WORD_RESERVED) \
    X(VARYING, "varying", WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(VERBOSE, "verbose", WORD_IS_TYPE_OR_FUNCTION) \
    X(VIRTUAL, "virtual", 0) \
    X(VISIBLE, "visible", 0) \
    X(WAIT, "wait", 0) \
    X(WEIGHT_STRING, "weight_string", 0) \
    X(WHEN, "when", WORD_RESERVED | WORD_RESERVED_MYSQL) \
    X(WHERE, "where", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(WHILE, "while", WORD_RESERVED_MYSQL) \
    X(WINDOW, "window", WORD_RESERVED | WORD_NEEDS_AS | WORD_FOLLOWS_TABLE) \
    X(WITH, "with", WORD_RESERVED | WORD_NEEDS_AS | WORD_RESERVED_MYSQL) \
    X(WITHIN, "within", WORD_NEEDS_AS) \
    X(WITHOUT, "without", WORD_NEEDS_AS) \
    X(WRITE, "write", WORD_RESERVED_MYSQL) \
    X(XMLATTRIBUTES, "xmlattributes", 0) \
    X(XMLELEMENT, "xmlelement", 0) \
    X(XMLEXISTS, "xmlexists", 0) \
    X(XMLFOREST, "xmlforest", 0) \
    X(XMLPARSE, "xmlparse", 0) \
    X(XMLPI, "xmlpi", 0) \
    X(XMLROOT, "xmlroot", 0) \
    X(XMLSERIALIZE, "xmlserialize", 0) \
    X(XMLTABLE, "xmltable", 0) \
    X(XOR, "xor", WORD_RESERVED_MYSQL) \
    X(YEAR, "year", WORD_NEEDS_AS) \
    X(YEAR_MONTH, "year_month", WORD_RESERVED_MYSQL) \
    X(ZEROFILL, "zerofill", WORD_RESERVED_MYSQL) \
    X(ZONE, "zone", 0)
/* clang-format on */

enum word {
    W_NONE,
#define X(name, spelling, flags) W_##name,
    WORDS(X)
#undef X
};

enum word word_find(struct text spelling); /* in any case; W_NONE: it means nothing */
unsigned word_flags_of(enum word word);    /* enum word_flag */

#endif
