/* SPDX-License-Identifier: GPL-2.0-only */
#include <fnmatch.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xstate/xstate.h>

#include "bpf/census_table.h"
#include "capture/capture.h"
#include "output/mxcsr.h"

static const uint64_t AMX = XFEATURE_MASK(XFEATURE_XTILE_CFG) | XFEATURE_MASK(XFEATURE_XTILE_DATA);

/* FTZ, DAZ, rounding and masks; the sticky flags say nothing about the mode. */
enum { MXCSR_MODE = MXCSR_FTZ | MXCSR_RC | MXCSR_MASKS | MXCSR_DAZ };

struct census_row {
	const struct census_task *task;
	double age;			/* s since AVX-512 state was last saved; < 0: never */
	double share;			/* of one CPU; < 0: not known */
};

struct census_view {
	const struct census_look *look;
	const struct census_choice *choice;
	struct census_row *row;
	size_t nr;
	uint64_t hz;			/* of jiffies */
	uint64_t machine;		/* components that any task has room for */

	/* of the tasks chosen, listed or not */
	size_t tasks, kernel, running;
	size_t in_use[XFEATURE_MAX], avx512, amx, mxcsr_odd, ftz_daz, narrow_avx512;
	size_t unknown, unseen;		/* nothing is known; of these, running since before */
	uint64_t oldest;		/* ns: the oldest of what running ones came with */
};

/* ---- what a task has --------------------------------------------------------------- */

static bool task__mxcsr_odd(const struct census_task *t)
{
	uint32_t mxcsr;

	return census_task__mxcsr(t, &mxcsr) && (mxcsr & MXCSR_MODE) != MXCSR_INIT;
}

static bool task__has(const struct census_task *t, unsigned int nr)
{
	return census_task__state(t, nr) == CENSUS_IN_USE;
}

/* Widest first: what costs most to save and, in some CPUs, to run beside. */
static unsigned int task__width(const struct census_task *t)
{
	static const uint64_t wide[] = {
		AMX, XFEATURE_MASK(XFEATURE_ZMM_Hi256), XFEATURE_MASK(XFEATURE_YMM), XFEATURE_MASK_AVX512,
	};
	const unsigned int n = sizeof(wide) / sizeof(wide[0]);
	unsigned int i;

	for (i = 0; i < n; i++)
		if (census_task__any(t, wide[i]) == CENSUS_IN_USE)
			return n + 2 - i;
	if (task__mxcsr_odd(t))
		return 2;
	return census_task__unknown(t) ? 1 : 0;
}

static bool task__is_listed(const struct census_task *t, const struct census_choice *c)
{
	return !(t->flags & CENSUS_KERNEL) && (c->all || task__width(t) || t->avx512_age != UINT64_MAX);
}

static bool task__is_chosen(const struct census_task *t, const struct census_choice *c)
{
	if (c->pids.nr && !idset__has(&c->pids, t->pid))
		return false;
	if (c->by_user && t->uid != c->uid)
		return false;
	return !c->comm || !fnmatch(c->comm, t->comm, 0);
}

/* ---- counts -------------------------------------------------------------------------- */

static void view__count(struct census_view *v, const struct census_task *t)
{
	bool avx512 = census_task__any(t, XFEATURE_MASK_AVX512) == CENSUS_IN_USE;
	uint32_t mxcsr;
	unsigned int nr;

	v->tasks++;
	if (t->flags & CENSUS_RUNNING) {
		v->running++;
		v->unseen += !(t->flags & CENSUS_SEEN);
		if (t->image_age > v->oldest)
			v->oldest = t->image_age;
	}
	if (census_task__unknown(t)) {
		v->unknown++;
		return;
	}
	for (nr = 0; nr < XFEATURE_MAX; nr++)
		v->in_use[nr] += task__has(t, nr);
	v->avx512 += avx512;
	v->narrow_avx512 += avx512 && !task__has(t, XFEATURE_ZMM_Hi256);
	v->amx += census_task__any(t, AMX) == CENSUS_IN_USE;
	v->mxcsr_odd += task__mxcsr_odd(t);
	v->ftz_daz += census_task__mxcsr(t, &mxcsr) && mxcsr & (MXCSR_FTZ | MXCSR_DAZ);
}

static void view__add(struct census_view *v, const struct census_task *t)
{
	struct census_row *r = &v->row[v->nr];

	v->machine |= t->image.supported;
	if (!task__is_chosen(t, v->choice))
		return;
	if (t->flags & CENSUS_KERNEL) {
		v->kernel++;
		return;
	}
	view__count(v, t);
	if (!task__is_listed(t, v->choice))
		return;
	r->task = t;
	r->age = t->avx512_age == UINT64_MAX ? -1 : (double)t->avx512_age / v->hz;
	r->share = v->look->elapsed ? (double)t->runtime / v->look->elapsed : -1;
	v->nr++;
}

/* ---- order ---------------------------------------------------------------------------- */

struct census_sort {
	const char *name;
	int (*compare)(const struct census_row *a, const struct census_row *b);
};

static int order__down(double a, double b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

static int compare_cpu(const struct census_row *a, const struct census_row *b)
{
	return order__down(a->share, b->share);
}

static int compare_width(const struct census_row *a, const struct census_row *b)
{
	int d = (int)task__width(b->task) - (int)task__width(a->task);

	return d ? d : compare_cpu(a, b);
}

static int compare_last(const struct census_row *a, const struct census_row *b)
{
	if (a->age < 0 || b->age < 0)
		return order__down(a->age, b->age);
	return order__down(b->age, a->age);
}

static int compare_switches(const struct census_row *a, const struct census_row *b)
{
	return order__down(a->task->switches.total, b->task->switches.total);
}

static int compare_comm(const struct census_row *a, const struct census_row *b)
{
	return strncmp(a->task->comm, b->task->comm, sizeof(a->task->comm));
}

static int compare_tid(const struct census_row *a, const struct census_row *b)
{
	return order__down(b->task->tid, a->task->tid);
}

static const struct census_sort sorts[] = {
	{ "width", compare_width }, { "cpu", compare_cpu }, { "last", compare_last },
	{ "switches", compare_switches }, { "comm", compare_comm }, { "tid", compare_tid },
};

enum { NR_SORTS = sizeof(sorts) / sizeof(sorts[0]) };

const struct census_sort *census_sort__find(const char *name)
{
	int i;

	for (i = 0; i < NR_SORTS; i++)
		if (!strcmp(sorts[i].name, name))
			return &sorts[i];
	return NULL;
}

const char *census_sort__names(char *buf, size_t size)
{
	size_t n = 0;
	int i;

	for (i = 0; i < NR_SORTS && n < size; i++)
		n += snprintf(buf + n, size - n, "%s%s", i ? ", " : "", sorts[i].name);
	return buf;
}

static int row__compare(const void *pa, const void *pb, void *sort)
{
	const struct census_row *a = pa, *b = pb;
	int d = ((const struct census_sort *)sort)->compare(a, b);

	return d ? d : compare_tid(a, b);
}

/* ---- cells of a task ---------------------------------------------------------------------- */

static struct cell cell__state(enum census_state s)
{
	static const struct cell cells[] = {
		[CENSUS_INIT] = { .kind = CELL_NONE, .text = "init" },
		[CENSUS_IN_USE] = { .kind = CELL_TEXT, .text = "yes" },
		[CENSUS_UNKNOWN] = { .kind = CELL_UNKNOWN },
	};

	return cells[s];
}

/* Of nothing, no share is known. */
static struct cell cell__share_of(uint64_t part, uint64_t whole)
{
	if (!whole)
		return (struct cell){ .kind = CELL_UNKNOWN };
	if (!part)
		return (struct cell){ .kind = CELL_NONE };
	return (struct cell){ .kind = CELL_SHARE, .share = (double)part / whole };
}

static struct cell cell__count(uint64_t n)
{
	return n ? (struct cell){ .kind = CELL_COUNT, .count = n } : (struct cell){ .kind = CELL_NONE };
}

static struct cell cell__mxcsr(const struct census_task *t, char *buf, size_t size)
{
	uint32_t mxcsr;
	size_t n = 0;
	int i;

	buf[0] = '\0';
	if (!census_task__mxcsr(t, &mxcsr))
		return (struct cell){ .kind = CELL_UNKNOWN };
	if (!task__mxcsr_odd(t))
		return (struct cell){ .kind = CELL_NONE, .text = "default" };
	for (i = 0; i < 2; i++)
		if (mxcsr & mxcsr__bits[i].bit)
			n += snprintf(buf + n, size - n, "%s%s", n ? " " : "", mxcsr__bits[i].name);
	if (mxcsr & MXCSR_RC)
		n += snprintf(buf + n, size - n, "%s%s", n ? " " : "", mxcsr__rounding(mxcsr));
	if ((mxcsr & MXCSR_MASKS) != MXCSR_MASKS)
		snprintf(buf + n, size - n, "%sunmasked", n ? " " : "");
	return (struct cell){ .kind = CELL_TEXT, .text = buf };
}

static const char *user__name(uint32_t uid)
{
	static uint32_t last = UINT32_MAX;
	static char name[64];
	const struct passwd *pw;

	if (uid == last && name[0])
		return name;
	pw = getpwuid(uid);
	if (pw)
		snprintf(name, sizeof(name), "%s", pw->pw_name);
	else
		snprintf(name, sizeof(name), "%u", uid);
	last = uid;
	return name;
}

static const char *task__how(const struct census_task *t)
{
	if (census_task__unknown(t))
		return "unknown";
	return t->flags & CENSUS_RUNNING ? "running" : "saved";
}

static const char in_use_group[] = "in use", switch_group[] = "of its switches";

enum task_column {
	COL_PID, COL_TID, COL_USER, COL_CPU, COL_SHARE, COL_SSE, COL_AVX, COL_ZMM, COL_HI16, COL_MASK, COL_AMX,
	COL_TILEDATA, COL_APX, COL_PKRU, COL_MXCSR, COL_LAST, COL_SWITCHES, COL_UPPER, COL_512, COL_AVX512,
	COL_STATE, COL_AGE, COL_GUEST, COL_COMM, NR_TASK_COLUMNS,
};

static const struct column task_columns[NR_TASK_COLUMNS] = {
	[COL_PID]	= { "pid", "PID", CELL_COUNT, 0 },
	[COL_TID]	= { "tid", "TID", CELL_COUNT, COLUMN_KEY },
	[COL_USER]	= { "user", "User", CELL_TEXT, COLUMN_LEFT | COLUMN_FLEX },
	[COL_CPU]	= { "cpu", "CPU", CELL_COUNT, 0 },
	[COL_SHARE]	= { "cpu_share", "%CPU", CELL_SHARE, 0 },
	[COL_SSE]	= { "sse", "128", CELL_TEXT, COLUMN_DATA },
	[COL_AVX]	= { "ymm_hi128", "256", CELL_TEXT, 0, in_use_group },
	[COL_ZMM]	= { "zmm_hi256", "512", CELL_TEXT, 0, in_use_group },
	[COL_HI16]	= { "hi16_zmm", "16-31", CELL_TEXT, 0, in_use_group },
	[COL_MASK]	= { "opmask", "k", CELL_TEXT, 0, in_use_group },
	[COL_AMX]	= { "amx", "AMX", CELL_TEXT, 0, in_use_group },
	[COL_TILEDATA]	= { "tiledata", "tiles", CELL_TEXT, COLUMN_DATA },
	[COL_APX]	= { "apx", "APX", CELL_TEXT, 0, in_use_group },
	[COL_PKRU]	= { "pkru", "PKRU", CELL_TEXT, COLUMN_DATA },
	[COL_MXCSR]	= { "mxcsr", "MXCSR", CELL_TEXT, COLUMN_LEFT },
	[COL_LAST]	= { "avx512_last_seconds", "AVX-512", CELL_SECONDS, 0 },
	[COL_SWITCHES]	= { "switches", "Switches", CELL_COUNT, COLUMN_DATA },
	[COL_UPPER]	= { "switches_upper", "upper", CELL_SHARE, 0, switch_group },
	[COL_512]	= { "switches_512", "512", CELL_SHARE, 0, switch_group },
	[COL_AVX512]	= { "switches_avx512", "AVX-512", CELL_SHARE, COLUMN_DATA },
	[COL_STATE]	= { "state", "State", CELL_TEXT, COLUMN_DATA },
	[COL_AGE]	= { "state_age_seconds", "Age", CELL_SECONDS, COLUMN_DATA },
	[COL_GUEST]	= { "guest", "Guest", CELL_TEXT, COLUMN_DATA },
	[COL_COMM]	= { "comm", "Command", CELL_TEXT, COLUMN_LEFT | COLUMN_FLEX },
};

/* A column over what the machine does not have says nothing. */
static uint64_t task_column__needs(enum task_column c)
{
	static const uint64_t needs[NR_TASK_COLUMNS] = {
		[COL_AVX] = XFEATURE_MASK(XFEATURE_YMM), [COL_ZMM] = XFEATURE_MASK_AVX512,
		[COL_HI16] = XFEATURE_MASK_AVX512, [COL_MASK] = XFEATURE_MASK_AVX512,
		[COL_LAST] = XFEATURE_MASK_AVX512, [COL_512] = XFEATURE_MASK_AVX512,
		[COL_AVX512] = XFEATURE_MASK_AVX512,
		[COL_AMX] = XFEATURE_MASK(XFEATURE_XTILE_CFG), [COL_TILEDATA] = XFEATURE_MASK(XFEATURE_XTILE_CFG),
		[COL_APX] = XFEATURE_MASK(XFEATURE_APX), [COL_PKRU] = XFEATURE_MASK(XFEATURE_PKRU),
	};

	return needs[c];
}

static void task__state_cells(const struct census_task *t, struct cell *c)
{
	static const struct { enum task_column column; enum xfeature nr; } states[] = {
		{ COL_SSE, XFEATURE_SSE }, { COL_AVX, XFEATURE_YMM }, { COL_ZMM, XFEATURE_ZMM_Hi256 },
		{ COL_HI16, XFEATURE_Hi16_ZMM }, { COL_MASK, XFEATURE_OPMASK }, { COL_TILEDATA, XFEATURE_XTILE_DATA },
		{ COL_APX, XFEATURE_APX }, { COL_PKRU, XFEATURE_PKRU },
	};
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		c[states[i].column] = cell__state(census_task__state(t, states[i].nr));
	c[COL_AMX] = cell__state(census_task__any(t, AMX));
}

static void row__cells(const struct census_row *r, struct cell *c, char *mxcsr, size_t size)
{
	const struct census_task *t = r->task;
	const struct census_switches *s = &t->switches;

	c[COL_PID] = (struct cell){ .kind = CELL_COUNT, .count = t->pid };
	c[COL_TID] = (struct cell){ .kind = CELL_COUNT, .count = t->tid };
	c[COL_USER] = (struct cell){ .kind = CELL_TEXT, .text = user__name(t->uid) };
	c[COL_CPU] = (struct cell){ .kind = CELL_COUNT, .count = t->cpu };
	c[COL_SHARE] = (struct cell){ .kind = r->share < 0 ? CELL_UNKNOWN : r->share > 0 ? CELL_SHARE : CELL_NONE, .share = r->share };
	task__state_cells(t, c);
	c[COL_MXCSR] = cell__mxcsr(t, mxcsr, size);
	c[COL_LAST] = (struct cell){ .kind = r->age < 0 ? CELL_TEXT : CELL_SECONDS, .text = "never", .share = r->age };
	c[COL_SWITCHES] = cell__count(s->total);
	c[COL_UPPER] = cell__share_of(s->kind[CENSUS_UPPER], s->total);
	c[COL_512] = cell__share_of(s->kind[CENSUS_ZMM], s->total);
	c[COL_AVX512] = cell__share_of(s->kind[CENSUS_AVX512], s->total);
	c[COL_STATE] = (struct cell){ .kind = CELL_TEXT, .text = task__how(t) };
	c[COL_AGE] = (struct cell){ .kind = census_task__unknown(t) ? CELL_UNKNOWN : CELL_SECONDS, .share = t->image_age / 1e9 };
	c[COL_GUEST] = (struct cell){ .kind = t->image.guest ? CELL_TEXT : CELL_NONE, .text = t->image.guest ? "yes" : "no" };
	c[COL_COMM] = (struct cell){ .kind = CELL_TEXT, .text = t->comm };
}

static void view__table(struct census_view *v, struct output *o)
{
	struct table t = { .view = "tasks", .help = "tasks and the state that they have in use" };
	enum task_column at[NR_TASK_COLUMNS];
	struct cell all[NR_TASK_COLUMNS], cells[NR_TASK_COLUMNS];
	char mxcsr[64];
	unsigned int c;
	size_t i;

	for (c = 0; c < NR_TASK_COLUMNS; c++) {
		if (task_column__needs(c) && !(task_column__needs(c) & v->machine))
			continue;
		at[t.nr_columns] = c;
		t.column[t.nr_columns++] = &task_columns[c];
	}
	o->ops->table_begin(o, &t);
	for (i = 0; i < v->nr; i++) {
		row__cells(&v->row[i], all, mxcsr, sizeof(mxcsr));
		for (c = 0; c < t.nr_columns; c++)
			cells[c] = all[at[c]];
		o->ops->row(o, cells);
	}
	o->ops->table_end(o);
}

/* ---- CPUs --------------------------------------------------------------------------------- */

static const char time_group[] = "of the busy time with state in use";

static const struct column cpu_columns[] = {
	{ "cpu", "CPU", CELL_COUNT, COLUMN_KEY },
	{ "busy_share", "Busy", CELL_SHARE, 0 },
	{ "switches", "Switches", CELL_COUNT, 0 },
	{ "busy_upper", "upper", CELL_SHARE, 0, time_group },
	{ "busy_512", "512", CELL_SHARE, 0, time_group },
	{ "busy_avx512", "AVX-512", CELL_SHARE, 0, time_group },
	{ "busy_amx", "AMX", CELL_SHARE, 0, time_group },
	{ "mhz", "MHz", CELL_COUNT, 0 },
};

enum { NR_CPU_COLUMNS = sizeof(cpu_columns) / sizeof(cpu_columns[0]) };

/* As the governor asked for it, or as the hardware counted it: cpufreq's word. */
static struct cell cell__frequency(unsigned int cpu)
{
	char path[96];
	unsigned long khz = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq", cpu);
	f = fopen(path, "r");
	if (!f)
		return (struct cell){ .kind = CELL_UNKNOWN };
	if (fscanf(f, "%lu", &khz) != 1)
		khz = 0;
	fclose(f);
	return (struct cell){ .kind = khz ? CELL_COUNT : CELL_UNKNOWN, .count = khz / 1000 };
}

static void cpu__cells(const struct census_look *l, unsigned int cpu, struct cell *c)
{
	const struct census_cpu *p = &l->cpu[cpu];
	int k;

	*c++ = (struct cell){ .kind = CELL_COUNT, .count = cpu };
	*c++ = cell__share_of(p->since ? p->busy : 0, p->since ? l->elapsed : 0);
	*c++ = cell__count(p->switches.total);
	for (k = 0; k < CENSUS_KINDS; k++)
		*c++ = cell__share_of(p->kind_busy[k], p->busy);
	*c = cell__frequency(cpu);
}

static void view__cpus(struct census_view *v, struct output *o)
{
	struct table t = { .view = "cpus", .help = "CPUs and the state of what they ran" };
	struct cell cells[NR_CPU_COLUMNS];
	unsigned int i;

	for (i = 0; i < NR_CPU_COLUMNS; i++)
		t.column[t.nr_columns++] = &cpu_columns[i];
	o->ops->table_begin(o, &t);
	for (i = 0; i < v->look->nr_cpus; i++) {
		if (!v->look->cpu[i].online)
			continue;
		cpu__cells(v->look, i, cells);
		o->ops->row(o, cells);
	}
	o->ops->table_end(o);
}

/* ---- head and foot -------------------------------------------------------------------------- */

struct census_head {
	struct head_item item[24];
	size_t nr;
	char text[8][256], time[32];
	unsigned int nr_texts;
};

static void head__text(struct census_head *h, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void head__text(struct census_head *h, unsigned int line, const char *fmt, ...)
{
	char *text = h->text[h->nr_texts++];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(h->text[0]), fmt, ap);
	va_end(ap);
	h->item[h->nr++] = (struct head_item){ .line = line, .text = text };
}

static void head__number(struct census_head *h, const char *key, double number)
{
	h->item[h->nr++] = (struct head_item){ .key = key, .number = number };
}

static unsigned int look__cpus(const struct census_look *l)
{
	unsigned int i, n = 0;

	for (i = 0; i < l->nr_cpus; i++)
		n += l->cpu[i].online;
	return n;
}

static uint64_t look__exited(const struct census_look *l, int kind)
{
	uint64_t n = 0;
	unsigned int i;

	for (i = 0; i < l->nr_cpus; i++)
		n += kind < 0 ? l->cpu[i].exited : l->cpu[i].exited_kind[kind];
	return n;
}

static void view__head_numbers(const struct census_view *v, struct census_head *h)
{
	const struct census_look *l = v->look;

	h->item[h->nr++] = (struct head_item){ .key = "time", .value = h->time };
	snprintf(h->time, sizeof(h->time), "%llu.%09llu", (unsigned long long)(l->time / 1000000000),
		 (unsigned long long)(l->time % 1000000000));
	head__number(h, "interval_seconds", l->elapsed / 1e9);
	head__number(h, "cpus", look__cpus(l));
	head__number(h, "tasks", v->tasks);
	head__number(h, "kernel_threads", v->kernel);
	head__number(h, "running", v->running);
	head__number(h, "unknown", v->unknown);
	head__number(h, "unknown_running", v->unseen);
	head__number(h, "in_use_256", v->in_use[XFEATURE_YMM]);
	head__number(h, "in_use_512", v->in_use[XFEATURE_ZMM_Hi256]);
	head__number(h, "in_use_avx512", v->avx512);
	head__number(h, "in_use_amx", v->amx);
	head__number(h, "mxcsr_changed", v->mxcsr_odd);
	head__number(h, "ftz_or_daz", v->ftz_daz);
	head__number(h, "exited", look__exited(l, -1));
	head__number(h, "exited_512", look__exited(l, CENSUS_ZMM));
	head__number(h, "exited_amx", look__exited(l, CENSUS_AMX));
}

static void view__head(const struct census_view *v, struct output *o)
{
	const struct census_look *l = v->look;
	unsigned int cpus = look__cpus(l);
	struct census_head h = { .nr = 0 };

	head__text(&h, 0, "census of %u CPU%s over %.1f s", cpus, cpus == 1 ? "" : "s", l->elapsed / 1e9);
	head__text(&h, 0, "%zu tasks with user registers, %zu listed", v->tasks, v->nr);
	head__text(&h, 0, "%zu kernel threads without", v->kernel);
	if (v->running > v->unseen)
		head__text(&h, 1, "%zu running: shown as they came to their CPU, %.0f ms before at the most",
			   v->running - v->unseen, v->oldest / 1e6);
	head__text(&h, 1, "%zu unknown%s", v->unknown, v->unseen ? ": running since before the census" : "");
	if (v->unknown > v->unseen)
		head__text(&h, 1, "%zu of these saved without XSAVE, or not readable", v->unknown - v->unseen);
	head__text(&h, 2, "yes: in use, -: in its init state, ?: unknown");
	view__head_numbers(v, &h);
	o->ops->head(o, h.item, h.nr);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* Where: "0 (12 %), 3 (5 %)", the first eight. */
static void look__where(const struct census_look *l, char *buf, size_t size)
{
	const struct census_cpu *c;
	unsigned int i, listed = 0;
	size_t n = 0;

	buf[0] = '\0';
	for (i = 0; i < l->nr_cpus && n < size; i++) {
		c = &l->cpu[i];
		if (!c->busy || !c->kind_busy[CENSUS_ZMM])
			continue;
		if (listed++ == 8) {
			snprintf(buf + n, size - n, " and more: see --cpus");
			return;
		}
		n += snprintf(buf + n, size - n, "%s%u (%.0f %%)", listed > 1 ? ", " : "", i,
			      100.0 * c->kind_busy[CENSUS_ZMM] / c->busy);
	}
}

static void view__foot(const struct census_view *v, struct output *o)
{
	size_t known = v->tasks - v->unknown;
	char text[512], where[256];
	uint64_t gone = look__exited(v->look, -1);

	if (v->machine & XFEATURE_MASK_AVX512)
		snprintf(text, sizeof(text), "%zu of %zu tasks have AVX-512 state in use: %zu of these the upper halves of zmm0-15, %zu only zmm16-31 or opmasks, as EVEX code of 128 and 256 bits has",
			 v->avx512, known, v->avx512 - v->narrow_avx512, v->narrow_avx512);
	else
		snprintf(text, sizeof(text), "%zu of %zu tasks have AVX state in use (the upper halves of ymm0-15)", v->in_use[XFEATURE_YMM], known);
	o->ops->note(o, text);
	snprintf(text, sizeof(text), "%zu task%s ha%s AMX state in use, %zu run%s with FTZ or DAZ",
		 v->amx, plural(v->amx), v->amx == 1 ? "s" : "ve", v->ftz_daz, v->ftz_daz == 1 ? "s" : "");
	o->ops->note(o, text);
	look__where(v->look, where, sizeof(where));
	if (where[0]) {
		snprintf(text, sizeof(text), "CPUs that ran tasks with 512-bit state in use, and for how much of their busy time: %s", where);
		o->ops->note(o, text);
	}
	if (gone) {
		snprintf(text, sizeof(text), "on the whole machine %llu thread%s ended meanwhile, %llu of them with 512-bit state in use before",
			 (unsigned long long)gone, plural(gone), (unsigned long long)look__exited(v->look, CENSUS_ZMM));
		o->ops->note(o, text);
	}
}

int census__print(struct output *o, const struct census_look *l, const struct census_choice *c, struct err *e)
{
	struct census_view v = { .look = l, .choice = c, .hz = timer__hz() };
	const struct census_sort *sort = c->sort ? c->sort : &sorts[0];
	size_t i;

	v.row = calloc(l->nr + 1, sizeof(*v.row));
	if (!v.row)
		return err__set(e, "cannot take a census: out of memory");
	for (i = 0; i < l->nr; i++)
		view__add(&v, &l->task[i]);
	qsort_r(v.row, v.nr, sizeof(*v.row), row__compare, (void *)sort);
	view__head(&v, o);
	view__table(&v, o);
	if (c->cpus)
		view__cpus(&v, o);
	view__foot(&v, o);
	free(v.row);
	return 0;
}
