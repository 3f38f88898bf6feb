/* The thread that looks whether the language model can be asked, so that /health tells it without asking. It costs no
 * tokens. Where no model is configured, or not rightly, it asks nothing and ends. */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "collector/daemon.h"

enum { LOOK_MS = 30000 };

static void tell(struct daemon *daemon, const struct llm *llm, const struct llm_state *state, bool was_asked)
{
    struct llm_told told = {.health = state->health,
                            .has_model = state->has_model,
                            .is_news = true,
                            .kind = llm_kind_name(llm->kind),
                            .model = llm->model,
                            .checked_at_us = was_asked ? clock_now_us() : INT64_MIN};

    snprintf(told.problem, sizeof told.problem, "%s", state->problem);
    pthread_mutex_lock(&daemon->mutex);
    daemon->llm = told;
    pthread_mutex_unlock(&daemon->mutex);
}

static void log_change(const struct llm *llm, const struct llm_state *state)
{
    if (state->health == LLM_HEALTH_REACHABLE)
        log_write(LOG_INFO, "llm_reachable", "%s has the model %.*s", llm_kind_name(llm->kind), (int)llm->model.size,
                  llm->model.data);
    else if (state->health != LLM_HEALTH_OFF)
        log_write(LOG_WARN, "llm_away", "%s %s", state->problem, state->detail);
}

void *llm_main(void *shared)
{
    struct daemon *daemon = shared;
    const struct llm_settings settings = LLM_SETTINGS_OF(daemon->config);
    const struct llm llm = llm_of(&settings);
    bool is_asked = llm.kind != LLM_KIND_UNSET && llm.problem == NULL;
    struct arena *arena = arena_new(0);
    enum llm_health last = LLM_HEALTH_UNSET;

    do {
        struct llm_state state;

        llm_check(&llm, &daemon->should_stop, arena, &state);
        if (state.health != last)
            log_change(&llm, &state);
        last = state.health;
        tell(daemon, &llm, &state, is_asked);
        arena_reset(arena);
    } while (is_asked && daemon_sleep(daemon, LOOK_MS));
    arena_destroy(arena);
    return NULL;
}
