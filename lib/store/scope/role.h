/* The names of roles in the store and the API. */
#ifndef POTTO_STORE_SCOPE_ROLE_H
#define POTTO_STORE_SCOPE_ROLE_H

#include "base/text.h"
#include "store/scope/scope.h"

const char *role_name(enum role role);  /* "viewer"; "" for ROLE_UNSET; static */
enum role role_parse(struct text name); /* ROLE_UNSET for anything else */

#endif
