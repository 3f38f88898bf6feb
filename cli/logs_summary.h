/* What potto logs read says of log files: what happened, and which statements took the most time. */
#ifndef POTTO_CLI_LOGS_SUMMARY_H
#define POTTO_CLI_LOGS_SUMMARY_H

#include "base/json_write.h"
#include "logs/logs.h"
#include "sql/statement.h"

struct logs_summary;

struct logs_summary *logs_summary_new(enum sql_dialect dialect);
void logs_summary_destroy(struct logs_summary *summary);
void logs_summary_take(struct logs_summary *summary, const struct logs_event *event);
/* As members of an object that was begun. */
void logs_summary_write(const struct logs_summary *summary, const struct logs_counts *counts, struct json_writer *json);
/* For people, on stdout. */
void logs_summary_print(const struct logs_summary *summary, const struct logs_counts *counts);

/* An event as an object. */
void logs_event_write(const struct logs_event *event, struct json_writer *json);

#endif
