/* Between target.c and the kinds of targets, one file each. */
#ifndef POTTO_TARGET_TARGET_INTERNAL_H
#define POTTO_TARGET_TARGET_INTERNAL_H

#include "base/engine.h"
#include "target/target.h"

/* A kind embeds this as its first member. */
struct target {
    const struct target_kind *kind;
    const struct target_options *options;
    char version[128];
    int version_number;
    bool is_mariadb;
    bool is_broken;
    int64_t spent_us;
    int statement_count;
};

struct target_kind {
    enum engine_kind engine;
    enum status (*open)(const struct target_options *options, struct target **out_target,
                        struct target_problem *out_problem);
    void (*close)(struct target *target);
    enum status (*run)(struct target *target, const char *sql, const struct text *params, int param_count,
                       size_t max_bytes, struct arena *arena, struct target_rows *out_rows,
                       struct target_problem *out_problem);
    /* NULL: as run. */
    enum status (*run_first)(struct target *target, const char *sql, const struct text *params, int param_count,
                             size_t max_bytes, struct arena *arena, struct target_rows *out_rows,
                             struct target_problem *out_problem);
};

extern const struct target_kind target_postgres, target_mysql;

int target_port(const struct target_kind *kind, const struct target_options *options);

/* Words and remedy for a failure with this server; `said` is the server's or library's message, of which the
 * first line goes to detail. Returns the status that goes with the failure. */
enum status target_failure_tell(const struct target_kind *kind, const struct target_options *options,
                                enum target_failure failure, const char *code, const char *said,
                                struct target_problem *out_problem);

/* Rows that grow: cells of unknown number, bounded in bytes. */
struct target_cells {
    struct arena *arena;
    struct text *cells;
    size_t cell_count, cell_capacity;
    size_t size_bytes, max_bytes;
};
/* Copies the bytes. False: over max_bytes. data NULL: NULL. */
bool target_cells_add(struct target_cells *collector, const char *data, size_t size_bytes);

bool target_should_stop(const struct target_options *options);

#endif
