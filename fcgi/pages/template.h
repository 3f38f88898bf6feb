/* ctemplate for C: a dictionary of values, and a file that shows them. Every template starts with the AUTOESCAPE
 * pragma, so a value is escaped for its context. `:none` is only for our own JSON (base/json_write.h). */
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

/* Values for one template, and the dictionaries of its sections: one for each time that a section is shown. */
struct page_data;

/* The result and everything below it are destroyed with `arena`. */
struct page_data *page_data_new(struct arena *arena);

/* Set `name` (upper case, as in the template) to a copy of `value`. A variable that is not set shows nothing. */
void page_set(struct page_data *data, const char *name, struct text value);
void page_set_string(struct page_data *data, const char *name, const char *value); /* NULL: nothing */
void page_set_int64(struct page_data *data, const char *name, int64_t value);
/* Set a variable for every dictionary of this tree, also in included templates and sections. */
void page_set_everywhere(struct page_data *data, const char *name, struct text value);

/* Show section `name` once more and return its dictionary. Variables that are not set there are looked up in `data`. */
struct page_data *page_section(struct page_data *data, const char *name);
/* Show section `name` once, without values of its own, if `is_shown`. */
void page_show(struct page_data *data, const char *name, bool is_shown);
/* Show a section that holds one value, unless the value is empty. */
void page_show_text(struct page_data *data, const char *section, const char *name, struct text value);

/* Include `file` at {{>name}}; the file sees only its own values. */
struct page_data *page_include(struct page_data *data, const char *name, const char *file);

/* Append the template `directory`/`file`, filled with its values, to `out`. A process reads each file once.
 * Errors: STATUS_INTERNAL (no such template, broken syntax, out too large). */
enum status page_expand(const char *directory, const char *file, struct page_data *data, struct buffer *out,
                        struct error *error);

#ifdef __cplusplus
}
#endif

#endif
