/* What a server cannot have done is left out of what a cycle found, so that a server with wrong numbers spoils no sums
 * and no charts. Pure. */
#ifndef POTTO_COLLECT_POSSIBLE_H
#define POTTO_COLLECT_POSSIBLE_H

#include "collect/collect.h"

/* Remove growth that is not possible since the last baselines (facts/growth.h), and samples that are not
 * (facts/sample.h); move the times of growth to after those baselines. The result then is a warning that says so. New
 * baselines stay, so that the next cycle counts from them.
 */
void collect_leave_out_impossible(const struct collect_input *input, struct collect_result *result);

#endif
