/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Source lines by libdw. Code that a header's intrinsic expanded to belongs
 * to the line that used it: such functions are marked artificial (GCC's
 * __attribute__((artificial)), DW_AT_artificial), for debuggers to step over.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>

#include "machine/internal.h"

struct srcline {
	const char *file;
	int line;
};

static bool die__is_artificial(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	bool flag = false;

	return dwarf_attr_integrate(die, DW_AT_artificial, &attr) && !dwarf_formflag(&attr, &flag) && flag;
}

/* Where the inlined function was called. */
static bool die__call_site(Dwarf_Die *cu, Dwarf_Die *die, struct srcline *at)
{
	Dwarf_Attribute attr;
	Dwarf_Word file, line;
	Dwarf_Files *files;
	size_t n;

	if (dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attr), &file) ||
	    dwarf_formudata(dwarf_attr(die, DW_AT_call_line, &attr), &line) ||
	    dwarf_getsrcfiles(cu, &files, &n) || file >= n)
		return false;
	at->file = dwarf_filesrc(files, file, NULL, NULL);
	at->line = line;
	return at->file;
}

/* Outwards through the functions inlined here, as long as they are artificial. */
static void srcline__leave_artificial(Dwfl_Module *module, uint64_t addr, struct srcline *at)
{
	Dwarf_Die *scopes = NULL, *cu;
	Dwarf_Addr bias;
	int i, n;

	cu = dwfl_module_addrdie(module, addr, &bias);
	n = cu ? dwarf_getscopes(cu, addr - bias, &scopes) : 0;
	for (i = 0; i < n; i++) {
		if (dwarf_tag(&scopes[i]) != DW_TAG_inlined_subroutine)
			continue;
		if (!die__is_artificial(&scopes[i]) || !die__call_site(cu, &scopes[i], at))
			break;
	}
	free(scopes);
}

bool machine__srcline(struct machine *m, const struct location *l, const char **file, int *line)
{
	struct code *c = location__code(l);
	struct srcline at = { 0 };
	Dwfl_Line *dl;

	if (!c->line_tried && c->obj->module) {
		dl = dwfl_module_getsrc(c->obj->module, c->addr);
		at.file = dl ? dwfl_lineinfo(dl, NULL, &at.line, NULL, NULL, NULL) : NULL;
		if (at.file)
			srcline__leave_artificial(c->obj->module, c->addr, &at);
		c->file = at.file ? machine__intern(m, at.file) : NULL;
		c->line = at.line;
	}
	c->line_tried = true;
	if (!c->file || c->line <= 0)
		return false;
	*file = c->file;
	*line = c->line;
	return true;
}
