/* SPDX-License-Identifier: GPL-2.0-only */
/* Expression text to tokens, and errors that point at them. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "filter/internal.h"

/* How much of an expression is shown around an error, in bytes. */
enum { SHOW_BEFORE = 44, SHOW_AFTER = 44 };

/* Any byte of an UTF-8 sequence: it is no name that we know, but it is one word. */
static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || ((unsigned char)c & 0x80);
}

/*
 * "1e30", "0x1.8p-126", "12.5ms": a sign belongs to a number behind its e or
 * p, a point unless a name follows it, as in "ymm0-3.f64".
 */
static uint32_t number__length(const char *s)
{
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	uint32_t n = 0;

	for (;;) {
		if (is_word_char(s[n]) ||
		    (s[n] == '.' && (hex || !isalpha((unsigned char)s[n + 1])))) {
			n++;
			continue;
		}
		if (!n || (s[n] != '+' && s[n] != '-') ||
		    tolower((unsigned char)s[n - 1]) != (hex ? 'p' : 'e'))
			return n;
		n++;
	}
}

/* Longer spellings stand before their prefixes. */
static const struct {
	const char *text;
	enum token_kind kind;
} signs[] = {
	{ "==", TOK_EQ }, { "!=", TOK_NE }, { ">=", TOK_GE }, { "<=", TOK_LE },
	{ "||", TOK_OR }, { "&&", TOK_BAD }, { ">", TOK_GT }, { "<", TOK_LT },
	{ "&", TOK_AND }, { ",", TOK_COMMA }, { "!", TOK_NOT }, { "(", TOK_OPEN },
	{ ")", TOK_CLOSE }, { "[", TOK_LEFT }, { "]", TOK_RIGHT }, { ".", TOK_DOT },
	{ "-", TOK_MINUS }, { "+", TOK_PLUS },
};

static struct token sign__read(const char *s, uint32_t pos)
{
	size_t i, len;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		len = strlen(signs[i].text);
		if (!strncmp(s + pos, signs[i].text, len))
			return (struct token){ signs[i].kind, pos, len };
	}
	return (struct token){ TOK_BAD, pos, 1 };
}

static void lexer__skip_space(struct lexer *l)
{
	l->pos += strspn(l->text + l->pos, " \t\n");
}

static struct token lexer__read(struct lexer *l)
{
	const char *s = l->text;
	struct token t;
	uint32_t len = 0;

	lexer__skip_space(l);
	s += l->pos;
	if (!*s)
		return (struct token){ TOK_END, l->pos, 0 };
	if (isdigit((unsigned char)*s) || (*s == '.' && isdigit((unsigned char)s[1]))) {
		t = (struct token){ TOK_NUMBER, l->pos, number__length(s) };
	} else if (is_word_char(*s)) {
		while (is_word_char(s[len]))
			len++;
		t = (struct token){ TOK_WORD, l->pos, len };
	} else {
		t = sign__read(l->text, l->pos);
	}
	l->pos += t.len;
	return t;
}

struct token lexer__peek(struct lexer *l)
{
	if (!l->has_ahead)
		l->ahead = lexer__read(l);
	l->has_ahead = true;
	return l->ahead;
}

struct token lexer__take(struct lexer *l)
{
	l->last = lexer__peek(l);
	l->has_ahead = false;
	return l->last;
}

bool lexer__accept(struct lexer *l, enum token_kind kind)
{
	if (lexer__peek(l).kind != kind)
		return false;
	lexer__take(l);
	return true;
}

static struct token lexer__take_quoted(struct lexer *l)
{
	const char *s = l->text + l->pos;
	uint32_t len = 1;

	while (s[len] && s[len] != s[0])
		len += s[len] == '\\' && s[len + 1] ? 2 : 1;
	if (!s[len])
		return (struct token){ TOK_BAD, l->pos, 1 };
	return (struct token){ TOK_STRING, l->pos, len + 1 };
}

struct token lexer__take_string(struct lexer *l)
{
	struct token t;
	uint32_t len;

	lexer__skip_space(l);
	if (l->text[l->pos] == '"' || l->text[l->pos] == '\'') {
		t = lexer__take_quoted(l);
	} else {
		len = strcspn(l->text + l->pos, " \t\n,|()!\"'");
		t = (struct token){ len ? TOK_STRING : TOK_END, l->pos, len };
	}
	l->pos += t.len;
	l->last = t;
	return t;
}

bool token__is(const struct lexer *l, struct token t, const char *word)
{
	return t.kind == TOK_WORD && strlen(word) == t.len &&
	       !strncasecmp(l->text + t.start, word, t.len);
}

/* ---- the caret ---------------------------------------------------------------- */

static bool starts_char(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static unsigned int count_chars(const char *s, uint32_t from, uint32_t to)
{
	unsigned int n = 0;

	for (; from < to; from++)
		n += starts_char(s[from]);
	return n;
}

/* Both lines: a window of the expression, and what points into it. */
static void caret__format(const char *text, struct token at, char *buf, size_t size)
{
	uint32_t len = strlen(text), from = 0, to = len, i, n = 0, width;

	if (at.start > SHOW_BEFORE)
		from = at.start - SHOW_BEFORE;
	while (from && !starts_char(text[from]))
		from--;
	if (len - at.start > SHOW_AFTER)
		to = at.start + SHOW_AFTER;
	while (to < len && !starts_char(text[to]))
		to++;
	n = snprintf(buf, size, "  %s", from ? "..." : "");
	for (i = from; i < to && n + 1 < size; i++)
		buf[n++] = iscntrl((unsigned char)text[i]) ? ' ' : text[i];
	width = count_chars(text, at.start, at.start + at.len < to ? at.start + at.len : to);
	n += snprintf(buf + n, size - n, "%s\n%*s^", to < len ? "..." : "",
		      (int)(2 + (from ? 3 : 0) + count_chars(text, from, at.start)), "");
	for (i = 1; i < width && n + 1 < size; i++)
		buf[n++] = '~';
	buf[n] = '\0';
}

/* Quoted parts of an expression may hold anything; a terminal gets none of it. */
static void blank_controls(char *s)
{
	for (; *s; s++)
		if (iscntrl((unsigned char)*s))
			*s = ' ';
}

int lexer__fail(struct lexer *l, struct token t, const char *fmt, ...)
{
	char what[1024], show[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	blank_controls(what);
	caret__format(l->text, t, show, sizeof(show));
	return err__usage(l->err, "filter, column %u: %s\n%s",
			  count_chars(l->text, 0, t.start) + 1, what, show);
}
