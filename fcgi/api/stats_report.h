/* Reports over a period that are lists: a struct each, and one way to answer them, as JSON or, some of them, CSV. */
#ifndef POTTO_FCGI_API_STATS_REPORT_H
#define POTTO_FCGI_API_STATS_REPORT_H

#include "fcgi/api/stats_params.h"
#include "fcgi/request/csv.h"

/* A row of CSV has 2,000 bytes of statement at most, twice that with quotes, so that the answer stays within its
 * buffer. */
enum { STATS_CSV_ROWS_MAX = 5000, STATS_CSV_TEXT_BYTES = 2000 };

/* What a request asks of a report. */
struct stats_asked {
    struct period period;
    const struct scope *scope; /* the caller's, with the connections that are asked for */
    struct stats_page page;    /* of a whole list: zeros */
    int sort;                  /* position in the report's sorts */
};

struct stats_report {
    const char *name;   /* of its cursors, NULL in a whole list; its CSV file is called by what follows the slash */
    enum stats_key key; /* STATS_KEY_UNSET: the list is whole, without limit and cursor */
    const char *const *sorts; /* ends with NULL; NULL: there is one order. A cursor belongs to one order. */
    /* May change the period; the answer shows it as it is afterwards. */
    enum status (*read)(const struct request *request, struct stats_asked *asked, struct stats_list *out_list,
                        struct error *error);
    void (*write_json)(struct json_writer *json, const struct stats_row *row); /* members, without braces */
    const char *const *columns; /* of CSV; ends with NULL; NULL: no CSV */
    void (*write_csv)(struct csv_writer *csv, const struct stats_row *row);
};

/* Read the parameters, read the list, answer: what a handler of a report does. */
enum status stats_report_answer(const struct stats_report *report, const struct request *request,
                                const struct scope *scope, struct response *response, struct error *error);

#endif
