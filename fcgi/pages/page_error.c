/* The page for a failed request; see error.h. */
#include "fcgi/handlers.h"

#include "fcgi/pages/page.h"

/* Advice on how to go on, by the kind of failure. */
static const char *advice_for(enum status status)
{
    switch (status) {
    case STATUS_THROTTLED: /* fcgi/request/dispatch.c lets the browser do it */
        return "A page loads itself again in a moment. A form was not taken: go back and send it once more.";
    case STATUS_UNAVAILABLE:
    case STATUS_TIMEOUT:
        return "Wait a few seconds and load the page again. Nothing that was collected is lost meanwhile.";
    case STATUS_ABSENT:
    case STATUS_METHOD:
        return "It may have been moved, or belong to a team that you are not in. Ask its owner, or go back to the "
               "overview.";
    case STATUS_FORBIDDEN:
        return "If the form was open for long, load it again and send it once more. Otherwise ask an admin for a role "
               "that may.";
    case STATUS_MALFORMED:
    case STATUS_INVALID:
    case STATUS_TOO_LARGE:
    case STATUS_MEDIA_TYPE:
        return "Correct the address or the form, or start again from the overview.";
    default:
        return "Tell whoever runs Potto, with the number below: it stands in the log beside the cause.";
    }
}

enum status page_error(const struct request *request, const struct scope *scope, const struct error *error,
                       struct response *response)
{
    struct page_data *body = page_data_new(request->arena);

    response->code = status_http_code(error->status);
    page_set_int64(body, "CODE", response->code);
    page_set_string(body, "NAME", status_title(error->status));
    page_set_string(body, "MESSAGE", error->message);
    page_set_string(body, "ADVICE", advice_for(error->status));
    page_set_string(body, "REQUEST_ID", request->id);
    page_show(body, "IS_SIGNED_IN", scope != NULL);
    page_show(body, "IS_SIGNED_OUT", scope == NULL);
    for (size_t i = 0; i < error->field_count && i < ERROR_FIELD_MAX; i++) {
        struct page_data *field = page_section(body, "FIELD");

        page_set_string(field, "NAME", error->fields[i].field);
        page_set_string(field, "MESSAGE", error->fields[i].message);
    }
    return page_bare(request, status_title(error->status), "error.tpl", body, response, NULL);
}
