/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/callchain.h"
#include "util/list.h"
#include "views/pass.h"

static bool list__has_number(const char *list, uint32_t v)
{
	char number[16];

	snprintf(number, sizeof(number), "%" PRIu32, v);
	return list__has(list, number);
}

static bool options__want(const struct pass_options *o, const struct facts *f)
{
	const struct dso *d = f->loc->sym->dso;

	return (!o->comms || list__has(o->comms, f->comm)) &&
	       (!o->dsos || list__has(o->dsos, d->name) || list__has(o->dsos, d->path)) &&
	       (!o->symbols || list__has(o->symbols, f->loc->sym->name)) &&
	       (!o->pids || list__has_number(o->pids, f->s->pid)) &&
	       (!o->tids || list__has_number(o->tids, f->s->tid));
}

static void pass__regs(struct pass *p, const struct perfdata_record *rec, struct xstate_regs *regs)
{
	const struct perfdata_info *info = perfdata_reader__info(p->reader);
	int ret = sample__state(&rec->sample, info->has_layout ? &info->layout : NULL,
				p->opt->intr, regs);

	if (ret && !p->tally.malformed++) {
		p->tally.first_malformed = ret;
		p->tally.first_malformed_offset = rec->offset;
	}
	tally__add(&p->tally, &rec->sample, regs, p->requested);
}

static void pass__count_event(struct pass *p, const struct sample *s)
{
	unsigned int nr, i = s->attr - perfdata_reader__attrs(p->reader, &nr);

	if (i < p->tally.nr_events)
		p->tally.per_event[i]++;
}

static void pass__sample(struct pass *p, const struct perfdata_record *rec)
{
	const struct sample *s = &rec->sample;
	struct xstate_regs regs;
	struct callchain room;
	struct facts_chain chain = { .machine = p->machine, .c = &room };
	struct facts f = { .s = s, .weight = 1, .chain = &chain };
	struct trail *trail = trails__find(&p->trails, s);
	unsigned int i;

	machine__expect_next(p->machine, p->reader);
	f.loc = machine__find(p->machine, s->pid, s->ip, s->cpumode);
	pass__regs(p, rec, &regs);
	pass__count_event(p, s);
	if (!p->first_time)
		p->first_time = s->time;
	f.insn = machine__insn(p->machine, f.loc);
	f.nr_reads = machine__reads(p->machine, f.loc, &f.reads);
	f.comm = machine__comm(p->machine, s->pid, s->tid);
	f.seconds = s->time > p->first_time ? (s->time - p->first_time) / 1e9 : 0;
	if (p->by_period && s->period)
		f.weight = s->period;
	f.trail = trail;
	facts__regs(&f, &regs, &p->facts);
	machine__expect_soon(p->machine);
	if (s->cpumode == PERF_RECORD_MISC_USER) {
		p->tally.insn_known += f.insn->known;
		p->tally.reads_fp += f.nr_fp || f.fp_unknown;
	}
	if (!options__want(p->opt, &f) || !record_filter__pass(&p->filter, s, &regs)) {
		p->tally.filtered++;
		for (i = 0; i < p->nr_hists; i++)
			hist__skip(&p->hist[i], &f);
	} else {
		for (i = 0; i < p->nr_hists; i++)
			hist__add(&p->hist[i], &f);
	}
	if (trail)
		trail__sampled(trail, &f);
}

int pass_options__type(struct pass_options *o, const char *arg, struct err *e)
{
	if (xstate_type__parse(arg, strlen(arg), &o->facts.type) || !xstate_type__is_fp(o->facts.type))
		return err__usage(e, "'--type=%s' is not a floating point lane type; there are: f16 bf16 f32 f64", arg);
	o->facts.type_given = true;
	o->type = arg;
	return 0;
}

int pass__open(struct pass *p, const struct pass_options *opt, struct err *e)
{
	struct machine_options mo = { .symfs = opt->symfs, .no_demangle = opt->no_demangle,
				      .build_id = perfdata_reader__build_id };
	unsigned int nr;

	p->opt = opt;
	p->facts = opt->facts;
	if (record_filter__open(&p->filter, opt->filter, e) ||
	    perfdata_reader__open(opt->input ? opt->input : "perf.data", &p->reader, e) ||
	    record_filter__formats(&p->filter, p->reader, e))
		return -1;
	mo.info = perfdata_reader__info(p->reader);
	mo.reader = p->reader;
	if (machine__new(&mo, &p->machine, e))
		return -1;
	p->filter.machine = p->machine;
	p->filter.intr = opt->intr;
	perfdata_reader__attrs(p->reader, &nr);
	/* periods of different events are not of one unit */
	p->by_period = nr <= 1;
	p->tally.nr_events = nr;
	p->tally.per_event = calloc(nr + 1, sizeof(*p->tally.per_event));
	if (!p->tally.per_event)
		return err__set(e, "out of memory");
	p->requested = info__requested(mo.info);
	return 0;
}

int pass__add_view(struct pass *p, const struct view *v, const char *sort, struct err *e)
{
	struct hist *h = &p->hist[p->nr_hists];

	if (p->nr_hists == PASS_MAX_VIEWS)
		return err__set(e, "more than %d views in one pass", PASS_MAX_VIEWS);
	if (hist__init(h, v, p->machine, sort, e))
		return -1;
	h->show_values = p->opt->show_values;
	h->want_callers |= p->opt->callers;
	p->facts.want_nonzero |= v == &view_width;
	p->nr_hists++;
	return 0;
}

int pass__add_findings(struct pass *p, struct err *e)
{
	static const struct view *const needed[] = { &view_summary, &view_mxcsr, &view_mask, &view_cpu };
	unsigned int i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!pass__hist(p, needed[i]) && pass__add_view(p, needed[i], NULL, e))
			return -1;
	return 0;
}

bool pass__has_chains(const struct pass *p)
{
	unsigned int i, nr;
	const struct perfdata_attr *a = perfdata_reader__attrs(p->reader, &nr);

	for (i = 0; i < nr; i++)
		if (attr__has_chains(&a[i]))
			return true;
	return p->trails.no_memory;
}

struct hist *pass__hist(struct pass *p, const struct view *v)
{
	unsigned int i;

	for (i = 0; i < p->nr_hists; i++)
		if (p->hist[i].view == v)
			return &p->hist[i];
	return NULL;
}

static bool pass__no_memory(const struct pass *p)
{
	unsigned int i;

	for (i = 0; i < p->nr_hists; i++)
		if (p->hist[i].no_memory)
			return true;
	return false;
}

enum { TICK_RECORDS = 1024 };		/* a few milliseconds */

static bool pass__ended(struct pass *p)
{
	uint64_t done, size = perfdata_reader__size(p->reader, &done);

	return p->tick(p->tick_ctx, done, size);
}

static int pass__records(struct pass *p, struct err *e)
{
	struct perfdata_record rec;
	uint64_t n = 0;
	int ret;

	while ((ret = perfdata_reader__next(p->reader, &rec, e)) > 0) {
		if (p->tick && n++ % TICK_RECORDS == 0 && pass__ended(p))
			return err__set(e, "ended before the whole recording was read");
		if (rec.kind == PERFDATA_SAMPLE)
			pass__sample(p, &rec);
		else if (machine__record(p->machine, &rec, e))
			return -1;
		if (rec.kind == PERFDATA_MMAP && rec.cpumode == PERF_RECORD_MISC_USER)
			trails__mapped(&p->trails, &rec.mmap);
	}
	return ret;
}

int pass__read(struct pass *p, struct err *e)
{
	const char *path = p->opt->input ? p->opt->input : "perf.data";
	int ret = pass__records(p, e);

	if (!ret && pass__no_memory(p))
		return err__set(e, "out of memory: rows are missing; narrow it with --filter");
	if (!ret && !p->tally.samples)
		return err__set(e, "'%s' holds no samples; did the program run long enough? perf xregs record -F sets the rate", path);
	return ret;
}

void pass__head(const struct pass *p, struct output *o)
{
	struct head head = { .info = perfdata_reader__info(p->reader), .stats = perfdata_reader__stats(p->reader),
			     .tally = &p->tally, .type = p->opt->type, .records = &p->filter };

	head.attrs = perfdata_reader__attrs(p->reader, &head.nr_attrs);
	head__print(&head, o);
}

void pass__note_chains(const struct pass *p, const struct hist *h, struct output *o)
{
	bool asked = p->opt->callers || h->view == &view_dirty || h->view == &view_callers;

	if (asked && !pass__has_chains(p))
		o->ops->note(o, "callers are not known: perf xregs record -g takes call chains, --call-graph dwarf also through code without frame pointers");
}

void pass__free(struct pass *p)
{
	unsigned int i;

	for (i = 0; i < p->nr_hists; i++)
		hist__free(&p->hist[i]);
	trails__free(&p->trails);
	record_filter__close(&p->filter);
	free(p->tally.per_event);
	machine__free(p->machine);
	if (p->reader)
		perfdata_reader__close(p->reader);
}
