/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Build-ids of the mapped files, from the first pages that a core has of them
 * (bit 4 of coredump_filter), so that symbols never come from another build.
 */
#include <elfutils/libdwfl.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

/* Only what the core itself holds is looked at. */
static int find_nothing(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
			char **file, Elf **elf)
{
	(void)mod, (void)userdata, (void)name, (void)base, (void)file, (void)elf;
	return -1;
}

static const Dwfl_Callbacks callbacks = { .find_elf = find_nothing };

static void map__build_id(struct core_map *m, Dwfl *dwfl)
{
	Dwfl_Module *mod = dwfl_addrmodule(dwfl, m->start);
	const unsigned char *id;
	GElf_Addr vaddr;
	int n;

	n = mod ? dwfl_module_build_id(mod, &id, &vaddr) : 0;
	if (n <= 0 || n > (int)sizeof(m->build_id))
		return;
	memcpy(m->build_id, id, n);
	m->build_id_size = n;
}

void core__build_ids(struct core *c)
{
	Dwfl *dwfl;
	size_t i;

	/* libdwfl asks debuginfod servers when this is set */
	unsetenv("DEBUGINFOD_URLS");
	dwfl = dwfl_begin(&callbacks);
	if (!dwfl)
		return;
	dwfl_report_begin(dwfl);
	if (dwfl_core_file_report(dwfl, c->elf, NULL) > 0 && !dwfl_report_end(dwfl, NULL, NULL))
		for (i = 0; i < c->nr_maps; i++)
			map__build_id(&c->maps[i], dwfl);
	dwfl_end(dwfl);
}
