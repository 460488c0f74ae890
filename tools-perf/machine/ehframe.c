/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of a stripped object: where they begin and end stands in its
 * unwind table, .eh_frame_hdr, which strip(1) has to leave [Linux Standard
 * Base, "DWARF Extensions"]. Their names are gone; they go by address.
 */
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include <gelf.h>

#include "machine/internal.h"

enum {
	HDR_SIZE	= 12,		/* version, three encodings, pointer, count */
	HDR_ENTRY	= 8,
	FDE_BEGIN	= 8,		/* behind length and CIE pointer */
	FDE_MIN		= 16,
};

/* .eh_frame_hdr, with the encodings that ld and lld write. */
struct eh_frame_hdr {
	const uint8_t *table;
	uint64_t vaddr;			/* of the header: entries are relative to it */
	uint32_t count;
};

static int32_t read_s32(const uint8_t *p)
{
	int32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static const uint8_t *object__at(const struct object *o, uint64_t vaddr, size_t size)
{
	const struct segment *s;
	unsigned int i;

	for (i = 0; i < o->nr_segments; i++) {
		s = &o->segment[i];
		if (vaddr < s->vaddr || vaddr - s->vaddr >= s->filesz || s->filesz - (vaddr - s->vaddr) < size)
			continue;
		vaddr = vaddr - s->vaddr + s->offset;
		return o->bytes && vaddr <= o->nr_bytes && o->nr_bytes - vaddr >= size ? o->bytes + vaddr : NULL;
	}
	return NULL;
}

static bool object__eh_frame_hdr(const struct object *o, struct eh_frame_hdr *h)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(o->module, &bias);
	const uint8_t *p = NULL;
	GElf_Phdr ph = { 0 };
	size_t i, n;

	if (!elf || elf_getphdrnum(elf, &n))
		return false;
	for (i = 0; i < n && !p; i++)
		if (gelf_getphdr(elf, i, &ph) && ph.p_type == PT_GNU_EH_FRAME && ph.p_filesz >= HDR_SIZE)
			p = object__at(o, ph.p_vaddr, ph.p_filesz);
	if (!p || p[0] != 1 || (p[1] & 0x0f) != DW_EH_PE_sdata4 || p[2] != DW_EH_PE_udata4 ||
	    p[3] != (DW_EH_PE_datarel | DW_EH_PE_sdata4))
		return false;
	h->count = read_s32(p + 8);
	h->table = p + HDR_SIZE;
	h->vaddr = ph.p_vaddr;
	return h->count <= (ph.p_filesz - HDR_SIZE) / HDR_ENTRY;
}

/* Start and end of entry @i; false where the FDE is not encoded as ld does. */
static bool eh_frame_hdr__range(const struct object *o, const struct eh_frame_hdr *h, uint32_t i,
				struct symtab_entry *e)
{
	uint64_t begin = h->vaddr + read_s32(h->table + i * HDR_ENTRY);
	uint64_t fde = h->vaddr + read_s32(h->table + i * HDR_ENTRY + 4);
	const uint8_t *p = object__at(o, fde, FDE_MIN);

	/* pc_begin is relative to its own place; that it agrees shows the encoding */
	if (!p || fde + FDE_BEGIN + read_s32(p + FDE_BEGIN) != begin)
		return false;
	*e = (struct symtab_entry){ .start = begin, .end = begin + (uint32_t)read_s32(p + FDE_BEGIN + 4) };
	return e->end > e->start;
}

/* Stubs of the procedure linkage table are no functions of the object. */
static bool object__in_plt(const struct object *o, uint64_t addr)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(o->module, &bias);
	Elf_Scn *scn = NULL;
	const char *name;
	size_t strings;
	GElf_Shdr sh;

	if (!elf || elf_getshdrstrndx(elf, &strings))
		return false;
	while ((scn = elf_nextscn(elf, scn))) {
		if (!gelf_getshdr(scn, &sh) || addr < sh.sh_addr || addr - sh.sh_addr >= sh.sh_size)
			continue;
		name = elf_strptr(elf, strings, sh.sh_name);
		return name && !strncmp(name, ".plt", 4);
	}
	return false;
}

/*
 * Adds what no symbol covers. The names stay NULL: they are made at the first
 * hit.
 */
void object__add_unwind_ranges(struct object *o)
{
	struct eh_frame_hdr h;
	struct symtab_entry e, *bigger;
	size_t named = o->nr_symtab;
	uint32_t i;

	if (!object__eh_frame_hdr(o, &h) || !h.count)
		return;
	bigger = realloc(o->symtab, (named + h.count) * sizeof(*bigger));
	if (!bigger)
		return;
	o->symtab = bigger;
	for (i = 0; i < h.count; i++)
		if (eh_frame_hdr__range(o, &h, i, &e) && !object__covered(o, named, &e) && !object__in_plt(o, e.start))
			o->symtab[o->nr_symtab++] = e;
	if (o->nr_symtab > named)
		object__sort_symtab(o);
}
