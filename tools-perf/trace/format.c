/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/format.h"

enum {
	RECORD_MOST	= 1 << 16,	/* perf's records have 16 bits for their size */
	FORMAT_MOST	= 1 << 16,	/* the kernel's longest have 20 KiB */
	LINE_MOST	= 1024,		/* of a field */
	NESTED_MOST	= 32,
	CHAINED_MOST	= 256,		/* operators between two commas */
	WIDTH_MOST	= 3,		/* digits */
};

static const char no_print[] = "print fmt: \"" FORMAT_NO_PRINT "\"\n";
static const char word_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/* "name: N", "ID: N" and "format:"; NULL, or what follows. */
static const char *format__head(struct format *f, const char *s)
{
	char id[6];
	int n = 0;

	if (sscanf(s, "name: %*127[a-zA-Z0-9_]\nID: %5[0-9]\nformat:%n", id, &n) != 1 || !n || s[n] != '\n')
		return NULL;
	f->id = atoi(id);
	return s + n + 1;
}

/* Words of a type and a name, with blanks and stars between; how many. */
static unsigned int words(const char **s)
{
	unsigned int n = 0;
	size_t len;

	for (; *(*s += strspn(*s, " *")); *s += len, n++) {
		len = isdigit((unsigned char)**s) ? 0 : strspn(*s, word_letters);
		if (!len)
			break;
	}
	return n;
}

static bool array(const char **s)
{
	if (**s != '[')
		return false;
	*s += 1 + strspn(*s + 1, word_letters);
	return *(*s)++ == ']';
}

/* "unsigned long addr", "char comm[16]", "__data_loc char[] text". */
static bool declaration__fits(const char *s)
{
	unsigned int n = isalpha((unsigned char)*s) || *s == '_' ? words(&s) : 0;

	if (n && *s && !array(&s))
		return false;
	n += *s ? words(&s) : 0;
	return n > 1 && !*s;
}

/* "\tfield:TYPE NAME;\toffset:N;\tsize:N;" with more of the kind behind. */
static bool field__fits(const char *line, size_t len)
{
	char copy[LINE_MOST], name[LINE_MOST], offset[7], size[7];	/* digits alone: %u takes a sign */
	int n = 0;

	if (!len)
		return true;
	if (len >= sizeof(copy))
		return false;
	memcpy(copy, line, len);
	copy[len] = '\0';
	return sscanf(copy, "\tfield:%[^;\"];\toffset:%6[0-9];\tsize:%6[0-9];%n", name, offset, size, &n) == 3 && n &&
	       declaration__fits(name) && atoi(offset) + atoi(size) <= RECORD_MOST;
}

/* The lines of fields; NULL, or the print format behind them. */
static const char *format__fields(const char *s)
{
	size_t len;

	while (*s && strncmp(s, "print fmt:", 10)) {
		len = strcspn(s, "\n");
		if (!field__fits(s, len))
			return NULL;
		s += len + (s[len] == '\n');
	}
	return *s ? s : NULL;
}

/* ---- print formats --------------------------------------------------------------------- */

/*
 * What the macros of the kernel make of TP_printk() and what the library can
 * evaluate without following numbers of the record: a string, then expressions of
 * C over REC->FIELD, with __get_str() and the two calls that name numbers.
 */
struct print {
	const char *s, *fields;		/* declared in front of it */
	unsigned int nested;
	unsigned int links;		/* since the last comma: each is a call deeper in the library */
};

static bool print__expr(struct print *p);

static void print__blanks(struct print *p)
{
	p->s += strspn(p->s, " \n");
}

static bool print__sign(struct print *p, const char *sign)
{
	size_t len = strlen(sign);

	print__blanks(p);
	if (strncmp(p->s, sign, len))
		return false;
	p->s += len;
	return true;
}

static size_t print__word(struct print *p)
{
	print__blanks(p);
	return isdigit((unsigned char)*p->s) ? 0 : strspn(p->s, word_letters);
}

/* A field's name, which is declared: the library takes that for granted in places. */
static bool print__field(struct print *p)
{
	size_t len = print__word(p);
	const char *name = p->s, *s;

	p->s += len;
	for (s = p->fields; len && (s = memmem(s, name - s, name, len)); s += len)
		if (strchr(" *", s[-1]) && strchr(";[", s[len]))
			return true;
	return false;
}

/* "%-08lx", never "%*d" nor "%99999d". */
static bool conversion__fits(const char *s)
{
	size_t digits;

	s += strspn(s, "-+ #0.");
	digits = strspn(s, "0123456789.");
	return digits <= WIDTH_MOST && s[digits] != '*';
}

/* In quotes, the first of which is taken already. */
static bool print__string(struct print *p)
{
	const char *s = p->s;

	for (; *s && *s != '"'; s++) {
		if (*s == '\\' && s[1])
			s++;
		else if (*s == '%' && !conversion__fits(s + 1))
			return false;
	}
	p->s = s + 1;
	return *s;
}

/* { NUMBER, "NAME" }, ... and the closing parenthesis. */
static bool print__names(struct print *p)
{
	while (print__sign(p, ",")) {
		p->links = 0;
		if (!print__sign(p, "{") || !print__expr(p) || !print__sign(p, ",") || !print__sign(p, "\"") ||
		    !print__string(p) || !print__sign(p, "}"))
			return false;
	}
	return print__sign(p, ")");
}

static bool print__call(struct print *p)
{
	if (print__sign(p, "__get_str(") || print__sign(p, "__get_rel_str("))
		return print__field(p) && print__sign(p, ")");
	if (print__sign(p, "__print_symbolic("))
		return print__expr(p) && print__names(p);
	return print__sign(p, "__print_flags(") && print__expr(p) && print__sign(p, ",") && print__sign(p, "\"") &&
	       print__string(p) && print__names(p);
}

/* "(unsigned long long)" or "(void *)"; else @p stays. */
static bool print__cast(struct print *p)
{
	static const char *const types[] = { "void", "char", "short", "int", "long", "unsigned", "signed", "const",
					     "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "size_t", "gfp_t", "uint" };
	struct print at = *p;
	size_t i, len, words = 0;

	for (at.s += at.s[0] == '('; (len = print__word(&at)); at.s += len, words++) {
		for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
			if (strlen(types[i]) == len && !memcmp(types[i], at.s, len))
				break;
		if (i == sizeof(types) / sizeof(types[0]))
			return false;
	}
	print__sign(&at, "*");
	if (!words || !print__sign(&at, ")"))
		return false;
	p->s = at.s;
	return true;
}

static bool print__number(struct print *p)
{
	size_t len;

	print__blanks(p);
	len = isdigit((unsigned char)*p->s) ? strspn(p->s, word_letters) : 0;
	p->s += len;
	return len && len < 24;
}

static bool print__primary(struct print *p)
{
	if (print__sign(p, "\""))
		return print__string(p);
	if (print__sign(p, "REC->"))
		return print__field(p);
	if (*p->s == '(' && print__cast(p))
		return ++p->links <= CHAINED_MOST && print__primary(p);
	if (print__sign(p, "("))
		return print__expr(p) && print__sign(p, ")");
	return *p->s == '_' ? print__call(p) : print__number(p);
}

static bool print__unary(struct print *p)
{
	while (print__sign(p, "!") || print__sign(p, "~") || print__sign(p, "-"))
		if (++p->links > CHAINED_MOST)
			return false;
	return print__primary(p);
}

static bool print__operator(struct print *p)
{
	static const char *const signs[] = { "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+", "-", "*", "/", "%", "&", "|", "^", "<", ">" };
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (print__sign(p, signs[i]))
			return ++p->links <= CHAINED_MOST;
	return false;
}

static bool print__expr(struct print *p)
{
	bool fits = ++p->nested <= NESTED_MOST && print__unary(p);

	while (fits && print__operator(p))
		fits = print__unary(p);
	if (fits && print__sign(p, "?"))
		fits = print__expr(p) && print__sign(p, ":") && print__expr(p);
	p->nested--;
	return fits;
}

static bool print__fits(const char *s, const char *fields)
{
	struct print p = { .s = s, .fields = fields };

	if (!print__sign(&p, "print fmt:") || !print__sign(&p, "\"") || !print__string(&p))
		return false;
	while (print__sign(&p, ",")) {
		p.links = 0;
		if (!print__expr(&p))
			return false;
	}
	print__blanks(&p);
	return !*p.s;
}

int format__make(struct format *f, const char *data, size_t size)
{
	const char *fields, *print;

	*f = (struct format){ .size = size };
	if (!size || size > FORMAT_MOST || memchr(data, 0, size))
		return -1;
	f->text = malloc(size + sizeof(no_print));
	if (!f->text)
		return -1;
	memcpy(f->text, data, size);
	f->text[size] = '\0';
	fields = format__head(f, f->text);
	print = fields ? format__fields(fields) : NULL;
	if (!print) {
		free(f->text);
		f->text = NULL;
		return -1;
	}
	if (!print__fits(print, fields)) {
		strcpy(f->text + (print - f->text), no_print);
		f->size = strlen(f->text);
	}
	return 0;
}
