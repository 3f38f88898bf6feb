/* Names that a program makes up for each session: of savepoints, prepared statements, cursors and channels, and the
 * bare words that SET takes as values. They become `?`, like constants. The shape of a statement is read and changed in
 * place. Private to lib/sql. */
#ifndef POTTO_SQL_NAMES_H
#define POTTO_SQL_NAMES_H

#include <stdint.h>
#include <string.h>

#include "sql/statement.h"

/* May the one statement in these canonical bytes have such a name? A first look, by three letters, for speed; two bytes
 * past the end are read. */
static inline bool names_may_be_values(const char *canonical)
{
    static const char begins[][4] = {"sav", "set", "rel", "rol", "dea", "dec", "dro", "exe",
                                     "pre", "lis", "unl", "not", "fet", "mov", "clo"};
    uint32_t found = 0, letters = 0, wanted;

    memcpy(&letters, canonical, 3);
    if (canonical[0] == 's' && canonical[2] == 'l')
        return false; /* SELECT, mostly */
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        memcpy(&wanted, begins[i], 4);
        found |= letters == wanted;
    }
    return found;
}

/* Returns the new size of both, which must have room for 64 bytes more. `has_semicolon`: there may be several
 * statements. */
size_t names_fold(enum sql_dialect dialect, bool has_semicolon, char *text, char *canonical, size_t size);

#endif
