/* Older clients' addresses: /api/connections… and the like answer as their twins under /api/v1. */
#ifndef POTTO_FCGI_REQUEST_PATH_ALIAS_H
#define POTTO_FCGI_REQUEST_PATH_ALIAS_H

#include "base/arena.h"
#include "base/text.h"

/* The path that `raw_path` (not decoded) stands for; itself if it is no alias. */
struct text path_unalias(struct text raw_path, struct arena *arena);

#endif
