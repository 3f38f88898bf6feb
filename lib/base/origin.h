/* Web origins: who may call the API from pages of another address. Pure. */
#ifndef POTTO_BASE_ORIGIN_H
#define POTTO_BASE_ORIGIN_H

#include "base/text.h"

/* NULL, or what is wrong with a list of origins, separated by commas: the end of a sentence that begins with the name
 * of the setting. An origin is http:// or https://, a host, and a port unless it is the usual one, all as browsers
 * write it in the header Origin. A list that is * alone allows every origin. */
const char *origins_check(const char *list);

/* The entry of a sound list that allows `origin`; data NULL: none does. It points into the list. */
struct text origins_find(const char *list, struct text origin);

#endif
