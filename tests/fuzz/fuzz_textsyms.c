/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbols as text: the first byte says whether of the kernel or of a JIT
 * compiler. No line makes more than one; each has a name inside the text and
 * does not end before it starts; they are in order, and an address is never
 * given a symbol that does not hold it.
 */
#include "machine/internal.h"
#include "replay.h"

static size_t lines(const char *text)
{
	size_t n = 0;

	for (; *text; text = strchrnul(text, '\n'), text += *text == '\n')
		n++;
	return n;
}

static void check_entries(const struct object *o, const char *end)
{
	const struct symtab_entry *e;
	size_t i;

	for (i = 0; i < o->nr_symtab; i++) {
		e = &o->symtab[i];
		CHECK(e->name >= o->names && e->name < end && *e->name);
		CHECK(e->start <= e->end);
		CHECK(!i || o->symtab[i - 1].start <= e->start);
	}
}

static void check_lookup(struct machine *m, struct object *o, uint64_t addr)
{
	const struct symbol *sym = object__symbol(m, o, addr);

	CHECK(sym && *sym->name);
	CHECK(sym == o->unknown || (addr >= sym->start && addr < sym->end));
}

static void check_lookups(struct object *o)
{
	const struct perfdata_info info = { .meta = { NULL } };
	const struct machine_options opt = { .info = &info };
	struct machine *m;
	struct err e;
	size_t i;

	CHECK(!machine__new(&opt, &m, &e));
	o->dso.state = DSO_OK;
	for (i = 0; i < o->nr_symtab && i < 64; i++) {
		check_lookup(m, o, o->symtab[i].start);
		check_lookup(m, o, o->symtab[i].start - 1);
		check_lookup(m, o, o->symtab[i].end - 1);
		check_lookup(m, o, o->symtab[i].end);
	}
	machine__free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct object o = { .dso = { .state = DSO_NO_SYMBOLS } };
	size_t nr;
	char *text;

	if (!size)
		return 0;
	text = malloc(size);
	CHECK(text);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	nr = lines(text);
	CHECK((*data & 1 ? object__add_jit : object__add_kallsyms)(&o, text) == !!o.nr_symtab);
	CHECK(o.nr_symtab <= nr);
	check_entries(&o, text + size);
	check_lookups(&o);
	free(o.symtab);
	free(text);
	return 0;
}
