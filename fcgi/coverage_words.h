/* What coverage says, in words, for the API and for the page. */
#ifndef POTTO_FCGI_COVERAGE_WORDS_H
#define POTTO_FCGI_COVERAGE_WORDS_H

#include "facts/coverage.h"

/* "2 % …": what such time is of, and what to do about it; the remedy is "" where there is nothing to do. `engine` as in
 * the API. */
const char *coverage_gap_words(enum coverage_gap gap);
const char *coverage_gap_remedy(enum coverage_gap gap, struct text engine);
/* Of time that nothing explains. */
const char *coverage_unknown_words(enum coverage_basis basis);
/* Why there is no share. */
const char *coverage_none_words(const struct coverage_fact *fact);

#endif
