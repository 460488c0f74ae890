// SPDX-License-Identifier: GPL-2.0-only
#include <cpuid.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

const char *const fixture_layouts[FIXTURE_LAYOUTS] = {
	"intel-skylake-x", "intel-sapphire-rapids", "intel-haswell",
	"amd-zen4", "qemu-tcg", "intel-apx",
};

static void die(const char *path, const char *what)
{
	fprintf(stderr, "%s: %s\n", path, what);
	exit(2);
}

static uint32_t parse_flags(const char *s)
{
	uint32_t flags = 0;

	for (; *s; s++)
		flags |= *s == 's' ? XSTATE_COMP_SUPERVISOR :
			 *s == 'a' ? XSTATE_COMP_ALIGN64 :
			 *s == 'x' ? XSTATE_COMP_XFD : 0;
	return flags;
}

static void parse_line(struct xstate_layout *l, const char *path, char *line)
{
	struct xstate_component c;
	char name[32], flags[8];
	unsigned int nr;

	line[strcspn(line, "#\n")] = '\0';
	if (!line[strspn(line, " \t")])
		return;
	if (sscanf(line, "%u %31s %u %u %7s", &nr, name, &c.size, &c.offset,
		   flags) != 5)
		die(path, line);
	c.flags = parse_flags(flags);
	if (xstate_layout__add(l, nr, &c))
		die(path, line);
	if (strcmp(name, xfeature__name(nr)))
		die(path, line);
}

void fixture__layout(struct xstate_layout *l, const char *name)
{
	const char *top = getenv("XREGS_TOP");
	char path[512], line[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/data/layouts/%s.txt",
		 top ? top : ".", name);
	f = fopen(path, "r");
	if (!f)
		die(path, "cannot be opened (run from the checkout, or set XREGS_TOP)");
	xstate_layout__init(l);
	while (fgets(line, sizeof(line), f))
		parse_line(l, path, line);
	fclose(f);
}

uint64_t fixture__random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

void machine__fill(struct machine *m, const char *layout, uint64_t value,
		   uint64_t seed)
{
	unsigned int nr, i;

	memset(m, 0, sizeof(*m));
	fixture__layout(&m->layout, layout);
	m->build = (struct xstate_build){
		.layout		= &m->layout,
		.value		= value & m->layout.xfeatures,
		.mxcsr		= MXCSR_INIT | MXCSR_FTZ | MXCSR_PE,
		.mxcsr_mask	= 0x2ffff,
	};
	for (nr = 0; nr < XFEATURE_MAX; nr++) {
		for (i = 0; i < m->layout.comp[nr].size; i++)
			m->bytes[nr][i] = fixture__random(&seed) % 255 + 1;
		m->build.bytes[nr] = m->bytes[nr];
	}
}

static int reg__differ(const struct xstate_value *a, const struct xstate_value *b)
{
	return a->state != b->state || a->size != b->size ||
	       a->known != b->known ||
	       (a->known && memcmp(a->bytes, b->bytes, a->known));
}

int regs__differ(const struct xstate_regs *a, const struct xstate_regs *b,
		 char *why, size_t size)
{
	struct xstate_value x, y;
	struct xstate_reg reg;
	char name[12];
	unsigned int c, i;

	for (c = 0; c < XSTATE_CLASS_NR; c++)
		for (i = 0; i < xstate_class__count(c); i++) {
			reg = (struct xstate_reg){ c, i };
			xstate_regs__get(a, reg, &x);
			xstate_regs__get(b, reg, &y);
			if (!reg__differ(&x, &y))
				continue;
			snprintf(why, size, "%s: state %u/%u known %u/%u",
				 xstate_reg__name(reg, name), x.state, y.state,
				 x.known, y.known);
			return 1;
		}
	if (a->captured != b->captured || a->xfeatures != b->xfeatures) {
		snprintf(why, size, "captured %llx/%llx xfeatures %llx/%llx",
			 (unsigned long long)a->captured,
			 (unsigned long long)b->captured,
			 (unsigned long long)a->xfeatures,
			 (unsigned long long)b->xfeatures);
		return 1;
	}
	return 0;
}

uint32_t regs__classify_each(const struct xstate_regs *r, enum xstate_class c,
			     uint32_t regs, enum xstate_type t,
			     struct xstate_counts *add)
{
	struct xstate_value v;
	uint32_t counted = 0;
	unsigned int i, k;

	for (i = 0; i < 32; i++) {
		if (!(regs >> i & 1) || xstate_regs__get(r, (struct xstate_reg){ c, i }, &v) <= 0)
			continue;
		counted |= 1u << i;
		for (k = 0; k < v.size / xstate_type__size(t); k++)
			add->lane[xstate_lane__class(t, xstate_lane__bits(v.bytes, t, k))]++;
	}
	return counted;
}

void xfeatures__print(FILE *f, const char *what, uint64_t mask)
{
	unsigned int nr;

	fprintf(f, "%-9s", what);
	for (nr = 0; nr < 64; nr++) {
		const char *name = xfeature__name(nr);

		if (!(mask >> nr & 1))
			continue;
		if (name)
			fprintf(f, " %s", name);
		else
			fprintf(f, " %u", nr);
	}
	fprintf(f, "%s\n", mask ? "" : " -");
}

static void value__print(FILE *f, const struct xstate_value *v)
{
	unsigned int i, n = v->state == XSTATE_VALUE ? v->size : 0;

	for (i = 0; i < n; i += 8) {
		uint64_t q = 0;

		memcpy(&q, v->bytes + i, n - i < 8 ? n - i : 8);
		fprintf(f, " %llx", (unsigned long long)q);
	}
}

static int alike(const struct xstate_value *a, const struct xstate_value *b)
{
	if (a->state == XSTATE_UNKNOWN && b->state == XSTATE_UNKNOWN)
		return a->known == b->known;
	return !reg__differ(a, b);
}

/* Registers from @i on that are alike. */
static unsigned int run__length(const struct xstate_regs *r, unsigned int c,
				unsigned int i, const struct xstate_value *v)
{
	unsigned int n = 1;
	struct xstate_value w;

	for (; i + n < xstate_class__count(c); n++) {
		xstate_regs__get(r, (struct xstate_reg){ c, i + n }, &w);
		if (!alike(v, &w))
			break;
	}
	return n;
}

/* Is all of a class known? Then the narrower one has nothing to add. */
static int class__known(const struct xstate_regs *r, unsigned int c)
{
	unsigned int i;

	for (i = 0; i < xstate_class__count(c); i++)
		if (xstate_regs__state(r, (struct xstate_reg){ c, i }) == XSTATE_UNKNOWN)
			return 0;
	return 1;
}

static void class__print(FILE *f, const struct xstate_regs *r, unsigned int c)
{
	static const char *const states[] = {
		[XSTATE_UNKNOWN] = "unknown", [XSTATE_INIT] = "init",
		[XSTATE_VALUE] = "value",
	};
	unsigned int i, n, count = xstate_class__count(c);
	char name[28], last[12];
	struct xstate_value v;

	for (i = 0; i < count; i += n) {
		xstate_regs__get(r, (struct xstate_reg){ c, i }, &v);
		n = run__length(r, c, i, &v);
		xstate_reg__name((struct xstate_reg){ c, i }, name);
		xstate_reg__name((struct xstate_reg){ c, i + n - 1 }, last);
		if (n > 1)
			snprintf(name + strlen(name), 14, "..%s", last);
		fprintf(f, "%-14s %s", name, states[v.state]);
		value__print(f, &v);
		if (v.state == XSTATE_UNKNOWN && v.known)
			fprintf(f, " above %u bytes", v.known);
		fprintf(f, "\n");
	}
}

void regs__print(FILE *f, const struct xstate_regs *r)
{
	unsigned int c;

	xfeatures__print(f, "captured", r->captured);
	xfeatures__print(f, "value", r->xfeatures);
	if (r->xinuse_known)
		xfeatures__print(f, "xinuse", r->xinuse);
	if (r->xfd)
		xfeatures__print(f, "xfd", r->xfd);
	fprintf(f, "width     in use %u, non-zero %u\n",
		xstate_regs__width_in_use(r), xstate_regs__width_nonzero(r));
	for (c = 0; c < XSTATE_CLASS_NR; c++)
		if (c >= XSTATE_CLASS_ZMM || !class__known(r, c + 1))
			class__print(f, r, c);
}

int native__layout(struct xstate_layout *l, uint64_t *xcr0)
{
	struct xstate_cpuid_leaf leaf[XFEATURE_MAX - 2];
	uint32_t eax, ebx, ecx, edx, nr;

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & bit_OSXSAVE))
		return -1;
	__asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
	*xcr0 = (uint64_t)edx << 32 | eax;
	for (nr = 2; nr < XFEATURE_MAX; nr++) {
		__cpuid_count(0xd, nr, eax, ebx, ecx, edx);
		leaf[nr - 2] = (struct xstate_cpuid_leaf){ nr, eax, ebx, ecx };
	}
	return xstate_layout__from_cpuid(l, leaf, XFEATURE_MAX - 2);
}
