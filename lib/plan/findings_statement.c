/* Rules about a statement as a whole: time that goes elsewhere than into its nodes, workers, settings, locks. Each says
 * when it holds; thresholds stand in findings_rules.c. */
#include <math.h>

#include "plan/findings_internal.h"

enum finding_severity find_workers_missing(struct finding *finding)
{
    const struct plan_node *node = finding->node;
    double planned = plan_number(node, PLAN_WORKERS_PLANNED), launched = plan_number(node, PLAN_WORKERS_LAUNCHED);
    enum finding_severity severity;

    if (planned < 1 || launched < 0 || launched >= planned ||
        (node->total_ms >= 0 && node->total_ms < finding->rule->least))
        return FINDING_SEVERITY_UNSET;
    severity = finding_level(finding, (planned - launched) / planned);
    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding_say(finding, "%s of %s planned workers were there.", finding_count(finding, launched),
                finding_count(finding, planned));
    finding->saves_share = finding_all_share(finding);
    if (finding->saves_share >= 0)
        finding->saves_share *= 1 - (launched + 1) / (planned + 1);
    return severity;
}

/* A part of the statement's time that is not in its nodes. */
static enum finding_severity judge_part(struct finding *finding, double part_ms)
{
    double share = finding_share(finding, part_ms);

    if (share < 0 || part_ms < finding->rule->least)
        return FINDING_SEVERITY_UNSET;
    finding->saves_share = share;
    return finding_level(finding, share);
}

enum finding_severity find_jit_long(struct finding *finding)
{
    double jit_ms = plan_number(finding->node, PLAN_JIT_MS);
    enum finding_severity severity = judge_part(finding, jit_ms);

    if (severity != FINDING_SEVERITY_UNSET)
        finding_say(finding, "Compiling %s functions took %s of the statement's %s.",
                    finding_count(finding, fmax(plan_number(finding->node, PLAN_JIT_FUNCTIONS), 0)),
                    finding_ms(finding, jit_ms), finding_ms(finding, finding->plan->total_ms));
    return severity;
}

enum finding_severity find_planning_long(struct finding *finding)
{
    double planning_ms = plan_number(finding->node, PLAN_PLANNING_MS);
    enum finding_severity severity = judge_part(finding, planning_ms);

    if (severity != FINDING_SEVERITY_UNSET)
        finding_say(finding, "Planning took %s of the statement's %s.", finding_ms(finding, planning_ms),
                    finding_ms(finding, finding->plan->total_ms));
    return severity;
}

static enum finding_severity judge_trigger(struct finding *finding, bool is_constraint)
{
    const struct plan_node *root = finding->node;
    struct text constraint = plan_word(root, PLAN_WORD_TRIGGER_CONSTRAINT);
    double ms = plan_number(root, PLAN_TRIGGER_MS);
    enum finding_severity severity;

    if (is_constraint != (constraint.size > 0))
        return FINDING_SEVERITY_UNSET;
    severity = judge_part(finding, ms);
    if (severity == FINDING_SEVERITY_UNSET)
        return severity;
    finding->index = finding_name(finding, is_constraint ? constraint : plan_word(root, PLAN_WORD_TRIGGER), "?");
    finding->table = finding_name(finding, plan_word(root, PLAN_WORD_TRIGGER_RELATION), "its table");
    finding_say(finding, "%s %s took %s in %s calls, of the statement's %s.",
                is_constraint ? "Checking the constraint" : "The trigger", finding->index, finding_ms(finding, ms),
                finding_count(finding, fmax(plan_number(root, PLAN_TRIGGER_CALLS), 0)),
                finding_ms(finding, finding->plan->total_ms));
    return severity;
}

enum finding_severity find_trigger_long(struct finding *finding)
{
    return judge_trigger(finding, false);
}

enum finding_severity find_foreign_key_without_index(struct finding *finding)
{
    double calls = plan_number(finding->node, PLAN_TRIGGER_CALLS), ms = plan_number(finding->node, PLAN_TRIGGER_MS);

    /* With an index a check takes some hundredths of a millisecond. */
    if (!(calls > 0) || ms / calls < 0.5)
        return FINDING_SEVERITY_UNSET;
    return judge_trigger(finding, true);
}

enum finding_severity find_planner_switched_off(struct finding *finding)
{
    struct text settings = plan_word(finding->node, PLAN_WORD_SETTINGS), setting, off = {NULL, 0};

    while (off.size == 0 && text_split(&settings, ',', &setting)) {
        setting = text_trim(setting);
        if (text_starts(setting, TEXT("enable_")) && text_ends(setting, TEXT(" = off")) &&
            !text_starts(setting, TEXT("enable_partition")))
            off = (struct text){setting.data, setting.size - strlen(" = off")};
    }
    if (off.size == 0)
        return FINDING_SEVERITY_UNSET;
    finding->amount = finding_cut(finding, off);
    finding_say(finding, "%s is off: the planner may not use what may be the best way.", finding->amount);
    return finding_only_level(finding);
}

enum finding_severity find_lock_rows_waits(struct finding *finding)
{
    static const double written_row_ms_max = 5; /* a row that is written takes less, with all its indexes */
    const struct plan_node *node = finding->node, *below = node->first_child;
    bool is_lock = node->kind == PLAN_KIND_LOCK_ROWS;
    double rows = is_lock || below == NULL ? finding_rows(node) : finding_rows(below);
    enum finding_severity severity;

    if (!is_lock && ((!text_equal(node->label, TEXT("Update")) && !text_equal(node->label, TEXT("Delete"))) ||
                     node->own_ms < fmax(rows, 1) * written_row_ms_max))
        return FINDING_SEVERITY_UNSET;
    severity = judge_part(finding, node->own_ms);
    if (severity != FINDING_SEVERITY_UNSET)
        finding_say(finding, "Locking %s rows took %s, most of it likely spent waiting for other transactions.",
                    finding_count(finding, fmax(rows, 0)), finding_ms(finding, node->own_ms));
    return severity;
}
