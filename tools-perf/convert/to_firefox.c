/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Firefox Profiler's processed profile format, version 47
 * [firefox-devtools/profiler, docs-developer/CHANGELOG-formats.md]: tables as
 * columns, a set for each thread. Spans of equal width in use and MXCSR are
 * markers. All of a thread's columns are in memory until the end, as the format
 * wants them one behind the other.
 */
#include <stdlib.h>
#include <string.h>

#include "convert/convert.h"
#include "output/numfmt.h"
#include "util/htab.h"

enum { FORMAT_VERSION = 47, GECKO_VERSION = 29 };

struct column {
	uint64_t *v;
	size_t nr, max;
};

/* A span in which the marked state did not change. */
struct span_marker {
	const char *width, *mxcsr;
	uint64_t start, end;
};

struct ff_thread {
	struct ff_thread *next;
	uint32_t pid, tid;
	const char *comm;
	struct htab nodes, frames, funcs;
	struct column prefix, frame;		/* stacks; prefix is 1 + number, 0: none */
	struct column place;			/* frames: pointers to locations */
	struct column func_of, func;		/* of each frame; pointers to symbols */
	struct column stack, time;		/* samples */
	struct span_marker *markers;
	size_t nr_markers, max_markers;
};

struct firefox {
	struct arena arena;
	struct ff_thread *threads, **last;
	struct stack stack;
	uint64_t first;				/* time of the first sample */
	bool timed;
};

static int column__add(struct column *c, uint64_t v)
{
	size_t max = c->max ? 2 * c->max : 64;
	uint64_t *p;

	if (c->nr == c->max) {
		p = realloc(c->v, max * sizeof(*p));
		if (!p)
			return -1;
		c->v = p;
		c->max = max;
	}
	c->v[c->nr++] = v;
	return 0;
}

/* ---- numbers of what was seen before ---------------------------------------------------- */

struct ff_item {
	uint64_t a, b;
	size_t nr;
};

static bool item__equal(const void *item, const void *key)
{
	const struct ff_item *x = item, *y = key;

	return x->a == y->a && x->b == y->b;
}

/* Return: its number; @added says whether it is new. -1: out of memory. */
static int64_t item__number(struct firefox *f, struct htab *t, uint64_t a, uint64_t b, bool *added)
{
	const struct ff_item key = { a, b, t->used };
	uint64_t hash = hash_u64(hash_u64(6, a), b);
	struct ff_item *i = htab__find(t, hash, item__equal, &key);

	*added = !i;
	if (i)
		return i->nr;
	i = arena__alloc(&f->arena, sizeof(*i));
	if (!i)
		return -1;
	*i = key;
	return htab__add(t, hash, i) ? -1 : (int64_t)i->nr;
}

static int64_t thread__func(struct firefox *f, struct ff_thread *t, const struct symbol *sym)
{
	bool added;
	int64_t nr = item__number(f, &t->funcs, sym->id, 0, &added);

	return nr >= 0 && added && column__add(&t->func, (uintptr_t)sym) ? -1 : nr;
}

static int64_t thread__frame(struct firefox *f, struct ff_thread *t, const struct location *l)
{
	bool added;
	int64_t func, nr = item__number(f, &t->frames, l->id, 0, &added);

	if (nr < 0 || !added)
		return nr;
	func = thread__func(f, t, l->sym);
	return func < 0 || column__add(&t->place, (uintptr_t)l) || column__add(&t->func_of, func) ? -1 : nr;
}

/* The stack's node in the tree of prefixes; outermost frames first. */
static int64_t thread__stack(struct firefox *f, struct ff_thread *t)
{
	int64_t frame, nr = -1;
	uint64_t prefix = 0;
	unsigned int i;
	bool added;

	for (i = f->stack.nr; i--; prefix = nr + 1) {
		frame = thread__frame(f, t, f->stack.frame[i]);
		nr = frame < 0 ? -1 : item__number(f, &t->nodes, prefix, frame, &added);
		if (nr < 0 || (added && (column__add(&t->prefix, prefix) || column__add(&t->frame, frame))))
			return -1;
	}
	return nr;
}

/* ---- samples --------------------------------------------------------------------------- */

static int firefox__open(struct convert *c, struct err *e)
{
	struct firefox *f = calloc(1, sizeof(*f));

	c->priv = f;
	if (!f)
		return err__set(e, "out of memory");
	f->last = &f->threads;
	return 0;
}

static struct ff_thread *firefox__thread(struct firefox *f, const struct convert_sample *x)
{
	struct ff_thread *t;

	for (t = f->threads; t; t = t->next)
		if (t->pid == x->s->pid && t->tid == x->s->tid)
			return t;
	t = arena__alloc(&f->arena, sizeof(*t));
	if (!t || !(t->comm = arena__copy(&f->arena, x->comm, strlen(x->comm))))
		return NULL;
	t->pid = x->s->pid;
	t->tid = x->s->tid;
	*f->last = t;
	f->last = &t->next;
	return t;
}

static const char *firefox__mxcsr(const struct xstate_regs *r)
{
	static const char *const names[] = { "MXCSR without FTZ and DAZ", "DAZ", "FTZ", "FTZ and DAZ" };

	if (r->mxcsr_state == XSTATE_UNKNOWN)
		return "MXCSR unknown";
	return names[(r->mxcsr & MXCSR_FTZ ? 2 : 0) + (r->mxcsr & MXCSR_DAZ ? 1 : 0)];
}

static int thread__mark(struct ff_thread *t, const char *width, const char *mxcsr, uint64_t time)
{
	struct span_marker *m = t->nr_markers ? &t->markers[t->nr_markers - 1] : NULL;
	size_t max = t->max_markers ? 2 * t->max_markers : 16;

	if (m)
		m->end = time;
	if (m && m->width == width && m->mxcsr == mxcsr)
		return 0;
	if (t->nr_markers == t->max_markers) {
		m = realloc(t->markers, max * sizeof(*m));
		if (!m)
			return -1;
		t->markers = m;
		t->max_markers = max;
	}
	t->markers[t->nr_markers++] = (struct span_marker){ width, mxcsr, time, time };
	return 0;
}

static int firefox__sample(struct convert *c, const struct convert_sample *x, struct err *e)
{
	struct firefox *f = c->priv;
	struct ff_thread *t = firefox__thread(f, x);
	/* without a time, samples follow each other a millisecond apart */
	uint64_t time = x->s->type & PERF_SAMPLE_TIME ? x->s->time : c->counts.samples * 1000000;
	int64_t stack;

	if (!f->timed) {
		f->first = time;
		f->timed = true;
	}
	time = time < f->first ? 0 : time - f->first;
	c->root = ROOT_WIDTH;
	stack__of(&f->stack, c, x);
	stack = t ? thread__stack(f, t) : -1;
	if (stack < 0 || column__add(&t->stack, stack) || column__add(&t->time, time) ||
	    thread__mark(t, convert__root(c, x), firefox__mxcsr(x->user), time))
		return err__set(e, "out of memory");
	return 0;
}

/* ---- JSON ------------------------------------------------------------------------------ */

static void put_u64(struct obuf *o, uint64_t v)
{
	obuf__set(o, numfmt__u64(obuf__room(o, NUMFMT_MAX), v));
}

/* Milliseconds, exactly. */
static void put_time(struct obuf *o, uint64_t ns)
{
	put_u64(o, ns / 1000000);
	obuf__char(o, '.');
	obuf__set(o, numfmt__u64_width(obuf__room(o, NUMFMT_MAX), ns % 1000000, 6, '0'));
}

static void put_name(struct obuf *o, const char *name)
{
	obuf__text(o, ",\"");
	obuf__text(o, name);
	obuf__text(o, "\":[");
}

/* One column of @n cells: @put writes the i-th, or every cell is @same. */
static void put_column(struct obuf *o, const char *name, size_t n, const struct ff_thread *t,
		       void (*put)(struct obuf *o, const struct ff_thread *t, size_t i), const char *same)
{
	size_t i;

	put_name(o, name);
	for (i = 0; i < n; i++) {
		if (i)
			obuf__char(o, ',');
		if (put)
			put(o, t, i);
		else
			obuf__text(o, same);
	}
	obuf__char(o, ']');
}

static void cell__prefix(struct obuf *o, const struct ff_thread *t, size_t i)
{
	if (t->prefix.v[i])
		put_u64(o, t->prefix.v[i] - 1);
	else
		obuf__text(o, "null");
}

static void cell__frame(struct obuf *o, const struct ff_thread *t, size_t i)
{
	put_u64(o, t->frame.v[i]);
}

static void cell__address(struct obuf *o, const struct ff_thread *t, size_t i)
{
	put_u64(o, ((const struct location *)(uintptr_t)t->place.v[i])->addr);
}

static void cell__func(struct obuf *o, const struct ff_thread *t, size_t i)
{
	put_u64(o, t->func_of.v[i]);
}

static void cell__number(struct obuf *o, const struct ff_thread *t, size_t i)
{
	(void)t;
	put_u64(o, i);
}

static void cell__stack(struct obuf *o, const struct ff_thread *t, size_t i)
{
	put_u64(o, t->stack.v[i]);
}

static void cell__time(struct obuf *o, const struct ff_thread *t, size_t i)
{
	put_time(o, t->time.v[i]);
}

static void cell__start(struct obuf *o, const struct ff_thread *t, size_t i)
{
	put_time(o, t->markers[i].start);
}

static void cell__end(struct obuf *o, const struct ff_thread *t, size_t i)
{
	put_time(o, t->markers[i].end);
}

static void cell__marker(struct obuf *o, const struct ff_thread *t, size_t i)
{
	obuf__text(o, "{\"type\":\"xregs\",\"width\":\"");
	obuf__text(o, t->markers[i].width);
	obuf__text(o, "\",\"mxcsr\":\"");
	obuf__text(o, t->markers[i].mxcsr);
	obuf__text(o, "\"}");
}

static void cell__marker_name(struct obuf *o, const struct ff_thread *t, size_t i)
{
	(void)i;
	put_u64(o, t->func.nr);		/* the string behind those of functions */
}

static void cell__string(struct obuf *o, const struct ff_thread *t, size_t i)
{
	obuf__json_string(o, i == t->func.nr ? "registers" : ((const struct symbol *)(uintptr_t)t->func.v[i])->name);
}

static void table__begin(struct obuf *o, const char *name, size_t n)
{
	obuf__printf(o, ",\"%s\":{\"length\":%zu", name, n);
}

static void thread__stacks(struct obuf *o, const struct ff_thread *t)
{
	size_t n = t->prefix.nr;

	table__begin(o, "stackTable", n);
	put_column(o, "prefix", n, t, cell__prefix, NULL);
	put_column(o, "frame", n, t, cell__frame, NULL);
	put_column(o, "category", n, t, NULL, "0");
	put_column(o, "subcategory", n, t, NULL, "0");
	obuf__char(o, '}');
}

static void thread__frames(struct obuf *o, const struct ff_thread *t)
{
	static const char *const nulls[] = { "category", "subcategory", "nativeSymbol", "innerWindowID", "implementation", "line", "column" };
	size_t n = t->place.nr, i;

	table__begin(o, "frameTable", n);
	put_column(o, "address", n, t, cell__address, NULL);
	put_column(o, "inlineDepth", n, t, NULL, "0");
	put_column(o, "func", n, t, cell__func, NULL);
	for (i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
		put_column(o, nulls[i], n, t, NULL, "null");
	obuf__char(o, '}');
	n = t->func.nr;
	table__begin(o, "funcTable", n);
	put_column(o, "name", n, t, cell__number, NULL);
	put_column(o, "isJS", n, t, NULL, "false");
	put_column(o, "relevantForJS", n, t, NULL, "false");
	put_column(o, "resource", n, t, NULL, "-1");
	put_column(o, "fileName", n, t, NULL, "null");
	put_column(o, "lineNumber", n, t, NULL, "null");
	put_column(o, "columnNumber", n, t, NULL, "null");
	obuf__char(o, '}');
}

static void thread__markers(struct obuf *o, const struct ff_thread *t)
{
	size_t n = t->nr_markers;

	table__begin(o, "markers", n);
	put_column(o, "name", n, t, cell__marker_name, NULL);
	put_column(o, "startTime", n, t, cell__start, NULL);
	put_column(o, "endTime", n, t, cell__end, NULL);
	put_column(o, "phase", n, t, NULL, "1");	/* an interval */
	put_column(o, "category", n, t, NULL, "0");
	put_column(o, "data", n, t, cell__marker, NULL);
	obuf__char(o, '}');
}

static void thread__put(struct obuf *o, const struct ff_thread *t)
{
	obuf__printf(o, "{\"processType\":\"default\",\"processStartupTime\":0,\"processShutdownTime\":null,"
		     "\"registerTime\":0,\"unregisterTime\":null,\"pausedRanges\":[],\"isMainThread\":%s,"
		     "\"pid\":\"%u\",\"tid\":%u,\"name\":", t->pid == t->tid ? "true" : "false", t->pid, t->tid);
	obuf__json_string(o, t->comm);
	obuf__text(o, ",\"processName\":");
	obuf__json_string(o, t->comm);
	table__begin(o, "samples", t->stack.nr);
	put_column(o, "stack", t->stack.nr, t, cell__stack, NULL);
	put_column(o, "time", t->time.nr, t, cell__time, NULL);
	obuf__text(o, ",\"weight\":null,\"weightType\":\"samples\"}");
	thread__markers(o, t);
	thread__stacks(o, t);
	thread__frames(o, t);
	obuf__text(o, ",\"resourceTable\":{\"length\":0,\"lib\":[],\"name\":[],\"host\":[],\"type\":[]},"
		   "\"nativeSymbols\":{\"length\":0,\"address\":[],\"functionSize\":[],\"libIndex\":[],\"name\":[]}");
	put_column(o, "stringArray", t->func.nr + 1, t, cell__string, NULL);
	obuf__char(o, '}');
}

static void firefox__head(struct convert *c)
{
	const struct perfdata_info *info = perfdata_reader__info(c->reader);
	char text[512];
	const char *product = perfdata_info__recorded(info, text, sizeof(text));

	obuf__printf(&c->out, "{\"meta\":{\"interval\":1,\"startTime\":0,\"processType\":0,\"stackwalk\":1,\"debug\":false,"
		     "\"version\":%d,\"preprocessedProfileVersion\":%d,\"symbolicated\":true,\"abi\":\"x86_64\",", GECKO_VERSION, FORMAT_VERSION);
	obuf__text(&c->out, "\"usesOnlyOneStackType\":true,\"doesNotUseFrameImplementation\":true,\"sourceCodeIsNotOnSearchfox\":true,"
		   "\"extensions\":{\"length\":0,\"id\":[],\"name\":[],\"baseURL\":[]},"
		   "\"categories\":[{\"name\":\"Other\",\"color\":\"grey\",\"subcategories\":[\"Other\"]}],"
		   "\"markerSchema\":[{\"name\":\"xregs\",\"tooltipLabel\":\"{marker.data.width}, {marker.data.mxcsr}\","
		   "\"tableLabel\":\"{marker.data.width}, {marker.data.mxcsr}\",\"chartLabel\":\"{marker.data.width}, {marker.data.mxcsr}\","
		   "\"display\":[\"marker-chart\",\"marker-table\"],\"data\":["
		   "{\"key\":\"width\",\"label\":\"Vector width\",\"format\":\"string\",\"searchable\":true},"
		   "{\"key\":\"mxcsr\",\"label\":\"MXCSR\",\"format\":\"string\",\"searchable\":true}]}],\"product\":");
	obuf__json_string(&c->out, product ? product : "perf-xregs");
	obuf__text(&c->out, "},\"libs\":[],\"threads\":[");
}

static void thread__free(struct ff_thread *t)
{
	free(t->prefix.v);
	free(t->frame.v);
	free(t->place.v);
	free(t->func_of.v);
	free(t->func.v);
	free(t->stack.v);
	free(t->time.v);
	free(t->markers);
	htab__free(&t->nodes);
	htab__free(&t->frames);
	htab__free(&t->funcs);
}

static int firefox__close(struct convert *c, bool failed, struct err *e)
{
	struct firefox *f = c->priv;
	struct ff_thread *t;

	(void)e;
	if (!f)
		return 0;
	if (!failed)
		firefox__head(c);
	for (t = f->threads; t; t = t->next) {
		if (!failed && t != f->threads)
			obuf__char(&c->out, ',');
		if (!failed)
			thread__put(&c->out, t);
		thread__free(t);
	}
	if (!failed)
		obuf__text(&c->out, "],\"pages\":[],\"profilerOverhead\":[],\"counters\":[]}\n");
	arena__free(&f->arena);
	free(f);
	return 0;
}

const struct converter convert_firefox = {
	.name = "firefox", .help = "processed profile of the Firefox Profiler, with markers", .text = true,
	.open = firefox__open, .sample = firefox__sample, .close = firefox__close,
};
