/* SPDX-License-Identifier: GPL-2.0-only */
/* Symbols by libdwfl, which also looks into separate debug files. */
#include <stdio.h>
#include <string.h>
#include <elfutils/libdwfl.h>

#include "events/internal.h"

struct elf_file {
	const char *path;
	Dwfl *dwfl;
	Dwfl_Module *module;
	Elf *elf;
	GElf_Addr bias;			/* libdwfl moves what is not at a fixed address */
};

static int elf_file__open(struct elf_file *f, const char *path, struct err *e)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
	};

	*f = (struct elf_file){ .path = path, .dwfl = dwfl_begin(&callbacks) };
	if (f->dwfl)
		f->module = dwfl_report_offline(f->dwfl, path, path, -1);
	if (f->module)
		f->elf = dwfl_module_getelf(f->module, &f->bias);
	if (f->elf)
		return 0;
	err__set(e, "cannot read '%s' as an ELF file: %s", path, dwfl_errmsg(-1));
	dwfl_end(f->dwfl);
	return -1;
}

static int elf_file__segment(const struct elf_file *f, struct elf_place *place, struct err *e)
{
	GElf_Ehdr eh;
	GElf_Phdr ph;
	size_t i, n;

	if (!gelf_getehdr(f->elf, &eh) || elf_getphdrnum(f->elf, &n))
		return err__set(e, "cannot read the headers of '%s': %s", f->path, elf_errmsg(-1));
	place->fixed = eh.e_type == ET_EXEC;
	for (i = 0; i < n; i++) {
		if (!gelf_getphdr(f->elf, i, &ph) || ph.p_type != PT_LOAD ||
		    place->address < ph.p_vaddr || place->address - ph.p_vaddr >= ph.p_memsz)
			continue;
		place->offset = place->address - ph.p_vaddr + ph.p_offset;
		return 0;
	}
	return err__usage(e, "cannot find address 0x%llx in '%s': no segment has it",
			  (unsigned long long)place->address, f->path);
}

/* "name" or "name@@VERSION" */
static bool symbol__is(const char *name, const char *wanted)
{
	size_t n = strlen(wanted);

	return !strncmp(name, wanted, n) && (!name[n] || name[n] == '@');
}

/* A global symbol wins over one of a single source file. */
static bool elf_file__symbol(const struct elf_file *f, const char *wanted, struct elf_place *place,
			     struct suggest *near)
{
	int i, n = dwfl_module_getsymtab(f->module);
	bool found = false;
	GElf_Sym sym;
	GElf_Addr addr;

	for (i = 1; i < n; i++) {
		const char *name = dwfl_module_getsym_info(f->module, i, &sym, &addr, NULL, NULL, NULL);

		if (!name || sym.st_shndx == SHN_UNDEF)
			continue;
		if (!symbol__is(name, wanted)) {
			suggest__add(near, name);
			continue;
		}
		if (found && GELF_ST_BIND(sym.st_info) == STB_LOCAL)
			continue;
		found = true;
		place->address = addr - f->bias;
		place->size = sym.st_size;
		place->type = GELF_ST_TYPE(sym.st_info);
		if (GELF_ST_BIND(sym.st_info) == STB_GLOBAL)
			break;
	}
	return found;
}

static int elf_file__find(const struct elf_file *f, const char *symbol, struct elf_place *place,
			  struct err *e)
{
	char text[SUGGEST_NAME_MAX + 32];
	struct suggest near;

	suggest__start(&near, symbol, strlen(symbol));
	if (!elf_file__symbol(f, symbol, place, &near))
		return err__usage(e, "cannot find symbol '%s' in '%s'%s%s", symbol, f->path,
				  suggest__text(&near, text, sizeof(text)),
				  dwfl_module_getsymtab(f->module) > 1 ? "" : ": it is stripped; an address, as in 0x1139, needs no symbol");
	if (place->type == STT_GNU_IFUNC)
		return err__usage(e, "cannot take symbol '%s' in '%s': it stands for one of several functions, chosen when the program starts (IFUNC); name that function",
				  symbol, f->path);
	return elf_file__segment(f, place, e);
}

int elfsym__find(const char *path, const char *symbol, struct elf_place *place, struct err *e)
{
	struct elf_file f;
	int ret;

	*place = (struct elf_place){ .address = 0 };
	if (elf_file__open(&f, path, e))
		return -1;
	ret = elf_file__find(&f, symbol, place, e);
	dwfl_end(f.dwfl);
	return ret;
}

int elfsym__at(const char *path, uint64_t address, struct elf_place *place, struct err *e)
{
	struct elf_file f;
	int ret;

	*place = (struct elf_place){ .address = address };
	if (elf_file__open(&f, path, e))
		return -1;
	ret = elf_file__segment(&f, place, e);
	dwfl_end(f.dwfl);
	return ret;
}
