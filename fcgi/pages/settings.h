/* What the pages below /settings have in common: their tabs, their forms, and what a form leaves to say. */
#ifndef POTTO_FCGI_PAGES_SETTINGS_H
#define POTTO_FCGI_PAGES_SETTINGS_H

#include "fcgi/pages/page.h"

enum { SETTINGS_ROWS_MAX = 200 }; /* of a list on one page; the next ones follow by a link */

struct settings_form {
    struct request_param params[REQUEST_QUERY_MAX];
    int count;
};
enum status settings_form_read(const struct request *request, struct settings_form *out_form, struct error *error);
struct text settings_value(const struct settings_form *form, const char *name); /* trimmed; empty if absent */
/* A positive number; 0 if it is absent or something else. */
int64_t settings_number(const struct settings_form *form, const char *name);

/* As page_open; and the tabs, and what ?done= says. */
enum status settings_open(const struct request *request, const struct scope *scope, const struct page_about *about,
                          struct page *out_page, struct error *error);

/* Whether `problem` is the person's to put right: then it is shown on the page, under its HTTP code. Otherwise the
 * handler returns its status. */
bool settings_is_problem(enum status status);
void settings_show_problem(struct page *page, const struct error *problem, struct response *response);

/* Back to the page after a form, with a word of what was done (a name in the table of settings.c). */
enum status settings_done(const struct request *request, struct response *response, const char *path, const char *done);

#endif
