/* SPDX-License-Identifier: GPL-2.0-only */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>
#include <asm/perf_regs.h>

#include "machine/args.h"
#include "machine/internal.h"

/* Classes of an eightbyte [3.2.3]; a whole vector is of class SSE, too. */
enum class { CLASS_NONE, CLASS_INTEGER, CLASS_SSE, CLASS_MEMORY };

struct piece {
	uint8_t class;
	struct arg_part part;		/* type and lanes */
};

/* How a type is passed. */
struct passing {
	bool memory;
	uint8_t nr;
	struct piece piece[2];
};

enum { EIGHT = 8, DEPTH_MOST = 8, PASS_BY_REFERENCE = 4 /* DW_CC_pass_by_reference */ };

/* ---- types ------------------------------------------------------------------------------ */

static bool die__type(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attr;
	Dwarf_Die raw;

	return dwarf_attr_integrate(die, DW_AT_type, &attr) && dwarf_formref_die(&attr, &raw) &&
	       !dwarf_peel_type(&raw, type);
}

static Dwarf_Word die__number(Dwarf_Die *die, unsigned int name, Dwarf_Word otherwise)
{
	Dwarf_Attribute attr;
	Dwarf_Word v;

	return dwarf_attr_integrate(die, name, &attr) && !dwarf_formudata(&attr, &v) ? v : otherwise;
}

static enum xstate_type type__integer(Dwarf_Word size, bool is_signed)
{
	switch (size) {
	case 1:	 return is_signed ? XSTATE_I8 : XSTATE_U8;
	case 2:	 return is_signed ? XSTATE_I16 : XSTATE_U16;
	case 4:	 return is_signed ? XSTATE_I32 : XSTATE_U32;
	default: return is_signed ? XSTATE_I64 : XSTATE_U64;
	}
}

static bool type__float(Dwarf_Die *die, Dwarf_Word size, enum xstate_type *t)
{
	const char *name = dwarf_diename(die);

	if (size == 2)
		*t = name && strstr(name, "bf") ? XSTATE_BF16 : XSTATE_F16;
	else if (size == 4)
		*t = XSTATE_F32;
	else if (size == 8)
		*t = XSTATE_F64;
	else
		return false;		/* long double is passed in memory, _Float128 has no lane type */
	return true;
}

/* Put a scalar at an offset of what is passed; an eightbyte with integers in it is one. */
static void passing__scalar(struct passing *p, Dwarf_Word at, enum class class, enum xstate_type t,
			    unsigned int lanes, bool hex)
{
	struct piece *x = &p->piece[at / EIGHT];

	if (at / EIGHT >= 2) {
		p->memory = true;
		return;
	}
	if (p->nr <= at / EIGHT)
		p->nr = at / EIGHT + 1;
	if (x->class == CLASS_NONE)
		x->part = (struct arg_part){ .type = t, .lanes = lanes, .hex = hex };
	else if (x->part.type == t && x->class == class)
		x->part.lanes += lanes;
	else	/* of several types: as it stands */
		x->part = (struct arg_part){ .type = XSTATE_U64, .lanes = 1, .hex = true };
	if (x->class != CLASS_INTEGER)
		x->class = class;
}

static void passing__type(struct passing *p, Dwarf_Die *type, Dwarf_Word at, unsigned int depth);

static void passing__base(struct passing *p, Dwarf_Die *type, Dwarf_Word at)
{
	Dwarf_Word encoding = die__number(type, DW_AT_encoding, DW_ATE_signed);
	Dwarf_Word size = die__number(type, DW_AT_byte_size, 0);
	enum xstate_type t;

	if (encoding == DW_ATE_complex_float && type__float(type, size / 2, &t)) {
		passing__scalar(p, at, CLASS_SSE, t, 1, false);
		passing__scalar(p, at + size / 2, CLASS_SSE, t, 1, false);
	} else if (encoding == DW_ATE_float && type__float(type, size, &t)) {
		passing__scalar(p, at, CLASS_SSE, t, 1, false);
	} else if (encoding == DW_ATE_float || encoding == DW_ATE_complex_float || size > 2 * EIGHT) {
		p->memory = true;
	} else {
		t = type__integer(size, encoding == DW_ATE_signed || encoding == DW_ATE_signed_char);
		passing__scalar(p, at, CLASS_INTEGER, t, 1, false);
		if (size > EIGHT)
			passing__scalar(p, at + EIGHT, CLASS_INTEGER, t, 1, false);
	}
}

/* __m128 and its like: one register whatever the size. */
static void passing__vector(struct passing *p, Dwarf_Die *type, Dwarf_Word at)
{
	Dwarf_Word size, element_size, encoding;
	Dwarf_Die element;
	enum xstate_type t;

	if (at || dwarf_aggregate_size(type, &size) || !die__type(type, &element)) {
		p->memory = true;
		return;
	}
	element_size = die__number(&element, DW_AT_byte_size, 0);
	encoding = die__number(&element, DW_AT_encoding, 0);
	if (encoding != DW_ATE_float || !type__float(&element, element_size, &t))
		t = type__integer(element_size, encoding == DW_ATE_signed || encoding == DW_ATE_signed_char);
	if (!element_size || size > 64)
		p->memory = true;
	else
		passing__scalar(p, at, CLASS_SSE, t, size / element_size, false);
}

static void passing__array(struct passing *p, Dwarf_Die *type, Dwarf_Word at, unsigned int depth)
{
	Dwarf_Word size, element_size, i;
	Dwarf_Die element;

	if (dwarf_hasattr(type, DW_AT_GNU_vector)) {
		passing__vector(p, type, at);
		return;
	}
	if (dwarf_aggregate_size(type, &size) || size > 2 * EIGHT || !die__type(type, &element) ||
	    dwarf_aggregate_size(&element, &element_size) || !element_size) {
		p->memory = true;
		return;
	}
	for (i = 0; i + element_size <= size; i += element_size)
		passing__type(p, &element, at + i, depth);
}

static void passing__members(struct passing *p, Dwarf_Die *type, Dwarf_Word at, unsigned int depth)
{
	Dwarf_Die member, of;
	int more;

	for (more = dwarf_child(type, &member); !more; more = dwarf_siblingof(&member, &member)) {
		int tag = dwarf_tag(&member);

		if (tag != DW_TAG_member && tag != DW_TAG_inheritance)
			continue;
		/* static members have no place in it; bit fields and the like are not followed */
		if (dwarf_hasattr(&member, DW_AT_external))
			continue;
		if (dwarf_hasattr(&member, DW_AT_data_bit_offset) || !die__type(&member, &of))
			passing__scalar(p, at, CLASS_INTEGER, XSTATE_U64, 1, true);
		else
			passing__type(p, &of, at + die__number(&member, DW_AT_data_member_location, 0), depth);
	}
}

static void passing__struct(struct passing *p, Dwarf_Die *type, Dwarf_Word at, unsigned int depth)
{
	Dwarf_Word size = die__number(type, DW_AT_byte_size, 0);

	/* a copy that a constructor made: the address of it is passed */
	if (die__number(type, DW_AT_calling_convention, 0) == PASS_BY_REFERENCE)
		passing__scalar(p, at, CLASS_INTEGER, XSTATE_U64, 1, true);
	else if (size > 2 * EIGHT)
		p->memory = true;
	else
		passing__members(p, type, at, depth);
}

static void passing__type(struct passing *p, Dwarf_Die *type, Dwarf_Word at, unsigned int depth)
{
	if (++depth > DEPTH_MOST) {
		p->memory = true;
		return;
	}
	switch (dwarf_tag(type)) {
	case DW_TAG_base_type:
		passing__base(p, type, at);
		break;
	case DW_TAG_enumeration_type:
		passing__scalar(p, at, CLASS_INTEGER, type__integer(die__number(type, DW_AT_byte_size, 4), true), 1, false);
		break;
	case DW_TAG_array_type:
		passing__array(p, type, at, depth);
		break;
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		passing__struct(p, type, at, depth);
		break;
	default:			/* pointers, references, functions */
		passing__scalar(p, at, CLASS_INTEGER, XSTATE_U64, 1, true);
	}
}

static struct passing passing__of(Dwarf_Die *die)
{
	struct passing p = { .memory = false };
	Dwarf_Die type;

	if (die__type(die, &type))
		passing__type(&p, &type, 0, 0);
	else
		p.memory = true;
	return p;
}

/* ---- registers ---------------------------------------------------------------------------- */

struct registers {
	unsigned int gprs, vectors;	/* taken so far */
};

static const uint8_t argument_gprs[] = {
	PERF_REG_X86_DI, PERF_REG_X86_SI, PERF_REG_X86_DX, PERF_REG_X86_CX, PERF_REG_X86_R8, PERF_REG_X86_R9,
};

enum { NR_GPRS = sizeof(argument_gprs), NR_VECTORS = 8 };

/* All of its pieces get a register, or none does and it goes on the stack. */
static void arg__assign(struct arg *a, const struct passing *p, struct registers *r)
{
	unsigned int i, gprs = 0, vectors = 0;

	a->nr_parts = p->memory ? 1 : p->nr;
	for (i = 0; i < p->nr; i++) {
		gprs += p->piece[i].class == CLASS_INTEGER;
		vectors += p->piece[i].class == CLASS_SSE;
	}
	for (i = 0; i < p->nr; i++)
		a->part[i] = p->piece[i].part;
	if (p->memory || r->gprs + gprs > NR_GPRS || r->vectors + vectors > NR_VECTORS)
		return;
	for (i = 0; i < p->nr; i++) {
		bool integer = p->piece[i].class == CLASS_INTEGER;

		if (p->piece[i].class == CLASS_NONE)
			continue;
		a->part[i].place = integer ? ARG_GPR : ARG_VECTOR;
		a->part[i].reg = integer ? argument_gprs[r->gprs++] : r->vectors++;
	}
}

/* ---- the function ------------------------------------------------------------------------- */

struct function_search {
	Dwarf_Addr addr;
	Dwarf_Die die;
	bool found;
};

static int function__look(Dwarf_Die *die, void *arg)
{
	struct function_search *s = arg;
	Dwarf_Addr entry;

	if (dwarf_entrypc(die, &entry) || entry != s->addr)
		return DWARF_CB_OK;
	s->die = *die;
	s->found = true;
	return DWARF_CB_ABORT;
}

static bool symbol__is_clone(const char *name)
{
	return strstr(name, ".isra") || strstr(name, ".constprop") || strstr(name, ".part") || strstr(name, ".cold");
}

static bool code__function(const struct code *c, Dwarf_Die *die)
{
	struct function_search s = { .found = false };
	Dwarf_Addr bias;
	Dwarf_Die *cu;

	if (!c->obj->module || c->addr != c->sym->start || symbol__is_clone(c->sym->name))
		return false;
	cu = dwfl_module_addrdie(c->obj->module, c->addr, &bias);
	if (!cu)
		return false;
	s.addr = c->addr - bias;
	dwarf_getfuncs(cu, function__look, &s, 0);
	*die = s.die;
	return s.found;
}

/* What is returned in memory has its address passed before everything else. */
static bool function__returns_memory(Dwarf_Die *fn)
{
	Dwarf_Die type;
	struct passing p = { .memory = false };

	if (!die__type(fn, &type))
		return false;
	if (dwarf_tag(&type) != DW_TAG_base_type)
		passing__type(&p, &type, 0, 0);
	return p.memory || die__number(&type, DW_AT_calling_convention, 0) == PASS_BY_REFERENCE;
}

static void args__read(struct machine *m, struct args *a, Dwarf_Die *fn)
{
	struct registers r = { .gprs = function__returns_memory(fn) };
	struct passing p;
	Dwarf_Die child;
	const char *name;
	int more;

	for (more = dwarf_child(fn, &child); !more; more = dwarf_siblingof(&child, &child)) {
		if (dwarf_tag(&child) != DW_TAG_formal_parameter)
			continue;
		if (a->nr == ARGS_MOST) {
			a->more = true;
			break;
		}
		p = passing__of(&child);
		name = dwarf_diename(&child);
		a->arg[a->nr].name = name ? machine__intern(m, name) : "?";
		arg__assign(&a->arg[a->nr++], &p, &r);
	}
}

const struct args *machine__args(struct machine *m, const struct location *l)
{
	struct code *c = location__code(l);
	struct args *a;
	Dwarf_Die fn;

	if (c->args_tried)
		return c->args;
	c->args_tried = true;
	if (!code__function(c, &fn))
		return NULL;
	a = arena__alloc(&m->arena, sizeof(*a));
	if (!a)
		return NULL;
	*a = (struct args){ .nr = 0 };
	args__read(m, a, &fn);
	c->args = a;
	return a;
}
