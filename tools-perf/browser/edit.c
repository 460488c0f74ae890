/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "browser/edit.h"
#include "browser/label.h"
#include "output/escape.h"

void edit__set(struct edit *e, const char *text)
{
	e->len = strnlen(text, EDIT_MAX - 1);
	memcpy(e->text, text, e->len);
	e->text[e->len] = '\0';
	e->at = e->len;
}

bool edit__insert(struct edit *e, const char *c, size_t bytes)
{
	if (!bytes || (unsigned char)*c < ' ' || *c == 0x7f || e->len + bytes >= EDIT_MAX)
		return false;
	memmove(e->text + e->at + bytes, e->text + e->at, e->len - e->at + 1);
	memcpy(e->text + e->at, c, bytes);
	e->at += bytes;
	e->len += bytes;
	return true;
}

/* The start of the character before @at, of that behind it. */
static size_t edit__before(const struct edit *e, size_t at)
{
	while (at && (e->text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t edit__behind(const struct edit *e, size_t at)
{
	size_t bytes = at < e->len ? utf8__length(e->text + at) : 0;

	return at + (bytes ? bytes : at < e->len);
}

static void edit__cut(struct edit *e, size_t from, size_t to)
{
	memmove(e->text + from, e->text + to, e->len - to + 1);
	e->len -= to - from;
	e->at = from;
}

static size_t edit__word(const struct edit *e)
{
	size_t at = e->at;

	while (at && e->text[at - 1] == ' ')
		at--;
	while (at && e->text[at - 1] != ' ')
		at--;
	return at;
}

void edit__do(struct edit *e, enum edit_op op)
{
	switch (op) {
	case EDIT_LEFT:		e->at = edit__before(e, e->at);			return;
	case EDIT_RIGHT:	e->at = edit__behind(e, e->at);			return;
	case EDIT_HOME:		e->at = 0;					return;
	case EDIT_END:		e->at = e->len;					return;
	case EDIT_BACKSPACE:	edit__cut(e, edit__before(e, e->at), e->at);	return;
	case EDIT_DELETE:	edit__cut(e, e->at, edit__behind(e, e->at));	return;
	case EDIT_KILL:		edit__cut(e, e->at, e->len);			return;
	case EDIT_KILL_LINE:	edit__cut(e, 0, e->at);				return;
	case EDIT_KILL_WORD:	edit__cut(e, edit__word(e), e->at);		return;
	}
}

size_t edit__window(const struct edit *e, unsigned int columns, unsigned int *cursor)
{
	char before[EDIT_MAX];
	size_t first = 0;

	memcpy(before, e->text, e->at);
	before[e->at] = '\0';
	while (label__columns(before + first) >= columns)
		first = edit__behind(e, first);
	*cursor = label__columns(before + first);
	return first;
}
