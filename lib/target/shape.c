/* Holding answers to their shapes; see shape.h. */
#include "target/shape.h"

#include <assert.h>
#include <stdio.h>

#include "target/target_internal.h"

/* 0001-01-01 and 9999-12-31T23:59:59 */
#define TIME_US_MIN (INT64_C(-62135596800) * 1000000)
#define TIME_US_MAX (INT64_C(253402300799) * 1000000)

static const double amount_max = 1e15;

/* What the data of a cell points to that is neither NULL nor a text. */
static const char present[] = "";

static bool read_bool(struct text cell, bool *out_value)
{
    static const char *const words[] = {"f", "t", "false", "true", "0", "1", "off", "on", "no", "yes"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equal_nocase(cell, text_of(words[i]))) {
            *out_value = i % 2 == 1;
            return true;
        }
    return false;
}

static bool read_integer(struct text cell, int64_t least, int64_t most, int64_t *out_value)
{
    int64_t value;

    if (!text_to_int64(cell, &value) || value < least || value > most)
        return false;
    *out_value = value;
    return true;
}

static bool read_number(struct text cell, double least, double *out_value)
{
    double value;

    if (!text_to_double(cell, &value) || !(value >= least && value <= amount_max))
        return false;
    *out_value = value;
    return true;
}

static bool is_key(struct text cell)
{
    for (size_t i = 0; i < cell.size; i++) {
        char byte = cell.data[i];

        if (!((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
              byte == '/' || byte == '-'))
            return false;
    }
    return cell.size > 0;
}

/* Bytes that are no UTF-8 become three each, so the bound is of what they become. */
static bool keep_text(struct target_cells *cells, struct text sent, size_t max_bytes, struct target_cell *out_cell)
{
    struct text valid = text_to_utf8(sent, cells->arena);

    if (valid.size > max_bytes)
        return false;
    out_cell->data = arena_string(cells->arena, valid.data, valid.size);
    out_cell->size = valid.size;
    cells->cost += valid.size;
    return true;
}

/* `sent` is not NULL. */
static bool read_cell(struct target_cells *cells, const struct target_column *column, struct text sent,
                      struct target_cell *out_cell)
{
    out_cell->data = present;
    switch (column->kind) {
    case TARGET_TEXT:
    case TARGET_KEY:
        if (sent.size > column->max_bytes || (column->kind == TARGET_KEY && !is_key(sent)))
            return false;
        return keep_text(cells, sent, column->max_bytes, out_cell);
    case TARGET_COUNT:
        return read_integer(sent, 0, INT64_MAX, &out_cell->integer);
    case TARGET_INT64:
        return read_integer(sent, INT64_MIN, INT64_MAX, &out_cell->integer);
    case TARGET_TIME_US:
        return read_integer(sent, TIME_US_MIN, TIME_US_MAX, &out_cell->integer);
    case TARGET_AMOUNT:
        return read_number(sent, 0, &out_cell->number);
    case TARGET_DOUBLE:
        return read_number(sent, -amount_max, &out_cell->number);
    case TARGET_BOOL:
        return read_bool(sent, &out_cell->is_true);
    case TARGET_COLUMN_UNSET:
        break;
    }
    assert(!"a column without a kind");
    return false;
}

static enum target_fit misfit(struct target_cells *cells, const char *what, const char *name)
{
    snprintf(cells->misfit, sizeof cells->misfit, "%s%s%s", what, name[0] == '\0' ? "" : ": ", name);
    return TARGET_MISFIT;
}

enum target_fit target_cells_columns(struct target_cells *cells, uint64_t column_count)
{
    char number[24];

    if (column_count == (uint64_t)cells->statement->column_count)
        return TARGET_FITS;
    snprintf(number, sizeof number, "%llu", (unsigned long long)column_count);
    return misfit(cells, "another number of columns", number);
}

enum target_fit target_cells_add(struct target_cells *cells, const char *data, size_t size_bytes)
{
    const struct target_statement *statement = cells->statement;
    const struct target_column *column = &statement->columns[cells->cells.count % (size_t)statement->column_count];
    struct target_cell *cell;

    if (column == statement->columns &&
        cells->cells.count / (size_t)statement->column_count == (size_t)statement->rows_max)
        return misfit(cells, "too many rows", "");
    cells->cost += TARGET_CELL_BYTES;
    if (cells->cost > statement->cost_max || size_bytes > statement->cost_max - cells->cost) {
        misfit(cells, "a result that is too large", "");
        return TARGET_FULL;
    }
    cell = vector_push(&cells->cells, cells->arena);
    *cell = (struct target_cell){.data = NULL};
    if (data == NULL)
        return column->may_be_null ? TARGET_FITS : misfit(cells, "a NULL", column->name);
    return read_cell(cells, column, (struct text){data, size_bytes}, cell)
               ? TARGET_FITS
               : misfit(cells, "a value of another kind", column->name);
}

enum target_fit target_cells_finish(struct target_cells *cells, bool is_cut, struct target_rows *out_rows)
{
    const struct target_statement *statement = cells->statement;
    size_t width = (size_t)statement->column_count, rows = width == 0 ? 0 : cells->cells.count / width;

    if (rows < (size_t)statement->rows_min)
        return misfit(cells, "too few rows", "");
    *out_rows = (struct target_rows){.cells = cells->cells.items,
                                     .columns = statement->columns,
                                     .row_count = (int)rows,
                                     .column_count = statement->column_count,
                                     .is_cut = is_cut};
    return TARGET_FITS;
}

/* ---- reading ---- */

static const struct target_cell *cell_at(const struct target_rows *rows, int row, int column)
{
    assert(row >= 0 && row < rows->row_count && column >= 0 && column < rows->column_count);
    return &rows->cells[(size_t)row * (size_t)rows->column_count + (size_t)column];
}

bool target_is_null(const struct target_rows *rows, int row, int column)
{
    return cell_at(rows, row, column)->data == NULL;
}

struct text target_text(const struct target_rows *rows, int row, int column)
{
    const struct target_cell *cell = cell_at(rows, row, column);

    assert(rows->columns[column].kind == TARGET_TEXT || rows->columns[column].kind == TARGET_KEY);
    return cell->data == NULL ? (struct text){NULL, 0} : (struct text){cell->data, cell->size};
}

const char *target_string(const struct target_rows *rows, int row, int column)
{
    struct text text = target_text(rows, row, column);

    return text.data == NULL ? "" : text.data;
}

int64_t target_int64(const struct target_rows *rows, int row, int column)
{
    const struct target_cell *cell = cell_at(rows, row, column);

    assert(rows->columns[column].kind == TARGET_COUNT || rows->columns[column].kind == TARGET_INT64);
    return cell->data == NULL ? 0 : cell->integer;
}

int64_t target_time_us(const struct target_rows *rows, int row, int column)
{
    const struct target_cell *cell = cell_at(rows, row, column);

    assert(rows->columns[column].kind == TARGET_TIME_US);
    return cell->data == NULL ? INT64_MIN : cell->integer;
}

double target_double(const struct target_rows *rows, int row, int column)
{
    const struct target_cell *cell = cell_at(rows, row, column);

    assert(rows->columns[column].kind == TARGET_AMOUNT || rows->columns[column].kind == TARGET_DOUBLE);
    return cell->data == NULL ? 0 : cell->number;
}

bool target_is_true(const struct target_rows *rows, int row, int column)
{
    const struct target_cell *cell = cell_at(rows, row, column);

    assert(rows->columns[column].kind == TARGET_BOOL);
    return cell->data != NULL && cell->is_true;
}
