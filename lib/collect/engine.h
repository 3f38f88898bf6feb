/* What Potto does with each engine that it collects from: base/engine.h has the engines. */
#ifndef POTTO_COLLECT_ENGINE_H
#define POTTO_COLLECT_ENGINE_H

#include <stdbool.h>

#include "base/error.h"

struct collect_cycle;
struct probe;
struct waits_look;

struct collect_engine {
    void (*collect)(struct collect_cycle *cycle);
    bool (*probe)(struct probe *probe); /* false: a statement failed, and probe->failure says why */
    /* One look at the sessions. NULL: the engine has none. Errors: look->failure says why. */
    enum status (*look)(struct waits_look *look);
};

/* By the name in struct target_options, of a target that was opened. */
const struct collect_engine *collect_engine_of(const char *name);

#endif
