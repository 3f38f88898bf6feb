/* ctemplate for C: a dictionary of values, and a file that shows them. Every template starts with the
 * AUTOESCAPE pragma, so values are escaped for the place where they stand; `:none` is for our own JSON
 * (base/json_write.h) alone. */
#ifndef POTTO_FCGI_PAGES_TEMPLATE_H
#define POTTO_FCGI_PAGES_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Values for one template, with sections below it: one section dictionary for each time it is shown. */
struct page_data;

/* Destroyed with `arena`, and everything below it too. */
struct page_data *page_data_new(struct arena *arena);

/* Values are copied. `name` as in the template, upper case. An unset value shows as nothing. */
void page_set(struct page_data *data, const char *name, struct text value);
void page_set_string(struct page_data *data, const char *name, const char *value); /* NULL: nothing */
void page_set_int64(struct page_data *data, const char *name, int64_t value);
/* Seen by included templates and sections too, under every dictionary of this tree. */
void page_set_everywhere(struct page_data *data, const char *name, struct text value);

/* Show section `name` once more; returns its dictionary, whose unset values are looked up in `data`. */
struct page_data *page_section(struct page_data *data, const char *name);
/* Show it once, without values of its own, if `is_shown`. */
void page_show(struct page_data *data, const char *name, bool is_shown);
/* Show a section with one value in it, unless the value is empty. */
void page_show_text(struct page_data *data, const char *section, const char *name, struct text value);

/* Include `file` at {{>name}}; it sees only its own values. */
struct page_data *page_include(struct page_data *data, const char *name, const char *file);

/* Append `directory`/`file` with its values to `out`. Files are read once in each process.
 * Errors: STATUS_INTERNAL (no such template, broken syntax, out too large). */
enum status page_expand(const char *directory, const char *file, struct page_data *data, struct buffer *out,
                        struct error *error);

#ifdef __cplusplus
}
#endif

#endif
