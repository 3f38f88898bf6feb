/* See pasted_plan.h. */
#include "fcgi/pasted_plan.h"

enum status pasted_plan_read(struct text engine, struct text pasted, struct arena *arena, struct plan *out_plan,
                             struct error *error)
{
    enum plan_dialect dialect = engine.size == 0 ? PLAN_DIALECT_UNSET : plan_dialect_of(engine);
    struct error problem = {0};
    enum status status;

    if (engine.size > 0 && dialect == PLAN_DIALECT_UNSET) {
        error_set(error, STATUS_INVALID, "Plans of that engine are not read.");
        return error_field(error, "engine", "must be postgresql or mysql (MariaDB too)");
    }
    if (text_trim(pasted).size == 0) {
        error_set(error, STATUS_INVALID, "There is no plan. " PASTED_PLAN_EXPECTED);
        return error_field(error, "plan", "is empty");
    }
    status = plan_read_pasted(dialect, pasted, arena, out_plan, &problem);
    if (status == STATUS_OK)
        return STATUS_OK;
    if (status == STATUS_TOO_LARGE)
        return error_set(error, status, "%s", problem.message);
    error_set(error, STATUS_INVALID, "This is no plan that Potto reads. " PASTED_PLAN_EXPECTED);
    return error_field(error, "plan", "%s", problem.message);
}

const struct engine *pasted_plan_engine(const struct plan *plan)
{
    return engine_of_kind(plan->dialect == PLAN_DIALECT_POSTGRESQL ? ENGINE_POSTGRESQL : ENGINE_MYSQL);
}
