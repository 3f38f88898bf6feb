/* Shared by target.c and the kinds of targets, one file each. */
#ifndef POTTO_TARGET_TARGET_INTERNAL_H
#define POTTO_TARGET_TARGET_INTERNAL_H

#include "base/engine.h"
#include "base/vector.h"
#include "target/target.h"

/* Each kind has this as the first member of its own struct. */
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
    /* NULL: `run` is called instead. */
    enum status (*run_first)(struct target *target, const char *sql, const struct text *params, int param_count,
                             size_t max_bytes, struct arena *arena, struct target_rows *out_rows,
                             struct target_problem *out_problem);
};

extern const struct target_kind target_postgres, target_mysql;

int target_port(const struct target_kind *kind, const struct target_options *options);

/* Fill *out_problem with the texts for a failure of this server. `said` is the message of the server or library; its
 * first line becomes the detail. Returns the status of the failure. */
enum status target_failure_tell(const struct target_kind *kind, const struct target_options *options,
                                enum target_failure failure, const char *code, const char *said,
                                struct target_problem *out_problem);

/* A growing list of cells. Both the bytes in them and their number are at most max_bytes. */
struct target_cells {
    struct arena *arena;
    VECTOR(struct text) cells;
    size_t size_bytes, max_bytes;
};
/* Add a cell with a copy of the bytes; data NULL adds NULL. False: a limit is reached. */
bool target_cells_add(struct target_cells *collector, const char *data, size_t size_bytes);

bool target_should_stop(const struct target_options *options);

#endif
