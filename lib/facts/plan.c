/* Where plans come from, and why there is none; see plan.h. */
#include "facts/plan.h"

static const struct {
    const char *name, *label;
} provenances[] = {
    [PLAN_PROVENANCE_UNSET] = {"unknown", "unknown"},
    [PLAN_PROVENANCE_EXPLAIN] = {"explain", "EXPLAIN of a sample, by the collector"},
    [PLAN_PROVENANCE_GENERIC_PLAN] = {"generic_plan", "generic plan of the normalized statement"},
    [PLAN_PROVENANCE_AGENT] = {"agent", "sent by an agent"},
    [PLAN_PROVENANCE_LOG] = {"log", "of an execution, as the server logged it"},
};
enum { PROVENANCE_COUNT = sizeof provenances / sizeof provenances[0] };

const char *plan_provenance_name(enum plan_provenance provenance)
{
    return provenances[provenance].name;
}

const char *plan_provenance_label(enum plan_provenance provenance)
{
    return provenances[provenance].label;
}

enum plan_provenance plan_provenance_of(struct text name)
{
    for (int i = PLAN_PROVENANCE_UNSET + 1; i < PROVENANCE_COUNT; i++)
        if (text_equal(name, text_of(provenances[i].name)))
            return (enum plan_provenance)i;
    return PLAN_PROVENANCE_UNSET;
}

static const struct {
    const char *name, *sentence;
} refusals[PLAN_REFUSAL_COUNT] = {
    [PLAN_REFUSAL_UNSET] = {"", ""},
    [PLAN_REFUSAL_NOT_SAFE] = {"not_safe", "Potto does not explain this statement, because it may write, lock, wait or "
                                           "read files, or because Potto does not understand all of it."},
    [PLAN_REFUSAL_LITERALS] = {"literals", "The server keeps this statement with its values, a plan would show them, "
                                           "and this connection keeps no values."},
    [PLAN_REFUSAL_TEXT_MISSING] = {"text_missing", "The server had no text of this statement any more, or one of more "
                                                   "than 100,000 characters, when Potto came to explain it."},
    [PLAN_REFUSAL_PARAMETERS] = {"parameters", "The server keeps this statement without its values, and cannot tell "
                                               "from the rest of the text which types they have."},
    [PLAN_REFUSAL_OBJECTS] = {"objects_missing",
                              "The server does not find a table, column or function of this statement: it is gone, is "
                              "temporary, or the application finds it by a search path of its own."},
    [PLAN_REFUSAL_NO_RIGHT] = {"no_right",
                               "The user that Potto signs in with may not read this statement's tables. A plan takes "
                               "SELECT on each of them."},
    [PLAN_REFUSAL_NO_TIME] = {"no_time", "The server did not plan this statement within the time that Potto gives it, "
                                         "or it had to wait for a lock."},
    [PLAN_REFUSAL_SERVER] = {"refused", "The server refused to explain this statement."},
    [PLAN_REFUSAL_UNREADABLE] = {"unreadable_plan", "The server gave a plan that is too large, too deep or of another "
                                                    "shape than Potto knows."},
    [PLAN_REFUSAL_OFF] = {"plans_off", "Plans are switched off for this database (potto.plans = off)."},
    [PLAN_REFUSAL_SUPERUSER] = {"superuser", "Potto signs in as a superuser, and makes no plans as one: planning can "
                                             "run functions that other people wrote."},
    [PLAN_REFUSAL_LITERALS_OFF] = {"literals_off", "Plans of this engine show values, and this connection keeps none."},
    [PLAN_REFUSAL_OVERHEAD] = {"over_budget", "Potto makes no plans here for now: what it costs the database's server "
                                              "is more than the overhead budget of this connection."},
    [PLAN_REFUSAL_NOT_COLLECTED] = {"not_collected", "Potto does not sign in to this database. Plans come with the "
                                                     "samples of an agent, if it sends them."},
    [PLAN_REFUSAL_STATEMENT_KIND] = {"statement_kind",
                                     "Potto asks for plans of SELECTs only, so that nothing it does can change data."},
    [PLAN_REFUSAL_WAITING] = {"waiting", "Potto has not tried to explain this statement yet. Each time it comes by, it "
                                         "explains a few of those that ran since, the heaviest first."},
};

const char *plan_refusal_name(enum plan_refusal refusal)
{
    return refusals[refusal].name;
}

const char *plan_refusal_sentence(enum plan_refusal refusal)
{
    return refusals[refusal].sentence;
}

enum plan_refusal plan_refusal_of(struct text name)
{
    for (int i = PLAN_REFUSAL_UNSET + 1; i < PLAN_REFUSAL_COUNT; i++)
        if (text_equal(name, text_of(refusals[i].name)))
            return (enum plan_refusal)i;
    return PLAN_REFUSAL_UNSET;
}

bool plan_refusal_is_code(struct text code)
{
    for (size_t i = 0; i < code.size; i++)
        if (!(code.data[i] >= '0' && code.data[i] <= '9') && !(code.data[i] >= 'A' && code.data[i] <= 'Z'))
            return false;
    return code.size < sizeof((struct plan_refusal_fact *)NULL)->code;
}
