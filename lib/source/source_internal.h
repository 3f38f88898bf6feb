/* Between source.c and the kinds of sources, one file each. */
#ifndef POTTO_SOURCE_SOURCE_INTERNAL_H
#define POTTO_SOURCE_SOURCE_INTERNAL_H

#include "source/source.h"

/* A kind embeds this as its first member. */
struct source {
    const struct source_kind *kind;
    const struct source_options *options;
    char version[128];
    int version_number;
    bool is_mariadb;
    bool is_broken;
    int64_t spent_us;
    int statement_count;
};

struct source_kind {
    const char *engine; /* of the connection's row */
    const char *title;  /* for people */
    int default_port;
    enum status (*open)(const struct source_options *options, struct source **out_source,
                        struct source_problem *out_problem);
    void (*close)(struct source *source);
    enum status (*run)(struct source *source, const char *sql, const struct text *params, int param_count,
                       size_t max_bytes, struct arena *arena, struct source_rows *out_rows,
                       struct source_problem *out_problem);
    /* NULL: as run. */
    enum status (*run_first)(struct source *source, const char *sql, const struct text *params, int param_count,
                             size_t max_bytes, struct arena *arena, struct source_rows *out_rows,
                             struct source_problem *out_problem);
};

extern const struct source_kind source_postgres, source_mysql;

int source_port(const struct source_kind *kind, const struct source_options *options);

/* Words and remedy for a trouble with this server; `said` is the server's or library's message, of which the
 * first line goes to detail. Returns the status that goes with the trouble. */
enum status source_trouble_tell(const struct source_kind *kind, const struct source_options *options,
                                enum source_trouble trouble, const char *code, const char *said,
                                struct source_problem *out_problem);

/* Rows that grow: cells of unknown number, bounded in bytes. */
struct source_collector {
    struct arena *arena;
    struct text *cells;
    size_t cell_count, cell_capacity;
    size_t size_bytes, max_bytes;
};
/* Copies the bytes. False: over max_bytes. data NULL: NULL. */
bool source_collector_add(struct source_collector *collector, const char *data, size_t size_bytes);

bool source_should_stop(const struct source_options *options);

#endif
