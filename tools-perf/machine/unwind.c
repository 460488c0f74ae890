/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unwinding by libdwfl: the general registers and the copy of the stack of a
 * sample stand for a thread, the maps of the recording for its modules. The
 * ELF files are those of the objects, opened once whatever number of processes
 * maps them; an unwinder lives until the maps of its process change.
 */
#include <stdlib.h>
#include <string.h>

#include "machine/callchain.h"
#include "machine/internal.h"

enum {
	NR_DWARF_REGS	= 17,		/* System V ABI for x86-64, figure 3.36: 0-15, return address */
	DWARF_RIP	= 16,
	REG_SP		= 7,		/* PERF_REG_X86_* [arch/x86/include/uapi/asm/perf_regs.h] */
	REG_IP		= 8,
};

/* PERF_REG_X86_* by DWARF's numbers. */
static const uint8_t perf_regs[NR_DWARF_REGS] = {
	0, 3, 2, 1, 4, 5, 6, REG_SP, 16, 17, 18, 19, 20, 21, 22, 23, REG_IP,
};

struct unwinder {
	Dwfl *dwfl;			/* NULL: no module that could be unwound */
	uint32_t pid;
	uint64_t maps;			/* process.generation that it was made for */
	/* of the sample that is being unwound */
	struct machine *m;
	const struct sample *s;
	struct callchain *c;
	uint64_t sp;
	unsigned int user;		/* frames of the user's so far */
	bool unread, beyond;		/* memory that the last step needs is missing; above the copy */
};

static bool sample__reg(const struct sample *s, unsigned int nr, uint64_t *v)
{
	const struct xstate_simd *r = &s->regs_user;

	if (!(r->mask >> nr & 1))
		return false;
	memcpy(v, r->gprs + 8 * __builtin_popcountll(r->mask & ((UINT64_C(1) << nr) - 1)), sizeof(*v));
	return true;
}

/* ---- what libdwfl asks ------------------------------------------------------------ */

static bool unwinder__memory(Dwfl *dwfl, Dwarf_Addr addr, Dwarf_Word *result, void *arg)
{
	struct unwinder *u = arg;
	uint64_t at = addr - u->sp;

	(void)dwfl;
	if (addr < u->sp || at + sizeof(*result) > u->s->user_stack_size) {
		u->unread = true;
		u->beyond |= addr >= u->sp;
		return false;
	}
	memcpy(result, u->s->user_stack + at, sizeof(*result));
	return true;
}

static pid_t unwinder__next_thread(Dwfl *dwfl, void *arg, void **thread)
{
	(void)dwfl;
	if (*thread)
		return 0;
	*thread = arg;
	return ((struct unwinder *)arg)->pid;
}

static bool unwinder__thread(Dwfl *dwfl, pid_t tid, void *arg, void **thread)
{
	(void)dwfl;
	(void)tid;
	*thread = arg;
	return true;
}

static bool unwinder__registers(Dwfl_Thread *thread, void *arg)
{
	const struct unwinder *u = arg;
	Dwarf_Word v;
	unsigned int i;

	for (i = 0; i < NR_DWARF_REGS; i++)
		if (sample__reg(u->s, perf_regs[i], &v) && !dwfl_thread_state_registers(thread, i, 1, &v))
			return false;
	return true;
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
	.next_thread = unwinder__next_thread, .get_thread = unwinder__thread,
	.memory_read = unwinder__memory, .set_initial_registers = unwinder__registers,
};

/* The object of a module is its user data; its ELF file is shared. */
static int module__find_elf(Dwfl_Module *mod, void **data, const char *name, Dwarf_Addr base,
			    char **file, Elf **elf)
{
	const struct object *o = *data;
	GElf_Addr bias;
	const char *main_file = NULL;

	(void)mod;
	(void)name;
	(void)base;
	dwfl_module_info(o->module, NULL, NULL, NULL, NULL, NULL, &main_file, NULL);
	*elf = elf_begin(-1, ELF_C_READ, dwfl_module_getelf(o->module, &bias));
	*file = strdup(main_file ? main_file : o->dso.path);
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = module__find_elf, .find_debuginfo = dwfl_standard_find_debuginfo,
};

/* ---- the modules of a process ------------------------------------------------------- */

static void unwinder__module(struct unwinder *u, const struct map *map)
{
	const struct object *o = map->obj;
	uint64_t vaddr, bias;
	Dwfl_Module *mod;
	void **data;

	if (!o->module || !object__vaddr(o, map->pgoff, &vaddr))
		return;
	bias = map->start - vaddr;
	if (bias + o->high <= bias + o->low)
		return;			/* a map that the file cannot have had */
	mod = dwfl_report_module(u->dwfl, o->dso.name, bias + o->low, bias + o->high);
	if (!mod)
		return;
	dwfl_module_info(mod, &data, NULL, NULL, NULL, NULL, NULL, NULL);
	*data = (void *)o;
}

static void unwinder__attach(struct machine *m, struct unwinder *u, const struct process *p)
{
	size_t i;

	u->dwfl = dwfl_begin(&callbacks);
	if (!u->dwfl)
		return;
	dwfl_report_begin(u->dwfl);
	for (i = 0; i < p->nr_maps; i++) {
		struct object *o = p->map[i].obj;

		if (o->dso.state == DSO_UNTRIED)
			object__open(m, o);
		unwinder__module(u, &p->map[i]);
	}
	dwfl_report_end(u->dwfl, NULL, NULL);
	if (!dwfl_attach_state(u->dwfl, NULL, p->pid, &thread_callbacks, u)) {
		dwfl_end(u->dwfl);
		u->dwfl = NULL;
	}
}

void process__drop_unwinder(struct process *p)
{
	if (p->unwinder && p->unwinder->dwfl)
		dwfl_end(p->unwinder->dwfl);
	free(p->unwinder);
	p->unwinder = NULL;
}

static struct unwinder *process__unwinder(struct machine *m, struct process *p)
{
	struct unwinder *u;

	if (p->unwinder && p->unwinder->maps == p->generation)
		return p->unwinder;
	process__drop_unwinder(p);
	u = p->unwinder = calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	u->pid = p->pid;
	u->maps = p->generation;
	unwinder__attach(m, u, p);
	return u;
}

/* ---- a sample -------------------------------------------------------------------------- */

/*
 * libdwfl goes on by frame pointers where it has no table. That is a guess:
 * the chain ends there.
 */
static int unwinder__frame(Dwfl_Frame *state, void *arg)
{
	struct unwinder *u = arg;
	struct callchain *c = u->c;
	const struct location *l;
	bool activation;
	Dwarf_Addr pc;

	u->unread = u->beyond = false;

	if (!dwfl_frame_pc(state, &pc, &activation))
		return DWARF_CB_ABORT;
	if (u->user++ == CHAIN_MAX_USER || c->nr == CHAIN_MAX) {
		c->end = CHAIN_FULL;
		return DWARF_CB_ABORT;
	}
	pc -= !activation;
	c->frame[c->nr] = (struct chain_frame){ .ip = pc, .call = pc, .cpumode = PERF_RECORD_MISC_USER };
	l = machine__frame(u->m, u->s, &c->frame[c->nr++]);
	if (location__has_cfi(l))
		return DWARF_CB_OK;
	c->end = location__code(l)->obj->module ? CHAIN_NO_TABLE : CHAIN_NO_OBJECT;
	return DWARF_CB_ABORT;
}

static bool sample__can_unwind(const struct sample *s, uint64_t *sp, uint64_t *ip)
{
	uint64_t abi = s->regs_user.abi & ~(uint64_t)PERF_REGS_ABI_SIMD;

	return s->has_regs_user && abi == PERF_REGS_ABI_64 && sample__reg(s, REG_SP, sp) && sample__reg(s, REG_IP, ip);
}

/* Without any module the first frame is all that is known. */
static void unwinder__first_frame(struct callchain *c, uint64_t ip, enum chain_end end)
{
	c->frame[c->nr++] = (struct chain_frame){ .ip = ip, .call = ip, .cpumode = PERF_RECORD_MISC_USER };
	c->end = end;
}

static void unwinder__run(struct unwinder *u, struct callchain *c)
{
	int ret;

	u->user = 0;
	c->unwound = true;
	ret = dwfl_getthread_frames(u->dwfl, u->pid, unwinder__frame, u);
	if (ret > 0)
		return;			/* unwinder__frame() said why */
	/* to libdwfl a return address that cannot be read is one that is not there */
	if (!ret && !u->unread)
		c->end = CHAIN_OUTERMOST;
	else if (u->beyond && u->s->user_stack_size >= u->s->attr->attr.sample_stack_user)
		c->end = CHAIN_CUT;
	else
		c->end = CHAIN_BROKEN;
}

void machine__unwind(struct machine *m, const struct sample *s, struct callchain *c)
{
	struct process *p = machine__process(m, s->pid);
	struct unwinder *u;
	uint64_t sp, ip;

	if (c->nr == CHAIN_MAX)
		return;
	/* a kernel thread: there is no user part */
	if (s->has_regs_user && s->regs_user.abi == PERF_SAMPLE_REGS_ABI_NONE)
		return;
	if (!sample__can_unwind(s, &sp, &ip)) {
		c->end = CHAIN_NO_STACK;
		return;
	}
	if (!s->user_stack_size) {
		unwinder__first_frame(c, ip, CHAIN_NO_STACK);
		return;
	}
	u = p ? process__unwinder(m, p) : NULL;
	if (!u || !u->dwfl) {
		unwinder__first_frame(c, ip, CHAIN_NO_OBJECT);
		return;
	}
	u->m = m;
	u->s = s;
	u->c = c;
	u->sp = sp;
	unwinder__run(u, c);
}
