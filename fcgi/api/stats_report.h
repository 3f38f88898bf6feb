/* Reports over a period that are lists. A struct describes each report, and one function answers them all, as JSON or,
 * for some, as CSV. */
#ifndef POTTO_FCGI_API_STATS_REPORT_H
#define POTTO_FCGI_API_STATS_REPORT_H

#include "fcgi/api/stats_params.h"
#include "fcgi/request/csv.h"

/* A row of CSV holds at most 2,000 bytes of a statement, which quoting can double. So the answer stays within its
 * buffer. */
enum { STATS_CSV_ROWS_MAX = 5000, STATS_CSV_TEXT_BYTES = 2000 };

/* The parameters of a request for a report. */
struct stats_asked {
    struct period period;
    const struct scope *scope; /* the caller's scope with only the chosen connections */
    struct stats_page page;    /* zeros if the list has no pages */
    int sort;                  /* index in the sorts of the report */
};

struct stats_report {
    /* The name of its cursors; NULL if the list has no pages. The part after the slash is the name of its CSV file. */
    const char *name;
    enum stats_key key;       /* STATS_KEY_UNSET: the list has no pages, so no limit and no cursor */
    const char *const *sorts; /* ends with NULL; NULL if there is only one order. A cursor belongs to one order. */
    /* May change the period; the answer shows the changed one. */
    enum status (*read)(const struct request *request, struct stats_asked *asked, struct stats_list *out_list,
                        struct error *error);
    void (*write_json)(struct json_writer *json, const struct stats_row *row); /* writes members, without braces */
    const char *const *columns; /* columns of CSV, ends with NULL; NULL if there is no CSV */
    void (*write_csv)(struct csv_writer *csv, const struct stats_row *row);
};

/* The body of the handler of a report: reads the parameters and the list, and answers. */
enum status stats_report_answer(const struct stats_report *report, const struct request *request,
                                const struct scope *scope, struct response *response, struct error *error);

#endif
