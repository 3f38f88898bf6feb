/* The common part of the pages below /settings: their tabs, their forms, and messages after a form. */
#ifndef POTTO_FCGI_PAGES_SETTINGS_H
#define POTTO_FCGI_PAGES_SETTINGS_H

#include "fcgi/pages/page.h"

enum { SETTINGS_ROWS_MAX = 200 }; /* rows of a list on one page; a link leads to the next ones */

struct settings_form {
    struct request_param params[REQUEST_QUERY_MAX];
    int count;
};
enum status settings_form_read(const struct request *request, struct settings_form *out_form, struct error *error);
struct text settings_value(const struct settings_form *form, const char *name); /* trimmed; empty if absent */
/* A field as a positive number; 0 if it is absent or not a positive number. */
int64_t settings_number(const struct settings_form *form, const char *name);

/* As page_open; also fills the tabs and the message for ?done=. */
enum status settings_open(const struct request *request, const struct scope *scope, const struct page_about *about,
                          struct page *out_page, struct error *error);

/* Whether the user can correct the input. If so, the handler shows the problem on the page, with its HTTP code.
 * Otherwise it returns the status. */
bool settings_is_problem(enum status status);
void settings_show_problem(struct page *page, const struct error *problem, struct response *response);

/* Redirect to the page after a form. `done` names a message in the table of settings.c. */
enum status settings_done(const struct request *request, struct response *response, const char *path, const char *done);

#endif
