/* Texts that hold the values which statements ran with: SQL as it was sent, and plans. Outside the store such a text is
 * a pointer to a type that nobody can look into. Only store_literals_open (store/admin/literal_audit.h) gives the text,
 * and it writes the audit log first. */
#ifndef POTTO_STORE_SCOPE_LITERAL_H
#define POTTO_STORE_SCOPE_LITERAL_H

struct literal_text;

#endif
