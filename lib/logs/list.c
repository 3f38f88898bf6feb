/* The operator's list of log files; see list.h. */
#include "logs/list.h"

#include <string.h>

enum { UTC_OFFSET_S_MAX = 15 * 3600 };

/* Take a word off the beginning. Within quotes there may be blanks, and '' is a quote. False: there is none left, or a
 * quote is open, which *out_is_open tells. */
static bool take_word(struct text *rest, struct arena *arena, struct text *out_word, bool *out_is_open)
{
    char *word = arena_alloc(arena, rest->size + 1);
    size_t at = 0, size = 0;
    bool is_quoted = false;

    while (at < rest->size && (rest->data[at] == ' ' || rest->data[at] == '\t'))
        at++;
    if (at == rest->size)
        return false;
    for (; at < rest->size && (is_quoted || (rest->data[at] != ' ' && rest->data[at] != '\t')); at++) {
        bool is_doubled = rest->data[at] == '\'' && is_quoted && at + 1 < rest->size && rest->data[at + 1] == '\'';

        if (rest->data[at] != '\'' || is_doubled)
            word[size++] = rest->data[at];
        else
            is_quoted = !is_quoted;
        at += is_doubled;
    }
    *rest = (struct text){rest->data + at, rest->size - at};
    *out_word = (struct text){word, size};
    *out_is_open = is_quoted;
    return !is_quoted;
}

static bool is_path(struct text path)
{
    return path.size > 1 && path.size <= LOGS_LIST_PATH_BYTES_MAX && path.data[0] == '/' &&
           path.data[path.size - 1] != '/' && text_valid_utf8(path) == path.size;
}

/* "name=value". NULL: it was taken. */
static const char *take_option(struct text option, struct logs_list_line *line)
{
    if (text_take_off(&option, TEXT("format="))) {
        line->format = logs_format_of(option);
        return line->format == LOGS_FORMAT_UNSET ? "format is one of stderr, csvlog, jsonlog, slow, error" : NULL;
    }
    if (text_take_off(&option, TEXT("prefix="))) {
        line->prefix = option;
        return option.size > LOGS_PREFIX_BYTES_MAX ? "the prefix is too long" : NULL;
    }
    if (text_take_off(&option, TEXT("utc_offset="))) {
        line->has_utc_offset = true;
        return !text_to_int64(option, &line->utc_offset_s) || line->utc_offset_s < -UTC_OFFSET_S_MAX ||
                       line->utc_offset_s > UTC_OFFSET_S_MAX
                   ? "utc_offset is a number of seconds, at most 15 hours"
                   : NULL;
    }
    line->from_start = text_equal(option, TEXT("from=start"));
    return line->from_start ? NULL : "known are format=, prefix=, utc_offset= and from=start";
}

/* NULL: the line is fine. */
static const char *read_line(struct text text, struct arena *arena, struct logs_list_line *line)
{
    struct text word = {NULL, 0};
    const char *flaw = NULL;
    bool is_open = false;

    if (!take_word(&text, arena, &word, &is_open) || !text_to_int64(word, &line->connection_id) ||
        line->connection_id <= 0)
        return "it begins with the id of a connection (potto connection list)";
    if (!take_word(&text, arena, &word, &is_open) || !is_path(word))
        return "after the id comes the path of a file, from the root on";
    line->path = arena_string(arena, word.data, word.size);
    while (flaw == NULL && take_word(&text, arena, &word, &is_open))
        flaw = take_option(word, line);
    return is_open ? "a quote is not closed" : flaw;
}

static bool is_listed(const struct logs_list_line *lines, size_t count, const struct logs_list_line *line)
{
    for (size_t i = 0; i < count; i++)
        if (lines[i].connection_id == line->connection_id && strcmp(lines[i].path, line->path) == 0)
            return true;
    return false;
}

enum status logs_list_read(struct text list, struct arena *arena, struct logs_list_line **out_lines, size_t *out_count,
                           struct error *error)
{
    struct logs_list_line *lines = arena_alloc_array(arena, LOGS_LIST_LINES_MAX, sizeof *lines);
    struct text text;
    int number = 0;

    *out_lines = lines;
    *out_count = 0;
    while (text_split(&list, '\n', &text)) {
        struct logs_list_line line = {.number = ++number};
        const char *flaw;

        text = text_trim(text);
        if (text.size == 0 || text.data[0] == '#')
            continue;
        flaw = memchr(text.data, '\0', text.size) != NULL ? "it has a byte 0"
               : *out_count == LOGS_LIST_LINES_MAX        ? "these are too many files"
                                                          : read_line(text, arena, &line);
        if (flaw == NULL && is_listed(lines, *out_count, &line))
            flaw = "the connection has this file already";
        if (flaw != NULL)
            return error_set(error, STATUS_INVALID, "Line %d: %s.", number, flaw);
        lines[(*out_count)++] = line;
    }
    return STATUS_OK;
}
