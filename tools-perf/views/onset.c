/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When something of a thread began. Its samples bound the moment from both
 * sides; what else the recording says of that thread and time stands beside.
 */
#include <stdio.h>
#include <string.h>

#include "views/view.h"

/*
 * [SDM vol. 1, 10.2.3.1]. Results that are rounded, flushed or subnormal (PE,
 * UE, DE) are too common to tell anything.
 */
const struct raised_flag raised_flags[NR_RAISED] = {
	{ MXCSR_IE, "IE", "invalid operation" },
	{ MXCSR_ZE, "ZE", "division by zero" },
	{ MXCSR_OE, "OE", "overflow" },
};

char *onset__after(const struct onset *o, char *buf, size_t size)
{
	*buf = '\0';
	if (o->mapped && o->nr_mapped > 1)
		snprintf(buf, size, " after it loaded %s and %u more", o->mapped, o->nr_mapped - 1);
	else if (o->mapped)
		snprintf(buf, size, " after it loaded %s", o->mapped);
	return buf;
}

/* "f (a.c:31)", or "f+0x24" without debug information */
static void location__text(const struct location *loc, struct machine *m, char *buf, size_t size)
{
	const char *file, *slash;
	int line;

	if (machine__srcline(m, loc, &file, &line)) {
		slash = strrchr(file, '/');
		snprintf(buf, size, "%.100s (%s:%d)", loc->sym->name, slash ? slash + 1 : file, line);
	} else {
		snprintf(buf, size, "%.100s+0x%llx", loc->sym->name, (unsigned long long)(loc->addr - loc->sym->start));
	}
}

char *onset__text(const struct onset *o, struct machine *m, char *buf, size_t size)
{
	char before[200], since[200], after[200];

	location__text(o->at_before, m, before, sizeof(before));
	location__text(o->at_since, m, since, sizeof(since));
	onset__after(o, after, sizeof(after));
	if (!strcmp(before, since))
		snprintf(buf, size, "between %.3f s and %.3f s, in %s,%s", o->before, o->since, since, after);
	else
		snprintf(buf, size, "between %.3f s, in %s, and %.3f s, in %s,%s", o->before, before, o->since, since, after);
	if (!*after)
		buf[strlen(buf) - 1] = '\0';
	return buf;
}
