/* log_line_prefix: read as parts, and matched with backtracking, because names may have any bytes; see prefix.h. */
#include "logs/prefix.h"

#include <string.h>

#include "logs/logs_time.h"

enum {
    STEPS_MAX = 400,      /* of matching one line */
    FREE_BYTES_MAX = 512, /* of a name */
};

static const struct {
    const char *name;
    enum logs_word word;
} words[] = {
    {"LOG", LOGS_WORD_LOG},         {"ERROR", LOGS_WORD_ERROR},
    {"DETAIL", LOGS_WORD_DETAIL},   {"STATEMENT", LOGS_WORD_STATEMENT},
    {"CONTEXT", LOGS_WORD_CONTEXT}, {"FATAL", LOGS_WORD_ERROR},
    {"PANIC", LOGS_WORD_ERROR},     {"WARNING", LOGS_WORD_OTHER},
    {"NOTICE", LOGS_WORD_OTHER},    {"INFO", LOGS_WORD_OTHER},
    {"HINT", LOGS_WORD_ASIDE},      {"QUERY", LOGS_WORD_ASIDE},
    {"LOCATION", LOGS_WORD_ASIDE},  {"BACKTRACE", LOGS_WORD_ASIDE},
    {"DEBUG", LOGS_WORD_OTHER},     {"DEBUG1", LOGS_WORD_OTHER},
    {"DEBUG2", LOGS_WORD_OTHER},    {"DEBUG3", LOGS_WORD_OTHER},
    {"DEBUG4", LOGS_WORD_OTHER},    {"DEBUG5", LOGS_WORD_OTHER},
};

enum logs_word logs_word_of(struct text word)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equal(word, text_of(words[i].name)))
            return words[i].word;
    return LOGS_WORD_UNSET;
}

/* "LOG:  " at the beginning of a text, as a word; *out_size has its length. LOGS_WORD_UNSET: none. */
static enum logs_word word_at(const char *at, const char *end, size_t *out_size)
{
    const char *colon = at;

    while (colon < end && colon - at < 9 && ((*colon >= 'A' && *colon <= 'Z') || (*colon >= '1' && *colon <= '5')))
        colon++;
    if (colon == at || end - colon < 3 || memcmp(colon, ":  ", 3) != 0)
        return LOGS_WORD_UNSET;
    *out_size = (size_t)(colon - at) + 3;
    return logs_word_of((struct text){at, (size_t)(colon - at)});
}

static struct prefix_part *add_part(struct prefix *prefix)
{
    return prefix->count == PREFIX_PARTS_MAX ? NULL : &prefix->parts[prefix->count++];
}

/* After a `%`: its padding and letter. */
static bool read_escape(struct text *setting, struct prefix *prefix)
{
    struct prefix_part *part;
    bool is_padded = false;
    char escape;

    while (setting->size > 0 && (setting->data[0] == '-' || (setting->data[0] >= '0' && setting->data[0] <= '9'))) {
        is_padded = true;
        setting->data++;
        setting->size--;
    }
    if (setting->size == 0)
        return true;
    escape = setting->data[0];
    setting->data++;
    setting->size--;
    if (escape == 'q') {
        prefix->session_from = prefix->session_from == SIZE_MAX ? prefix->count : prefix->session_from;
        return true;
    }
    if (strchr("abudrhptPmnicelsvxQ%", escape) == NULL || escape == '\0')
        return true; /* the server writes nothing for what it does not know */
    part = add_part(prefix);
    if (part == NULL)
        return false;
    *part = escape == '%' ? (struct prefix_part){.literal = TEXT("%")}
                          : (struct prefix_part){.escape = escape, .is_padded = is_padded};
    return true;
}

enum status prefix_read(struct text setting, struct prefix *out_prefix, struct error *error)
{
    bool fits = setting.size <= LOGS_PREFIX_BYTES_MAX;

    *out_prefix = (struct prefix){.session_from = SIZE_MAX};
    while (fits && setting.size > 0) {
        const char *percent = memchr(setting.data, '%', setting.size);
        size_t size = percent == NULL ? setting.size : (size_t)(percent - setting.data);
        struct prefix_part *part = size > 0 ? add_part(out_prefix) : NULL;

        fits = size == 0 || part != NULL;
        if (part != NULL)
            *part = (struct prefix_part){.literal = {setting.data, size}};
        setting.data += size;
        setting.size -= size;
        if (fits && percent != NULL) {
            setting.data++;
            setting.size--;
            fits = read_escape(&setting, out_prefix);
        }
    }
    if (!fits)
        return error_set(error, STATUS_INVALID, "The prefix has more than %d bytes or %d parts.", LOGS_PREFIX_BYTES_MAX,
                         PREFIX_PARTS_MAX);
    if (out_prefix->session_from > out_prefix->count)
        out_prefix->session_from = out_prefix->count;
    return STATUS_OK;
}

/* ---- matching ---- */

struct matching {
    const struct prefix_part *parts;
    size_t count;
    const char *end;
    struct logs_record *record;
    enum logs_word word;
    const char *message;
    int steps;
};

/* The bytes that a part of a known shape has: as many as are of `set`. */
static const char *span(const char *at, const char *end, const char *set)
{
    while (at < end && *at != '\0' && strchr(set, *at) != NULL)
        at++;
    return at;
}

static int64_t number_of(const char *at, const char *end)
{
    int64_t number = 0;

    return text_to_int64((struct text){at, (size_t)(end - at)}, &number) ? number : 0;
}

/* The process id in a session's id: "6b0aa555.16fe". */
static int64_t process_of_session(const char *at, const char *end)
{
    const char *dot = memchr(at, '.', (size_t)(end - at));
    int64_t process = 0;

    for (at = dot == NULL ? end : dot + 1; at < end && process < INT32_MAX; at++)
        process = process * 16 + text_hex_digit(*at);
    return process;
}

/* Where a part of a known shape ends; NULL: it is not there. */
static const char *match_shaped(struct matching *matching, char escape, const char *at)
{
    const char *end = matching->end, *after;
    struct logs_record *record = matching->record;

    switch (escape) {
    case 't':
    case 'm':
    case 's':
        after = at + logs_time_size(at, end);
        if (after > at && escape != 's')
            record->time_text = (struct text){at, (size_t)(after - at)};
        return after > at ? after : NULL;
    case 'n':
        after = span(at, end, "0123456789.");
        if (after - at < 13 || after - at > 15 || at[10] != '.')
            return NULL;
        record->time_us = number_of(at, at + 10) * INT64_C(1000000) + number_of(at + 11, after) * 1000;
        return after;
    case 'p':
        after = span(at, end, "0123456789");
        record->process = number_of(at, after);
        return after > at ? after : NULL;
    case 'c':
        after = span(at, end, "0123456789abcdef.");
        record->process = record->process != 0 ? record->process : process_of_session(at, after);
        return after > at ? after : NULL;
    case 'e':
        after = span(at, end, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        return after - at == 5 ? after : NULL;
    case 'v':
        return span(at, end, "0123456789/");
    default: /* l, x, P, Q */
        return span(at, end, "-0123456789");
    }
}

static void set_name(struct logs_record *record, char escape, struct text name, bool is_padded)
{
    struct text *const places[] = {&record->user, &record->database, &record->application, &record->host,
                                   &record->host};
    static const char escapes[] = "udahr";
    const char *found = strchr(escapes, escape);
    const char *port = escape == 'r' ? memchr(name.data, '(', name.size) : NULL;

    if (found == NULL)
        return; /* %b and %i */
    if (is_padded)
        name = text_trim(name);
    if (port != NULL)
        name.size = (size_t)(port - name.data);
    *places[found - escapes] = name.size == 0 || text_equal(name, TEXT("[unknown]")) ? (struct text){NULL, 0} : name;
}

static bool match_from(struct matching *matching, size_t part, const char *at);

/* A name of any bytes, which ends where the next part begins. */
static bool match_free(struct matching *matching, size_t index, const char *at)
{
    const struct prefix_part *part = &matching->parts[index];
    const struct prefix_part *next = index + 1 < matching->count ? part + 1 : NULL;
    const char *begin = at;

    for (; at <= matching->end && at - begin <= FREE_BYTES_MAX && matching->steps > 0; at++) {
        if (next != NULL && next->escape == 0) {
            at = memmem(at, (size_t)(matching->end - at), next->literal.data, next->literal.size);
            if (at == NULL)
                return false;
        }
        if (match_from(matching, index + 1, at)) {
            set_name(matching->record, part->escape, (struct text){begin, (size_t)(at - begin)}, part->is_padded);
            return true;
        }
    }
    return false;
}

/* Parts from `part` on, and the word behind them. */
static bool match_from(struct matching *matching, size_t part, const char *at)
{
    size_t word_bytes = 0;

    if (matching->steps-- <= 0)
        return false;
    for (; part < matching->count; part++) {
        const struct prefix_part *wanted = &matching->parts[part];

        if (wanted->escape == 0) {
            size_t size = wanted->literal.size;

            if ((size_t)(matching->end - at) < size || memcmp(at, wanted->literal.data, size) != 0)
                return false;
            at += size;
            continue;
        }
        if (strchr("abudrhi", wanted->escape) != NULL)
            return match_free(matching, part, at);
        at = wanted->is_padded ? span(at, matching->end, " ") : at;
        at = match_shaped(matching, wanted->escape, at);
        if (at == NULL)
            return false;
        /* The blank of a literal behind a padded number may be one of the padding's; the word's two blanks are not. */
        while (wanted->is_padded && matching->end - at > 1 && at[0] == ' ' && at[1] == ' ')
            at++;
    }
    matching->word = word_at(at, matching->end, &word_bytes);
    matching->message = at + word_bytes;
    return matching->word != LOGS_WORD_UNSET;
}

bool prefix_match(const struct prefix *prefix, struct text line, struct logs_record *out_record,
                  enum logs_word *out_word, size_t *out_message)
{
    /* First as a session's line; then as that of a process without one. */
    const size_t counts[] = {prefix->count, prefix->session_from};

    for (size_t i = 0; i < (prefix->session_from < prefix->count ? 2 : 1); i++) {
        struct matching matching = {.parts = prefix->parts,
                                    .count = counts[i],
                                    .end = line.data + line.size,
                                    .record = out_record,
                                    .steps = STEPS_MAX};

        *out_record = (struct logs_record){.time_us = LOGS_TIME_UNKNOWN};
        if (match_from(&matching, 0, line.data)) {
            *out_word = matching.word;
            *out_message = (size_t)(matching.message - line.data);
            return true;
        }
    }
    return false;
}
