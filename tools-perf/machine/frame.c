/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a function has set up its frame pointer at an address. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>

#include "machine/internal.h"

enum { DWARF_RBP = 6 };			/* System V ABI for x86-64, figure 3.36 */

enum frame { FRAME_UNKNOWN, FRAME_NONE, FRAME_SET_UP };

/* The CFA's expression is one register and an offset, or it says nothing of RBP. */
static enum frame frame__of_cfa(Dwarf_Frame *frame)
{
	Dwarf_Op *ops;
	size_t n;

	if (dwarf_frame_cfa(frame, &ops, &n) || !n)
		return FRAME_UNKNOWN;
	if (ops[0].atom == DW_OP_bregx)
		return ops[0].number == DWARF_RBP ? FRAME_SET_UP : FRAME_NONE;
	return ops[0].atom == DW_OP_breg0 + DWARF_RBP ? FRAME_SET_UP : FRAME_NONE;
}

/* The row of the unwind table for an address: .eh_frame, else .debug_frame. NULL: none. */
static Dwarf_Frame *code__row(const struct code *c)
{
	static Dwarf_CFI *(*const tables[])(Dwfl_Module *, Dwarf_Addr *) = {
		dwfl_module_eh_cfi, dwfl_module_dwarf_cfi,
	};
	Dwarf_Addr bias = 0;
	Dwarf_Frame *row;
	Dwarf_CFI *cfi;
	unsigned int i;

	for (i = 0; c->obj->module && i < sizeof(tables) / sizeof(tables[0]); i++) {
		cfi = tables[i](c->obj->module, &bias);
		if (cfi && !dwarf_cfi_addrframe(cfi, c->addr - bias, &row))
			return row;
	}
	return NULL;
}

static enum frame code__cfi(const struct code *c)
{
	Dwarf_Frame *row = code__row(c);
	enum frame f = row ? frame__of_cfa(row) : FRAME_UNKNOWN;

	free(row);
	return f;
}

bool location__has_cfi(const struct location *l)
{
	struct code *c = location__code(l);
	Dwarf_Frame *row;

	if (!c->cfi_tried) {
		row = code__row(c);
		c->has_cfi = row;
		c->cfi_tried = true;
		free(row);
	}
	return c->has_cfi;
}

/* [endbr64] push rbp; mov rbp, rsp: bytes of the two, 0 if it does not begin so. */
static size_t prologue__size(const uint8_t *bytes, size_t size)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	static const uint8_t forms[][4] = { { 0x55, 0x48, 0x89, 0xe5 }, { 0x55, 0x48, 0x8b, 0xec } };
	size_t at = size >= sizeof(endbr64) && !memcmp(bytes, endbr64, sizeof(endbr64)) ? sizeof(endbr64) : 0;

	if (size - at < sizeof(forms[0]))
		return 0;
	if (memcmp(bytes + at, forms[0], sizeof(forms[0])) && memcmp(bytes + at, forms[1], sizeof(forms[1])))
		return 0;
	return at + sizeof(forms[0]);
}

/* Between its prologue and the return, behind which RBP is the caller's again. */
static bool code__framed_by_bytes(struct machine *m, struct code *c)
{
	size_t size, prologue;
	const uint8_t *bytes = c->sym->end ? object__bytes(c->obj, c->sym->start, &size) : NULL;
	const struct insn *insn;

	prologue = bytes ? prologue__size(bytes, size) : 0;
	if (!prologue || c->addr < c->sym->start + prologue)
		return false;
	insn = code__insn(m, c);
	return insn->known && strncmp(insn->text, "ret", 3);
}

bool machine__has_frame(struct machine *m, const struct location *l)
{
	struct code *c = location__code(l);
	enum frame f;

	if (!c->frame_tried) {
		f = code__cfi(c);
		c->has_frame = f == FRAME_UNKNOWN ? code__framed_by_bytes(m, c) : f == FRAME_SET_UP;
		c->frame_tried = true;
	}
	return c->has_frame;
}
