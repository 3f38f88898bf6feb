/* What every page of a signed-in user has: the rail, the top bar with period and database, and the
 * state that its address holds. A handler opens a page, fills page->body, and closes it. */
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

enum { PAGE_CONNECTIONS_MAX = 500 }; /* in the database selector; lists page beyond them */

enum page_section {
    PAGE_SECTION_UNSET, /* none of the rail's */
    PAGE_SECTION_OVERVIEW,
    PAGE_SECTION_QUERIES,
    PAGE_SECTION_DATABASES,
    PAGE_SECTION_COLLECTORS,
    PAGE_SECTION_SETTINGS,
};

struct page_about {
    const char *title;
    const char *template_file;
    enum page_section section;
    bool has_period;   /* the period picker filters the page */
    bool has_database; /* the database selector does */
};

struct page {
    const struct request *request;
    const struct scope *scope;
    const struct page_about *about;
    struct arena *arena; /* the request's */
    int64_t now_us;
    const char *path; /* of this page, for links to itself */

    struct period period;
    const char *preset_default;              /* what no period in the address means */
    const char *preset;                      /* "24h": the period ends now; NULL: from and to were given */
    int64_t connection_id;                   /* 0: all */
    const struct scope *chosen;              /* `scope` with that connection alone: what is read for the page */
    struct connection_list_page connections; /* visible ones, by name */

    /* What the address holds: period and database (`common`, which links to other pages keep), and
     * with them the page's own parameters, which handlers add. */
    struct link_state common, state;

    struct page_data *frame, *body;
};

/* Read period and database of the request and the visible connections. Page-specific parameters go to
 * page->state before page_close. Errors: STATUS_INVALID (period), STATUS_ABSENT (database not visible),
 * STATUS_UNAVAILABLE. */
enum status page_open(const struct request *request, const struct scope *scope, const struct page_about *about,
                      struct page *out_page, struct error *error);
/* Expand frame and body into `response`. */
enum status page_close(struct page *page, struct response *response, struct error *error);

/* A page without rail and bar: sign in, and errors of nobody in particular. */
enum status page_bare(const struct request *request, const char *title, const char *template_file,
                      struct page_data *body, struct response *response, struct error *error);

/* The visible connection of that id; NULL if there is none (or beyond PAGE_CONNECTIONS_MAX). */
const struct connection *page_connection(const struct page *page, int64_t connection_id);

/* This page's address with one parameter changed (empty value: removed). */
struct text page_link_change(const struct page *page, const char *name, struct text value);
/* Another page of ours, with period and database kept. */
struct text page_link_to(const struct page *page, const char *path);
/* "/databases/12", "/queries/<hash>?…": one thing's page, with the period kept. */
struct text page_link_connection(const struct page *page, int64_t connection_id);
struct text page_link_query(const struct page *page, struct sql_hash hash);

/* Humanized values. Times get two variables: NAME (short or "… ago") and NAME_EXACT for its tooltip. */
void page_set_duration(struct page_data *data, const char *name, double duration_ms);
void page_set_count(struct page_data *data, const char *name, double count);
void page_set_ago(const struct page *page, struct page_data *data, const char *name, int64_t time_us);
void page_set_time(const struct page *page, struct page_data *data, const char *name, int64_t time_us);

/* The label of its engine (base/engine.h), or of the fork that its server says it is: "PostgreSQL", "MariaDB". */
struct text page_engine_name(const struct connection *connection);

#endif
