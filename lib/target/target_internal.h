/* Shared by target.c and the kinds of targets, one file each. */
#ifndef POTTO_TARGET_TARGET_INTERNAL_H
#define POTTO_TARGET_TARGET_INTERNAL_H

#include "base/engine.h"
#include "base/vector.h"
#include "target/guard.h"
#include "target/target.h"

enum {
    TARGET_PARAMS_MAX = 16,
    TARGET_MESSAGE_BYTES_MAX = 16 << 20, /* the largest message that is read */
};

/* Each kind has this as the first member of its own struct. */
struct target {
    const struct target_kind *kind;
    const struct target_options *options;
    char version[128];
    int version_number;
    bool is_mariadb;
    bool is_broken;
    int64_t spent_us, quickest_us;
    int statement_count;
};

/* A growing list of cells that have the shape of the statement. */
struct target_cells {
    struct arena *arena;
    const struct target_statement *statement;
    VECTOR(struct target_cell) cells;
    size_t cost;
    char misfit[96]; /* for the log: where the shape is another */
};

enum target_fit {
    TARGET_FIT_UNSET,
    TARGET_FITS,
    TARGET_MISFIT,
    TARGET_FULL, /* the result costs more than it may */
};

/* Once before the cells: how many columns the server says there are. */
enum target_fit target_cells_columns(struct target_cells *cells, uint64_t column_count);
/* The next cell as the server sent it; data NULL is NULL. */
enum target_fit target_cells_add(struct target_cells *cells, const char *data, size_t size_bytes);
/* Once after them. *out_rows is set where they fit. */
enum target_fit target_cells_finish(struct target_cells *cells, bool is_cut, struct target_rows *out_rows);

/* The calls run within a guard; target.c replaces their problem by the guard's reason if there is one. */
struct target_kind {
    enum engine_kind engine;
    enum status (*open)(const struct target_options *options, struct target **out_target,
                        struct target_problem *out_problem);
    void (*close)(struct target *target);
    /* Sets target->is_broken where the session cannot go on. */
    enum status (*run)(struct target *target, const struct text *params, int param_count, struct target_cells *cells,
                       struct target_rows *out_rows, struct target_problem *out_problem);
};

extern const struct target_kind target_postgres, target_mysql;

bool target_is_verified(const struct target_options *options);
const char *target_ca_file(const struct target_options *options);

/* Fill *out_problem with the texts for a failure of this server. `said` is the message of the server or library; its
 * first line becomes the detail. Returns the status of the failure. */
enum status target_failure_tell(const struct target_kind *kind, const struct target_options *options,
                                enum target_failure failure, const char *code, const char *said,
                                struct target_problem *out_problem);

/* The server's answer has another shape, as cells->misfit says: the session ends. */
enum status target_misfit_tell(struct target *target, const struct target_cells *cells,
                               struct target_problem *out_problem);

/* The server's words, cut to `size` bytes with the NUL: valid UTF-8 without control characters. */
void target_copy_words(char *out, size_t size, const char *words, size_t words_bytes);

#endif
