/* Texts with the values of statements: SQL as it was sent, and plans. Outside the store such a text is a pointer to an
 * opaque type. Only store_literals_open (store/admin/literal_audit.h) returns the text, and it writes the audit log
 * first. */
#ifndef POTTO_STORE_SCOPE_LITERAL_H
#define POTTO_STORE_SCOPE_LITERAL_H

struct literal_text;

#endif
