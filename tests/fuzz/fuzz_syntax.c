/* Any bytes as a statement of either dialect: read, written, and read again as the same tree. The first byte chooses
 * the dialect. */
#include "syntax/syntax.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text input = {(const char *)data, size};
    enum sql_dialect dialect = fuzz_take_byte(&input) & 1 ? SQL_DIALECT_MYSQL : SQL_DIALECT_POSTGRESQL;
    struct arena *arena = arena_new(0);
    struct syntax_tree tree, again;
    struct syntax_problem problem = {NULL, 0};
    struct buffer written;

    if (syntax_parse(dialect, input, arena, &tree, &problem) != STATUS_OK) {
        fuzz_check(problem.message != NULL && problem.at <= input.size, "a refusal has its reason and its place");
    } else {
        fuzz_check(tree.root->depth <= SYNTAX_DEPTH_MAX && tree.root->to <= input.size, "a tree is within its bounds");
        buffer_init(&written, 4 * SYNTAX_BYTES_MAX);
        syntax_write(dialect, tree.root, &written);
        fuzz_check(!written.has_failed, "a tree is not written much longer than its statement");
        fuzz_check(syntax_parse(dialect, buffer_text(&written), arena, &again, &problem) == STATUS_OK,
                   "what was written is read");
        fuzz_check(syntax_equal(tree.root, again.root), "what was written is the same tree");
        buffer_free(&written);
    }
    arena_destroy(arena);
    return 0;
}
