/* The frame of every page of a signed-in user: the rail, the top bar with period and database, and the state that the
 * address of the page holds. A handler opens a page, fills page->body, and closes the page. */
#ifndef POTTO_FCGI_PAGES_PAGE_H
#define POTTO_FCGI_PAGES_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/pages/format.h"
#include "fcgi/pages/link.h"
#include "fcgi/pages/template.h"
#include "fcgi/request/request.h"
#include "fcgi/request/response.h"
#include "sql/sql_hash.h"
#include "store/admin/connection.h"
#include "store/read/period.h"
#include "store/scope/scope.h"

enum { PAGE_CONNECTIONS_MAX = 500 }; /* in the database selector; lists show further ones on more pages */

enum page_section {
    PAGE_SECTION_UNSET, /* no section of the rail */
    PAGE_SECTION_OVERVIEW,
    PAGE_SECTION_QUERIES,
    PAGE_SECTION_DATABASES,
    PAGE_SECTION_MONGODB,
    PAGE_SECTION_COLLECTORS,
    PAGE_SECTION_SETTINGS,
};

struct page_about {
    const char *title;
    const char *template_file;
    enum page_section section;
    bool has_period;   /* the page has the period picker */
    bool has_database; /* the page has the database selector */
};

struct page {
    const struct request *request;
    const struct scope *scope;
    const struct page_about *about;
    struct arena *arena; /* the request's */
    int64_t now_us;
    const char *path; /* path of this page, for links to itself */

    struct period period;
    const char *preset_default;              /* used if the address has no period */
    const char *preset;                      /* "24h": the period ends now; NULL: the address holds from and to */
    int64_t connection_id;                   /* 0: all */
    const struct scope *chosen;              /* `scope` with only that connection, or all; reads the data of the page */
    struct connection_list_page connections; /* visible ones, by name */
    int64_t complete_until_us;               /* of numbers, if some are overdue; else INT64_MIN */

    /* Parameters of the address. `common` holds period and database, which links to other pages keep. `state` holds the
     * same and the parameters of this page, which its handler adds. */
    struct link_state common, state;

    struct page_data *frame, *body;
};

/* Read the period, the database and the visible connections. The handler adds the parameters of its own page to
 * page->state before page_close. Errors: STATUS_INVALID (period), STATUS_ABSENT (database not visible),
 * STATUS_UNAVAILABLE. */
enum status page_open(const struct request *request, const struct scope *scope, const struct page_about *about,
                      struct page *out_page, struct error *error);
/* Expand frame and body into `response`. */
enum status page_close(struct page *page, struct response *response, struct error *error);

/* A page without rail and bar, for callers who are not signed in: sign-in and errors. */
enum status page_bare(const struct request *request, const char *title, const char *template_file,
                      struct page_data *body, struct response *response, struct error *error);

/* The visible connection with that id; NULL if there is none, or if it is beyond PAGE_CONNECTIONS_MAX. */
const struct connection *page_connection(const struct page *page, int64_t connection_id);

/* The address of this page with one parameter changed, or removed if `value` is empty. */
struct text page_link_change(const struct page *page, const char *name, struct text value);
/* The address of another page of ours, with period and database kept. */
struct text page_link_to(const struct page *page, const char *path);
/* The address of a database or a query, with the period kept: "/databases/12", "/queries/<hash>?…". */
struct text page_link_connection(const struct page *page, int64_t connection_id);
struct text page_link_query(const struct page *page, struct sql_hash hash);

/* What a form of a page was sent with: its fields (room for REQUEST_QUERY_MAX) and the id in the path. */
enum status page_form_of_id(const struct request *request, struct request_param *out_params, int *out_count,
                            int64_t *out_id, struct error *error);

/* Set values in a readable form. A time gets two variables: NAME (short, or "… ago") and NAME_EXACT for its tooltip. */
void page_set_duration(struct page_data *data, const char *name, double duration_ms);
void page_set_count(struct page_data *data, const char *name, double count);
void page_set_ago(const struct page *page, struct page_data *data, const char *name, int64_t time_us);
void page_set_time(const struct page *page, struct page_data *data, const char *name, int64_t time_us);

/* The label of the engine (base/engine.h), or of the fork that the server reports: "PostgreSQL", "MariaDB". */
struct text page_engine_name(const struct connection *connection);

#endif
