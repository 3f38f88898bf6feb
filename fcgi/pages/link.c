/* Making links; see link.h. */
#include "fcgi/pages/link.h"

#include <assert.h>
#include <string.h>

#include "base/buffer.h"

enum { LINK_BYTES_MAX = 64 * 1024 };

void link_state_set(struct link_state *state, const char *name, struct text value)
{
    int i = 0;

    while (i < state->count && strcmp(state->params[i].name, name) != 0)
        i++;
    if (value.size == 0) {
        if (i < state->count) {
            memmove(&state->params[i], &state->params[i + 1], (size_t)(state->count - i - 1) * sizeof state->params[0]);
            state->count--;
        }
        return;
    }
    assert(i < LINK_PARAMS_MAX);
    state->params[i] = (struct link_param){name, value};
    if (i == state->count)
        state->count++;
}

static bool is_unreserved(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

static void append_encoded(struct buffer *out, struct text value)
{
    for (size_t i = 0; i < value.size; i++) {
        unsigned char byte = (unsigned char)value.data[i];

        if (is_unreserved(byte))
            buffer_append_byte(out, (char)byte);
        else
            buffer_printf(out, "%%%02X", byte);
    }
}

struct text link_make(struct arena *arena, const char *path, const struct link_state *state)
{
    struct buffer out;
    struct text link;

    buffer_init(&out, LINK_BYTES_MAX);
    buffer_append_string(&out, path);
    for (int i = 0; i < state->count; i++) {
        buffer_append_byte(&out, i == 0 ? '?' : '&');
        buffer_append_string(&out, state->params[i].name);
        buffer_append_byte(&out, '=');
        append_encoded(&out, state->params[i].value);
    }
    /* If the state is too long for an address, all of it is left out; no value is cut in the middle. */
    link = out.has_failed ? text_of(path) : buffer_text(&out);
    link = (struct text){arena_string(arena, link.data, link.size), link.size};
    buffer_free(&out);
    return link;
}

struct text link_change(struct arena *arena, const char *path, const struct link_state *state, const char *name,
                        struct text value)
{
    struct link_state changed = *state;

    link_state_set(&changed, name, value);
    return link_make(arena, path, &changed);
}

bool link_is_own_path(struct text path)
{
    if (path.size == 0 || path.data[0] != '/')
        return false;
    if (path.size > 1 && (path.data[1] == '/' || path.data[1] == '\\'))
        return false;
    for (size_t i = 0; i < path.size; i++) {
        unsigned char byte = (unsigned char)path.data[i];

        /* Browsers remove tabs and line ends, and turn backslashes into slashes. */
        if (byte <= ' ' || byte == '\\' || byte >= 0x7f)
            return false;
    }
    return true;
}
