/* Between probe.c and the engines. */
#ifndef POTTO_COLLECT_PROBE_INTERNAL_H
#define POTTO_COLLECT_PROBE_INTERNAL_H

#include "collect/probe.h"

struct probe {
    struct target *target;
    struct probe_result *result;
    struct arena *arena;
    double min_duration_ms;
    struct target_problem failure;
};

/* Run a statement without parameters. Its failure goes to probe->failure. After one that ended the session the others
 * fail without being run, and the database counts as one that cannot be reached. */
enum status probe_run(struct probe *probe, const struct target_statement *statement, struct target_rows *out_rows);
/* A server's words as valid UTF-8; "" for none. */
const char *probe_text(struct text text, struct arena *arena);
/* Add a check to the result. Problem and remedy are kept where it is not ok. */
void probe_add_check(struct probe *probe, const char *name, bool is_required, bool is_ok, const char *problem,
                     const char *remedy);

#endif
