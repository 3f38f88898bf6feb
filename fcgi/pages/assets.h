/* Addresses of the bundled scripts and styles. Their names hold a hash of their content. */
#ifndef POTTO_FCGI_PAGES_ASSETS_H
#define POTTO_FCGI_PAGES_ASSETS_H

#include "fcgi/pages/template.h"

/* Set CSS_URL, THEME_URL and SCRIPT_URL for the whole page from `static_path`/app/manifest.json. The file is read again
 * when it changes. Without it the page has no style, but still works. */
void assets_set(struct page_data *frame, const char *static_path);

#endif
