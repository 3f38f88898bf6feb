/* Finding words; see words.h. */
#include "syntax/words.h"

#include <stdlib.h>
#include <strings.h>

static const struct row {
    const char *spelling;
    unsigned flags;
} rows[] = {
#define X(name, spelling, flags) {spelling, flags},
    WORDS(X)
#undef X
};

enum { ROWS_COUNT = sizeof rows / sizeof rows[0], WORD_BYTES_MAX = 32 };

static int compare(const void *key, const void *row)
{
    const struct text *word = key;
    const char *other = ((const struct row *)row)->spelling;
    int order = strncasecmp(word->data, other, word->size);

    return order != 0 ? order : -(other[word->size] != '\0');
}

enum word word_find(struct text spelling)
{
    const struct row *found = spelling.size == 0 || spelling.size > WORD_BYTES_MAX
                                  ? NULL
                                  : bsearch(&spelling, rows, ROWS_COUNT, sizeof rows[0], compare);

    return found == NULL ? W_NONE : (enum word)(found - rows + 1);
}

unsigned word_flags_of(enum word word)
{
    return word == W_NONE ? 0 : rows[word - 1].flags;
}
