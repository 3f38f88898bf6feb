/* The shim over ctemplate; see template.h. The only C++ of Potto. */
#include <ctemplate/template.h>
#include <ctemplate/template_dictionary.h>
#include <ctemplate/template_emitter.h>

#include <ext/stdio_sync_filebuf.h>
#include <iostream>
#include <string>

extern "C" {
#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
}
#include "fcgi/pages/template.h"

/* A page_data is a TemplateDictionary under another name. C code only sees pointers to it. */
static ctemplate::TemplateDictionary *dictionary_of(struct page_data *data)
{
    return reinterpret_cast<ctemplate::TemplateDictionary *>(data);
}

static struct page_data *data_of(ctemplate::TemplateDictionary *dictionary)
{
    return reinterpret_cast<struct page_data *>(dictionary);
}

static ctemplate::TemplateString string_of(struct text text)
{
    return ctemplate::TemplateString(text.data == nullptr ? "" : text.data, text.size);
}

static void destroy_dictionary(void *dictionary)
{
    delete static_cast<ctemplate::TemplateDictionary *>(dictionary);
}

struct page_data *page_data_new(struct arena *arena)
{
    auto *dictionary = new ctemplate::TemplateDictionary("page");

    arena_defer(arena, destroy_dictionary, dictionary);
    return data_of(dictionary);
}

void page_set(struct page_data *data, const char *name, struct text value)
{
    dictionary_of(data)->SetValue(name, string_of(value));
}

void page_set_string(struct page_data *data, const char *name, const char *value)
{
    page_set(data, name, text_of(value));
}

void page_set_int64(struct page_data *data, const char *name, int64_t value)
{
    page_set(data, name, text_of(std::to_string(value).c_str()));
}

void page_set_everywhere(struct page_data *data, const char *name, struct text value)
{
    dictionary_of(data)->SetTemplateGlobalValue(name, string_of(value));
}

struct page_data *page_section(struct page_data *data, const char *name)
{
    return data_of(dictionary_of(data)->AddSectionDictionary(name));
}

void page_show(struct page_data *data, const char *name, bool is_shown)
{
    if (is_shown)
        dictionary_of(data)->ShowSection(name);
}

void page_show_text(struct page_data *data, const char *section, const char *name, struct text value)
{
    if (value.size > 0)
        page_set(page_section(data, section), name, value);
}

struct page_data *page_include(struct page_data *data, const char *name, const char *file)
{
    ctemplate::TemplateDictionary *included = dictionary_of(data)->AddIncludeDictionary(name);

    included->SetFilename(file);
    return data_of(included);
}

/* Writes into the bounded buffer of the response. The buffer notes when it overflows. */
class BufferEmitter : public ctemplate::ExpandEmitter
{
  public:
    explicit BufferEmitter(struct buffer *out) : out_(out)
    {
    }
    void Emit(char c) override
    {
        buffer_append(out_, &c, 1);
    }
    void Emit(const std::string &s) override
    {
        buffer_append(out_, s.data(), s.size());
    }
    void Emit(const char *s) override
    {
        buffer_append(out_, s, strlen(s));
    }
    void Emit(const char *s, size_t size) override
    {
        buffer_append(out_, s, size);
    }

  private:
    struct buffer *out_;
};

/* ctemplate complains on std::cerr, which has kept the stderr from before the log took it (base/log.h). Never freed:
 * std::cerr is flushed at the very end. */
static void take_cerr()
{
    static auto *taken = new __gnu_cxx::stdio_sync_filebuf<char>(stderr);

    std::cerr.rdbuf(taken);
}

enum status page_expand(const char *directory, const char *file, struct page_data *data, struct buffer *out,
                        struct error *error)
{
    BufferEmitter emitter(out);

    /* Included files are looked up in the same directory. Setting the directory again keeps the cache. */
    if (ctemplate::Template::template_root_directory() != std::string(directory) + "/") {
        take_cerr();
        ctemplate::Template::SetTemplateRootDirectory(directory);
    }
    if (!ctemplate::ExpandTemplate(file, ctemplate::STRIP_BLANK_LINES, dictionary_of(data), &emitter)) {
        error_set(error, STATUS_INTERNAL, "The page could not be made.");
        return error_detail(error, "template %s/%s is missing or broken", directory, file);
    }
    if (out->has_failed) {
        error_set(error, STATUS_INTERNAL, "The page could not be made.");
        return error_detail(error, "template %s: over %zu bytes", file, out->max_bytes);
    }
    return STATUS_OK;
}
