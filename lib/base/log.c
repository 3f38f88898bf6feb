/* The log; see log.h. A line is written with one write(2), so lines of several
 * processes never mix. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/text.h"

enum { LINE_BYTES_MAX = 4096 };

static const char *program_name = "potto";
static enum log_level lowest = LOG_INFO;
static const char *const level_names[] = {"unset", "debug", "info", "warn", "error"};

void log_init(const char *program, enum log_level level)
{
    program_name = program;
    lowest = level;
}

static void write_line(enum log_level level, const char *event, const char *message, const char *detail,
                       const char *status)
{
    struct buffer line;
    struct json_writer writer;

    buffer_init(&line, LINE_BYTES_MAX * 8);
    json_writer_init(&writer, &line);
    json_object_begin(&writer);
    json_member_time(&writer, "time", clock_now_us());
    json_member_string(&writer, "level", level_names[level]);
    json_member_string(&writer, "program", program_name);
    json_member_int64(&writer, "pid", getpid());
    json_member_string(&writer, "event", event);
    if (status != NULL)
        json_member_string(&writer, "status", status);
    json_member_string(&writer, "message", message);
    if (detail != NULL && detail[0] != '\0')
        json_member_string(&writer, "detail", detail);
    json_object_end(&writer);
    buffer_append_byte(&line, '\n');
    if (!line.has_failed && write(STDERR_FILENO, line.data, line.size_bytes) < 0)
        (void)0; /* there is no other place to report it */
    buffer_free(&line);
}

/* The stream buffers by line; a longer text comes in pieces. */
static ssize_t log_printed(void *cookie, const char *data, size_t size_bytes)
{
    struct text rest = {data, size_bytes}, line;

    (void)cookie;
    while (text_split(&rest, '\n', &line)) {
        char message[LINE_BYTES_MAX];

        if (line.size == 0)
            continue;
        snprintf(message, sizeof message, "%.*s", (int)line.size, line.data);
        write_line(LOG_WARN, "printed", message, NULL, NULL);
    }
    return (ssize_t)size_bytes;
}

void log_take_stderr(void)
{
    FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = log_printed});

    if (stream == NULL)
        return;
    setvbuf(stream, NULL, _IOLBF, LINE_BYTES_MAX);
    stderr = stream; /* glibc's stderr is a variable, which libraries share */
}

void log_write(enum log_level level, const char *event, const char *format, ...)
{
    char message[LINE_BYTES_MAX];
    va_list arguments;

    if (level < lowest)
        return;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    write_line(level, event, message, NULL, NULL);
}

void log_error(const char *event, const char *context, const struct error *error)
{
    char message[LINE_BYTES_MAX];

    snprintf(message, sizeof message, "%s: %s", context, error->message);
    write_line(LOG_ERROR, event, message, error->detail, status_name(error->status));
}
