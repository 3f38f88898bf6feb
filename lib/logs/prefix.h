/* PostgreSQL's log_line_prefix, read backwards: which part of a line is what. */
#ifndef POTTO_LOGS_PREFIX_H
#define POTTO_LOGS_PREFIX_H

#include "logs/record.h"

enum { PREFIX_PARTS_MAX = 64 };

struct prefix_part {
    char escape;         /* 't', 'p', …; 0: a literal */
    struct text literal; /* points into the setting */
    bool is_padded;
};

struct prefix {
    struct prefix_part parts[PREFIX_PARTS_MAX];
    size_t count;
    size_t session_from; /* parts from here on are written for sessions alone (%q); `count`: all for everybody */
};

/* Errors: STATUS_INVALID (longer than LOGS_PREFIX_BYTES_MAX, or of too many parts). Parts point into `setting`. */
enum status prefix_read(struct text setting, struct prefix *out_prefix, struct error *error);

/* Match the beginning of a line: the prefix, and after it a word such as "LOG:  ". Sets what the prefix tells of the
 * record (time_text or time_us, process, names), and where the message begins. False: the line has no such beginning.
 */
bool prefix_match(const struct prefix *prefix, struct text line, struct logs_record *out_record,
                  enum logs_word *out_word, size_t *out_message);

#endif
