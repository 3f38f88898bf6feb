/* A tree as SQL: SYNTAX_KINDS has how each kind is written. */
#include "syntax/syntax.h"

static const char *const shapes[SYNTAX_KIND_COUNT] = {
#define X(name, how) [SYNTAX_##name] = how,
    SYNTAX_KINDS(X)
#undef X
};

struct writer {
    bool is_mysql;
    bool wants_blank; /* before the next byte, unless that closes something */
    struct buffer *out;
};

static void put(struct writer *writer, struct text text)
{
    struct buffer *out = writer->out;

    if (text.size == 0)
        return;
    if (writer->wants_blank && out->size_bytes > 0 && strchr(",)", text.data[0]) == NULL &&
        strchr("( ", out->data[out->size_bytes - 1]) == NULL)
        buffer_append_byte(out, ' ');
    writer->wants_blank = false;
    buffer_append_text(out, text);
}

static void write_node(struct writer *writer, const struct syntax_node *node);

/* ---- parentheses that a changed tree needs ---- */

/* The levels of parse_expression.c, as far as nodes have one; 100: an operand. */
static int level_of(const struct syntax_node *node, bool is_mysql)
{
    switch (node->kind) {
    case SYNTAX_ASSIGN:
        return 0;
    case SYNTAX_CHAIN:
        return node->form == FORM_OR ? 1 : 3;
    case SYNTAX_IS:
        return 5;
    case SYNTAX_IN:
    case SYNTAX_BETWEEN:
    case SYNTAX_LIKE:
        return 7;
    case SYNTAX_AT_ZONE:
        return 14;
    case SYNTAX_COLLATE:
        return 15;
    case SYNTAX_UNARY:
        return node->form == FORM_NOT && !text_equal(node->text, TEXT("!"))      ? 4
               : is_mysql || node->form == FORM_MINUS || node->form == FORM_PLUS ? 16
                                                                                 : 8;
    default:
        break;
    }
    if (node->kind != SYNTAX_BINARY)
        return 100;
    switch (node->form) {
    case FORM_XOR:
        return 2;
    case FORM_EQUAL:
    case FORM_NOT_EQUAL:
    case FORM_LESS:
    case FORM_LESS_EQUAL:
    case FORM_GREATER:
    case FORM_GREATER_EQUAL:
        return 6;
    case FORM_SAME:
    case FORM_NOT_SAME:
        return is_mysql ? 6 : 5;
    case FORM_ADD:
    case FORM_SUBTRACT:
        return 11;
    case FORM_MULTIPLY:
    case FORM_DIVIDE:
    case FORM_MODULO:
        return 12;
    default:
        return 8; /* nearly: a node that was read has its parentheses in the tree */
    }
}

/* Does the item need parentheses that are not in the tree? What was read never does. */
static bool needs_parens(const struct writer *writer, const struct syntax_node *node, size_t index)
{
    const struct syntax_node *item = node->items[index];
    int outer = level_of(node, writer->is_mysql), inner = level_of(item, writer->is_mysql);

    if (outer == 100 || inner == 100 || node->kind == SYNTAX_ASSIGN)
        return false;
    if (item->kind == SYNTAX_ASSIGN) /* it ends where its expression ends */
        return index == 0;
    if (item->kind == SYNTAX_IS && index == 0 && node->kind != SYNTAX_UNARY) /* nothing stands behind it to be read */
        return false;
    switch (node->kind) {
    case SYNTAX_CHAIN: /* one inside another of its kind is another spelling: AND, && */
        return inner < outer || (inner == outer && index > 0);
    case SYNTAX_BINARY:
        /* A sign in front may be the right side of anything. */
        if (index == 1 && item->kind == SYNTAX_UNARY)
            return false;
        if (outer == 8 || inner == 8)
            return inner < 8 && inner < outer;
        if (outer == 6 && inner == 6 && !writer->is_mysql) /* comparisons do not chain */
            return true;
        return index == 0 ? inner < outer : inner <= outer;
    default:
        return index == 0 && node->kind != SYNTAX_UNARY ? inner < outer : inner < outer && item->kind != SYNTAX_UNARY;
    }
}

static void write_item(struct writer *writer, const struct syntax_node *node, size_t index)
{
    bool has_parens = needs_parens(writer, node, index);

    if (has_parens)
        put(writer, TEXT("("));
    write_node(writer, node->items[index]);
    if (has_parens)
        put(writer, TEXT(")"));
}

/* ---- shapes ---- */

static void write_list(struct writer *writer, const struct syntax_node *node, const char *separator)
{
    for (uint32_t i = 0; i < node->count; i++) {
        if (i > 0 && separator[0] == '.')
            put(writer, TEXT("."));
        else if (i > 0 && separator[0] == ',')
            put(writer, TEXT(","));
        writer->wants_blank |= i > 0 && separator[0] != '.';
        write_node(writer, node->items[i]);
    }
}

static void write_tuple(struct writer *writer, const struct syntax_node *node)
{
    put(writer, TEXT("("));
    write_list(writer, node, ",");
    put(writer, TEXT(")"));
}

static void write_chain(struct writer *writer, const struct syntax_node *node)
{
    for (uint32_t i = 0; i < node->count; i++) {
        if (i > 0) {
            writer->wants_blank = true;
            put(writer, node->text);
            writer->wants_blank = true;
        }
        write_item(writer, node, i);
    }
}

/* A sign stands at its operand, unless that begins with an operator too: --1 is a comment. */
static void write_unary(struct writer *writer, const struct syntax_node *node)
{
    bool is_sign = node->text.size == 1 && strchr("-+~!", node->text.data[0]) != NULL;

    put(writer, node->text);
    writer->wants_blank = !is_sign || syntax_bare(node->items[0])->kind == SYNTAX_UNARY ||
                          node->items[0]->kind == SYNTAX_VARIABLE || node->items[0]->kind == SYNTAX_PARAMETER;
    write_item(writer, node, 0);
}

/* Is what the first % or $ of the group stands for missing? */
static bool is_left_out(const struct syntax_node *node, const char *how)
{
    size_t at = strcspn(how, "%$]");

    if (how[at] == '$')
        return node->text.size == 0;
    return how[at] == '%' && syntax_item(node, (size_t)(how[at + 1] - 'a')) == NULL;
}

/* The bracket that closes the one here. */
static const char *group_end(const char *how)
{
    int depth = 1;

    while (depth > 0) {
        how++;
        depth += (*how == '[') - (*how == ']');
    }
    return how;
}

static void write_shape(struct writer *writer, const struct syntax_node *node, const char *how)
{
    for (; *how != '\0'; how++) {
        switch (*how) {
        case '%':
            how++;
            if (syntax_item(node, (size_t)(*how - 'a')) != NULL)
                write_item(writer, node, (size_t)(*how - 'a'));
            break;
        case '$':
            put(writer, node->text);
            break;
        case '[':
            if (is_left_out(node, how + 1))
                how = group_end(how);
            break;
        case ']':
            break;
        case ' ':
            writer->wants_blank = true;
            break;
        case '{':
            put(writer, TEXT("["));
            break;
        case '}':
            put(writer, TEXT("]"));
            break;
        default:
            put(writer, (struct text){how, 1});
        }
    }
}

static void write_node(struct writer *writer, const struct syntax_node *node)
{
    if (node == NULL)
        return;
    switch (node->kind) {
    case SYNTAX_LIST:
    case SYNTAX_SEQUENCE:
    case SYNTAX_NAME:
        write_list(writer, node, shapes[node->kind]);
        break;
    case SYNTAX_CHAIN:
        write_chain(writer, node);
        break;
    case SYNTAX_TUPLE:
        write_tuple(writer, node);
        break;
    case SYNTAX_UNARY:
        write_unary(writer, node);
        break;
    default:
        write_shape(writer, node, shapes[node->kind]);
    }
}

/* for tests: they hold what rewrites will be written with */
void syntax_write(enum sql_dialect dialect, const struct syntax_node *node, struct buffer *out)
{
    struct writer writer = {.is_mysql = dialect == SQL_DIALECT_MYSQL, .out = out};

    write_node(&writer, node);
}
