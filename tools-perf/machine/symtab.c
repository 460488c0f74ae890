/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbols of an ELF object, sorted by address. Where several names share an
 * address, the choice is perf's [tools/perf/util/symbol.c,
 * choose_best_symbol()], so that both tools show the same function.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libiberty/demangle.h>

#include "machine/internal.h"

/* What decides between names of one address, most significant first. */
struct candidate {
	struct symtab_entry entry;
	uint8_t bind;			/* STB_* */
	uint64_t limit;			/* end of the section */
};

static unsigned int leading_underscores(const char *s)
{
	return strspn(s, "_");
}

/* Positive when @a is the better name. */
static int candidate__compare_names(const struct candidate *a, const struct candidate *b)
{
	int d = (a->entry.end > a->entry.start) - (b->entry.end > b->entry.start);

	if (!d)
		d = (b->bind == STB_WEAK) - (a->bind == STB_WEAK);
	if (!d)
		d = (a->bind == STB_GLOBAL) - (b->bind == STB_GLOBAL);
	if (!d)
		d = (int)leading_underscores(b->entry.name) - (int)leading_underscores(a->entry.name);
	if (!d)
		d = (int)strlen(a->entry.name) - (int)strlen(b->entry.name);
	return d ? d : strcmp(b->entry.name, a->entry.name);
}

static int candidate__by_address(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;

	if (a->entry.start != b->entry.start)
		return a->entry.start < b->entry.start ? -1 : 1;
	return -candidate__compare_names(a, b);
}

/* Functions, and labels of assembly code in an executable section. */
static bool symbol__is_code(const GElf_Sym *sym, const char *name, const GElf_Shdr *sh)
{
	if (!name || !*name || !(sh->sh_flags & SHF_EXECINSTR))
		return false;
	switch (GELF_ST_TYPE(sym->st_info)) {
	case STT_FUNC:
	case STT_GNU_IFUNC:
		return true;
	case STT_NOTYPE:
		return GELF_ST_VISIBILITY(sym->st_other) == STV_DEFAULT;
	default:
		return false;
	}
}

static bool object__candidate(struct object *o, int i, struct candidate *c)
{
	GElf_Word shndx;
	GElf_Addr addr, bias;
	GElf_Shdr sh;
	GElf_Sym sym;
	Elf_Scn *scn;
	Elf *elf;
	const char *name = dwfl_module_getsym_info(o->module, i, &sym, &addr, &shndx, &elf, &bias);

	if (!name || !elf || shndx == SHN_UNDEF || shndx == SHN_ABS)
		return false;
	scn = elf_getscn(elf, shndx);
	if (!scn || !gelf_getshdr(scn, &sh) || !symbol__is_code(&sym, name, &sh))
		return false;
	c->entry = (struct symtab_entry){ .start = addr, .end = addr + sym.st_size, .name = name };
	c->bind = GELF_ST_BIND(sym.st_info);
	/* sh_addr is that of the file with the symbol; addr is the module's */
	c->limit = addr + (sh.sh_addr + sh.sh_size - sym.st_value);
	return true;
}

/* Keep the best name of each address; a name without size reaches to the next. */
static size_t candidates__settle(struct candidate *c, size_t n, struct symtab_entry *to)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		if (k && to[k - 1].start == c[i].entry.start)
			continue;
		if (k && to[k - 1].end == to[k - 1].start)
			to[k - 1].end = c[i].entry.start < c[i - 1].limit ? c[i].entry.start : c[i - 1].limit;
		to[k++] = c[i].entry;
	}
	if (k && to[k - 1].end == to[k - 1].start)
		to[k - 1].end = c[n - 1].limit;
	return k;
}

void object__load_symtab(struct machine *m, struct object *o)
{
	int i, n = dwfl_module_getsymtab(o->module);
	struct candidate *c;
	size_t nr = 0;

	(void)m;
	c = n > 0 ? calloc(n, sizeof(*c)) : NULL;
	for (i = 1; c && i < n; i++)
		nr += object__candidate(o, i, &c[nr]);
	if (nr) {
		qsort(c, nr, sizeof(*c), candidate__by_address);
		o->symtab = calloc(nr, sizeof(*o->symtab));
	}
	if (o->symtab)
		o->nr_symtab = candidates__settle(c, nr, o->symtab);
	free(c);
	nr = o->nr_symtab;
	object__add_unwind_ranges(o);
	if (!nr)
		object__fail(o, DSO_NO_SYMBOLS, "no symbol table; install debug symbols (-dbgsym package)");
}

static int entry__by_address(const void *x, const void *y)
{
	const struct symtab_entry *a = x, *b = y;

	return (a->start > b->start) - (a->start < b->start);
}

/* For symbols that came as text: in order, ends filled in from the next start. */
void object__sort_symtab(struct object *o)
{
	size_t i;

	qsort(o->symtab, o->nr_symtab, sizeof(*o->symtab), entry__by_address);
	for (i = 0; i < o->nr_symtab; i++)
		if (o->symtab[i].end == o->symtab[i].start)
			o->symtab[i].end = i + 1 < o->nr_symtab ? o->symtab[i + 1].start : UINT64_MAX;
}

/* How many of the first @nr entries start at or below @addr. */
static size_t object__entries_up_to(const struct object *o, size_t nr, uint64_t addr)
{
	size_t lo = 0, hi = nr, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (o->symtab[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct symtab_entry *object__entry(struct object *o, uint64_t addr)
{
	size_t i = object__entries_up_to(o, o->nr_symtab, addr);

	return i && addr < o->symtab[i - 1].end ? &o->symtab[i - 1] : NULL;
}

bool object__covered(const struct object *o, size_t nr, const struct symtab_entry *range)
{
	size_t i = object__entries_up_to(o, nr, range->end - 1);

	return i && o->symtab[i - 1].end > range->start;
}

/* Without the version that a symbol table appends: memcpy@@GLIBC_2.14 */
static const char *machine__display_name(struct machine *m, const char *raw)
{
	const char *at = strchr(raw, '@'), *name;
	char *demangled = NULL;
	size_t len = at && at > raw ? (size_t)(at - raw) : strlen(raw);

	if (!m->opt.no_demangle)
		demangled = cplus_demangle(raw, DMGL_NO_OPTS);
	if (demangled) {
		name = machine__intern(m, demangled);
		free(demangled);
		return name;
	}
	return arena__copy(&m->arena, raw, len);
}

static const struct symbol *machine__symbol(struct machine *m, const struct object *o,
					    const char *name, uint64_t start, uint64_t end)
{
	struct symbol *s = arena__alloc(&m->arena, sizeof(*s));

	if (!s || !name)
		return NULL;
	*s = (struct symbol){ .name = name, .dso = &o->dso, .start = start, .end = end, .id = m->nr_symbols++ };
	return s;
}

/* "[0x1a2b40]": a function that the unwind table knows and no symbol names. */
static const char *machine__entry_name(struct machine *m, struct object *o, const struct symtab_entry *e)
{
	char name[32];

	if (e->name)
		return machine__display_name(m, e->name);
	if (!o->why)
		o->why = "stripped, functions without a name go by their address; install debug symbols (-dbgsym package)";
	snprintf(name, sizeof(name), "[0x%llx]", (unsigned long long)e->start);
	return machine__intern(m, name);
}

const struct symbol *object__symbol(struct machine *m, struct object *o, uint64_t addr)
{
	struct symtab_entry *e;

	if (o->dso.state == DSO_UNTRIED)
		object__open(m, o);
	e = object__entry(o, addr);
	if (e && !e->sym)
		e->sym = machine__symbol(m, o, machine__entry_name(m, o, e), e->start, e->end);
	if (e && e->sym)
		return e->sym;
	if (!o->unknown)
		o->unknown = machine__symbol(m, o, "[unknown]", 0, 0);
	return o->unknown;
}
