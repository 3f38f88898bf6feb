/* What is wrong with a statement, by its text and its schema: rules over its tree, all of them rows of one table
 * (statement_rules.c). No server is asked. Pure functions over hostile bytes.
 *
 * A rule says what harms. What an expert would dismiss is no rule, and where a name cannot be bound for certain, the
 * rules that need it stay silent. */
#ifndef POTTO_ADVISE_STATEMENT_H
#define POTTO_ADVISE_STATEMENT_H

#include "base/json_write.h"
#include "syntax/schema.h"

enum {
    STATEMENT_FINDINGS_MAX = 100,
    STATEMENT_FINDINGS_OF_RULE_MAX = 10,
};

enum statement_severity { STATEMENT_SEVERITY_UNSET, STATEMENT_NOTE, STATEMENT_WARNING, STATEMENT_CRITICAL };

struct statement_finding {
    const char *rule;  /* stable name, "leading_wildcard"; static */
    const char *title; /* one sentence for people; static */
    const char *remedy;
    enum statement_severity severity;
    size_t from, to;      /* the bytes of the statement that it is about */
    struct text evidence; /* with this statement's names */
};

struct statement_findings {
    const struct statement_finding *items; /* as they stand in the statement */
    size_t count;
    size_t left_out;              /* beyond the bounds above */
    const char *not_examined;     /* a sentence; NULL: everything was examined */
    bool is_cut;                  /* the statement was too large for all of it to be examined */
    struct syntax_problem unread; /* where reading ended, where it could not be read */
};

/* Examine one statement; `schema` may be NULL, and then rules that need one are not asked.
 * Memory: `arena`. Errors: those of syntax_parse, with out_findings->unread set and nothing found. */
enum status statement_find(enum sql_dialect dialect, struct text sql, const struct schema *schema, struct arena *arena,
                           struct statement_findings *out_findings);

const char *statement_severity_name(enum statement_severity severity); /* "note", "warning", "critical"; static */

/* The members "findings", "findings_left_out" and "not_examined" of an object that the caller began. */
void statement_findings_write(const struct statement_findings *findings, struct json_writer *json);

/* The table of rules as Markdown. */
void statement_rules_write(struct buffer *out);

#endif
