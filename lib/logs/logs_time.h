/* Times as servers write them into their logs. */
#ifndef POTTO_LOGS_LOGS_TIME_H
#define POTTO_LOGS_LOGS_TIME_H

#include "logs/logs.h"

/* The length of "2026-11-28 09:56:37.854 UTC" at the beginning of a text, with its zone; 0: there is none. */
size_t logs_time_size(const char *at, const char *end);
/* Read such a text. LOGS_TIME_UNKNOWN: no time, or in a zone that is not known. */
int64_t logs_time_read(struct text text, const struct logs_options *options);

#endif
