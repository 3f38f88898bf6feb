/* The operator's list of log files to follow: one a line, as "12 /var/log/postgresql/postgresql-15-main.log
 * prefix='%m [%p] %q%u@%d '". Pure: what the paths lead to is the caller's concern. */
#ifndef POTTO_LOGS_LIST_H
#define POTTO_LOGS_LIST_H

#include "logs/logs.h"

enum {
    LOGS_LIST_LINES_MAX = 1000,
    LOGS_LIST_BYTES_MAX = 256 * 1024,
    LOGS_LIST_PATH_BYTES_MAX = 1000,
};

struct logs_list_line {
    int number;                      /* of the line, from 1 */
    int64_t connection_id;           /* not a name: its users may change that */
    const char *path;                /* absolute; the part behind the last slash may be a pattern of fnmatch(3) */
    enum logs_format format;         /* UNSET: as the file looks */
    struct text prefix;              /* data NULL: the default */
    bool has_utc_offset, from_start; /* read what is there already, too */
    int64_t utc_offset_s;
};

/* Errors: STATUS_INVALID, of the first line that is wrong; the message has its number. Memory: `arena`. */
enum status logs_list_read(struct text list, struct arena *arena, struct logs_list_line **out_lines, size_t *out_count,
                           struct error *error);

#endif
