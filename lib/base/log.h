/* One JSON object a line on stderr. For programs only: libraries return errors. */
#ifndef POTTO_BASE_LOG_H
#define POTTO_BASE_LOG_H

#include <stdint.h>

#include "base/error.h"

enum log_level { LOG_UNSET, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* `program` is kept, not copied. Lines below `level` are dropped. */
void log_init(const char *program, enum log_level level);

/* From now on, what libraries of this process print with stdio on stderr becomes lines of the log ("printed"), also a
 * failed assertion's last words. For programs whose stderr is a log; once, after log_init. */
void log_take_stderr(void);

/* `event` is a fixed name ("worker_started"); `format` is the message. Never log a secret or query text. */
void log_write(enum log_level level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Log an error with its detail; `context` tells what the program was doing. */
void log_error(const char *event, const char *context, const struct error *error);

#endif
