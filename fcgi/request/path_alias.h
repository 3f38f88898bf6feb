/* Addresses of older clients: /api/connections… and others stand for their counterparts under /api/v1. */
#ifndef POTTO_FCGI_REQUEST_PATH_ALIAS_H
#define POTTO_FCGI_REQUEST_PATH_ALIAS_H

#include "base/arena.h"
#include "base/text.h"

/* The path that `raw_path` (not decoded) stands for, or `raw_path` itself if it is not an alias. */
struct text path_unalias(struct text raw_path, struct arena *arena);

#endif
