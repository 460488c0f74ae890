/* SPDX-License-Identifier: GPL-2.0-only */
/* perf xregs script: one sample after another, with its registers. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "filter/records.h"
#include "machine/callchain.h"
#include "output/output.h"
#include "output/regdefault.h"
#include "output/script.h"
#include "util/idset.h"
#include "util/list.h"
#include "util/options.h"
#include "util/time.h"

struct script {
	const char *input, *regs, *type, *fields, *symfs;
	const char *comms, *pids, *tids, *cpus, *time, *symbols, *expression;
	uint64_t max_samples;
	bool json, intr, no_demangle, no_pager, help;

	/* made of the above */
	struct perfdata_reader *reader;
	struct machine *machine;
	struct obuf buf;
	struct pager *pager;
	struct regview view;
	struct regtypes types;
	struct script_output out;
	struct idset pid_set, tid_set, cpu_set;
	struct record_filter filter;
	uint64_t time_from, time_to;
	bool infer, need_comm, need_location, need_insn;

	uint64_t printed, without, malformed;
	const char *first_malformed;
	uint64_t first_malformed_at;
};

/* ---- options ------------------------------------------------------------------------- */

#define FIELD_NAMES "comm pid tid cpu time event period ip sym symoff dso insn srcline args trace callchain regs"

enum option_id {
	OPT_REGS = OPTION_LONG, OPT_TYPE, OPT_JSON, OPT_INTR, OPT_PID, OPT_TID, OPT_TIME, OPT_MAX, OPT_FILTER,
	OPT_SYMFS, OPT_NO_DEMANGLE, OPT_NO_PAGER,
};

static const struct cmd_option option_table[] = {
	{ "input",	 'i',		  "FILE",    "read FILE instead of perf.data; '-' is a pipe" },
	{ "regs",	 OPT_REGS,	  "LIST",    "registers: classes, names, ranges (default: what the file has)" },
	{ "type",	 OPT_TYPE,	  "TYPE",    "lanes of i8 u8 i16 u16 i32 u32 i64 u64 f16 bf16 f32 f64; auto (default): by the code; none: raw bits" },
	{ "intr",	 OPT_INTR,	  NULL,	     "the interrupted state, where the file has it, not the user's" },
	{ "json",	 OPT_JSON,	  NULL,	     "NDJSON: one object a line, see perf-xregs(1)" },
	{ "fields",	 'F',		  "LIST",    "fields as below; +NAME and -NAME change the default" },
	{ "comms",	 'c',		  "LIST",    "only threads of these names" },
	{ "pid",	 OPT_PID,	  "LIST",    "only these processes" },
	{ "tid",	 OPT_TID,	  "LIST",    "only these threads" },
	{ "cpu",	 'C',		  "LIST",    "only these CPUs: 0,2-3" },
	{ "time",	 OPT_TIME,	  "FROM,TO", "only this time: seconds as printed, either may be missing" },
	{ "symbols",	 'S',		  "LIST",    "only samples in these symbols" },
	{ "filter",	 OPT_FILTER,	  "EXPR",    "only samples for which EXPR is true, as in 'mxcsr & daz, any(ymm.f64) == nan'" },
	{ "max-samples", OPT_MAX,	  "N",	     "stop after N samples" },
	{ "symfs",	 OPT_SYMFS,	  "DIR",     "look for binaries below DIR" },
	{ "no-demangle", OPT_NO_DEMANGLE, NULL,	     "print symbols of C++ and Rust as they are in the file" },
	{ "no-pager",	 OPT_NO_PAGER,	  NULL,	     "never start a pager" },
	{ "help",	 'h',		  NULL,	     "show this" },
};

static int script__number(const char *option, const char *text, uint64_t *v, struct err *e)
{
	char *end;

	errno = 0;
	*v = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno)
		return err__usage(e, "%s '%s' is no number", option, text);
	return 0;
}

static int option__set(void *ctx, int id, const char *arg, struct err *e)
{
	struct script *s = ctx;

	switch (id) {
	case 'i':		s->input = arg;		return 0;
	case 'F':		s->fields = arg;	return 0;
	case 'c':		s->comms = arg;		return 0;
	case 'C':		s->cpus = arg;		return 0;
	case 'S':		s->symbols = arg;	return 0;
	case 'h':		s->help = true;		return 0;
	case OPT_REGS:		s->regs = arg;		return 0;
	case OPT_TYPE:		s->type = arg;		return 0;
	case OPT_PID:		s->pids = arg;		return 0;
	case OPT_TID:		s->tids = arg;		return 0;
	case OPT_TIME:		s->time = arg;		return 0;
	case OPT_SYMFS:		s->symfs = arg;		return 0;
	case OPT_FILTER:	s->expression = arg;	return 0;
	case OPT_JSON:		s->json = true;		return 0;
	case OPT_INTR:		s->intr = true;		return 0;
	case OPT_NO_DEMANGLE:	s->no_demangle = true;	return 0;
	case OPT_NO_PAGER:	s->no_pager = true;	return 0;
	case OPT_MAX:		return script__number("--max-samples", arg, &s->max_samples, e);
	}
	return -1;
}

static const struct cmd_options options = {
	.verb = "script", .table = option_table, .nr = sizeof(option_table) / sizeof(option_table[0]), .set = option__set,
};

static void script__help(void)
{
	fputs("usage: perf xregs script [OPTIONS]\n\n", stdout);
	cmd_options__help(&options, stdout);
	fputs("\nfields:\n  " FIELD_NAMES "\n", stdout);
}

static int script__options(struct script *s, int argc, char **argv, struct err *e)
{
	int n = cmd_options__parse(&options, argc, argv, s, e);

	if (n >= 0 && n < argc && !s->help)
		return err__usage(e, "'%s' is no option; a file is named with -i", argv[n]);
	return n < 0 ? -1 : 0;
}

/* ---- fields -------------------------------------------------------------------------- */

static const struct { const char *name; uint32_t bit; } field_names[] = {
	{ "comm", SCRIPT_COMM }, { "pid", SCRIPT_PID }, { "tid", SCRIPT_TID },
	{ "cpu", SCRIPT_CPU }, { "time", SCRIPT_TIME }, { "event", SCRIPT_EVENT },
	{ "period", SCRIPT_PERIOD }, { "ip", SCRIPT_IP }, { "sym", SCRIPT_SYM },
	{ "symoff", SCRIPT_SYMOFF }, { "dso", SCRIPT_DSO }, { "insn", SCRIPT_INSN },
	{ "srcline", SCRIPT_SRCLINE }, { "args", SCRIPT_ARGS }, { "trace", SCRIPT_TRACE }, { "callchain", SCRIPT_CALLCHAIN }, { "regs", SCRIPT_REGS },
};

static const uint32_t default_fields = SCRIPT_COMM | SCRIPT_PID | SCRIPT_TID | SCRIPT_CPU |
	SCRIPT_TIME | SCRIPT_ARGS | SCRIPT_TRACE | SCRIPT_SYM | SCRIPT_SYMOFF | SCRIPT_DSO | SCRIPT_INSN | SCRIPT_REGS;

static uint32_t field__find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(field_names) / sizeof(field_names[0]); i++)
		if (strlen(field_names[i].name) == len && !memcmp(field_names[i].name, name, len))
			return field_names[i].bit;
	return 0;
}

static int fields__parse(const char *text, uint32_t *fields, struct err *e)
{
	bool change = *text == '+' || *text == '-';
	const char *s = text;
	uint32_t bit;
	size_t len;
	char sign;

	*fields = change ? *fields : 0;
	for (;;) {
		sign = *s == '+' || *s == '-' ? *s++ : '+';
		len = strcspn(s, ",");
		bit = field__find(s, len);
		if (!bit)
			return err__usage(e, "-F '%s': there is no field '%.*s'; fields are " FIELD_NAMES,
					  text, (int)len, s);
		*fields = sign == '+' ? *fields | bit : *fields & ~bit;
		if (!s[len])
			return 0;
		s += len + 1;
	}
}

/* Several events: which one it was matters. Chains are shown where there are any. JSON has room for all. */
static int script__fields(struct script *s, struct err *e)
{
	unsigned int i, nr;
	const struct perfdata_attr *a = perfdata_reader__attrs(s->reader, &nr);

	s->out.fields = default_fields;
	for (i = 0; i < nr; i++)
		if (attr__has_chains(&a[i]))
			s->out.fields |= SCRIPT_CALLCHAIN;
	if (nr > 1)
		s->out.fields |= SCRIPT_EVENT;
	if (s->json)
		s->out.fields |= SCRIPT_EVENT | SCRIPT_PERIOD | SCRIPT_IP;
	return s->fields ? fields__parse(s->fields, &s->out.fields, e) : 0;
}

/* ---- registers ----------------------------------------------------------------------- */

static int script__registers(struct script *s, struct err *e)
{
	const struct perfdata_info *info = perfdata_reader__info(s->reader);
	struct reglist list;
	unsigned int nr;
	const struct perfdata_attr *a = perfdata_reader__attrs(s->reader, &nr);

	if (!s->regs)
		regdefault__of_file(&list, info, a, nr);
	else if (reglist__parse(&list, s->regs, info->has_layout ? info->layout.xfeatures : ~UINT64_C(0), e))
		return -1;
	if (regview__init(&s->view, &list))
		return err__set(e, "out of memory");
	s->view.each = s->regs;
	s->out.view = &s->view;
	return 0;
}

static int script__types(struct script *s, struct err *e)
{
	enum xstate_type type;

	regtypes__init(&s->types, NULL);
	s->infer = !s->type || !strcmp(s->type, "auto");
	if (s->infer || !strcmp(s->type, "none"))
		return 0;
	if (xstate_type__parse(s->type, strlen(s->type), &type))
		return err__usage(e, "--type '%s' is no type; types are i8 u8 i16 u16 i32 u32 i64 u64 f16 bf16 f32 f64 auto none", s->type);
	regtypes__init(&s->types, &type);
	return 0;
}

/* ---- which samples ------------------------------------------------------------------- */

/* One end of --time; nothing stands for the recording's own. */
static int script__time(const char *s, size_t len, uint64_t *ns, struct err *e)
{
	const char *wrong = len ? time__parse(ns, s, len) : NULL;

	return wrong ? err__usage(e, "--time: '%.*s' %s", (int)len, s, wrong) : 0;
}

static int script__time_range(struct script *s, struct err *e)
{
	const char *comma;

	s->time_to = UINT64_MAX;
	if (!s->time)
		return 0;
	comma = strchr(s->time, ',');
	if (comma && (script__time(s->time, comma - s->time, &s->time_from, e) ||
		      script__time(comma + 1, strlen(comma + 1), &s->time_to, e)))
		return -1;
	if (!comma || s->time_from > s->time_to)
		return err__usage(e, "--time '%s' is no range; it is FROM,TO in seconds, as in --time 12.5,13", s->time);
	return 0;
}

static bool script__wants(const struct script *s, const struct sample *x)
{
	return (!s->pids || idset__has(&s->pid_set, x->pid)) &&
	       (!s->tids || idset__has(&s->tid_set, x->tid)) &&
	       (!s->cpus || idset__has(&s->cpu_set, x->cpu)) &&
	       x->time >= s->time_from && x->time <= s->time_to;
}

/* ---- the run ------------------------------------------------------------------------- */

static void script__decode(struct script *s, const struct perfdata_record *rec,
			   struct xstate_regs *regs, struct script_sample *x)
{
	const struct perfdata_info *info = perfdata_reader__info(s->reader);
	int r = sample__state(&rec->sample, info->has_layout ? &info->layout : NULL, s->intr, regs);

	x->regs = regs;
	if (r) {
		x->malformed = xstate_strerror(r);
		if (!s->malformed++) {
			s->first_malformed = x->malformed;
			s->first_malformed_at = rec->offset;
		}
	}
	if (!regs->captured && regs->mxcsr_state == XSTATE_UNKNOWN)
		s->without++;
}

/* By the sampled instruction, and where it says nothing by what reads the register next. */
static void script__learn(struct script *s, const struct script_sample *x)
{
	const struct insn_read *reads;
	unsigned int nr = machine__reads(s->machine, x->loc, &reads);

	regtypes__learn(&s->types, x->insn);
	regtypes__learn_ahead(&s->types, reads, nr);
}

static void script__sample(struct script *s, const struct perfdata_record *rec)
{
	const struct sample *p = &rec->sample;
	struct script_sample x = { .s = p, .types = &s->types };
	struct xstate_regs regs;

	if (!script__wants(s, p))
		return;
	if (s->need_comm)
		x.comm = machine__comm(s->machine, p->pid, p->tid);
	if (s->comms && !list__has(s->comms, x.comm))
		return;
	if (!record_filter__pass(&s->filter, p, NULL))
		return;
	machine__expect_next(s->machine, s->reader);
	if (s->need_location)
		x.loc = machine__find(s->machine, p->pid, p->ip, p->cpumode);
	if (s->symbols && !list__has(s->symbols, x.loc->sym->name))
		return;
	if (s->need_insn)
		x.insn = machine__insn(s->machine, x.loc);
	if (s->infer && x.insn && x.insn->known)
		script__learn(s, &x);
	if (s->out.fields & (SCRIPT_REGS | SCRIPT_ARGS))
		script__decode(s, rec, &regs, &x);
	if ((s->out.fields & SCRIPT_ARGS) && !x.malformed)
		x.args = machine__args(s->machine, x.loc);
	machine__expect_soon(s->machine);
	(s->json ? script_json__sample : script_text__sample)(&s->out, &x);
	if (s->infer)
		regtypes__forget(&s->types);
	s->printed++;
}

static int script__records(struct script *s, struct err *e)
{
	struct perfdata_record rec;
	int r;

	while ((r = perfdata_reader__next(s->reader, &rec, e)) > 0) {
		if (rec.kind != PERFDATA_SAMPLE) {
			if (machine__record(s->machine, &rec, e))
				return -1;
			continue;
		}
		script__sample(s, &rec);
		if ((s->max_samples && s->printed >= s->max_samples) || s->buf.error)
			break;
	}
	return r < 0 ? -1 : 0;
}

/* What to look up for each sample: nothing that no field or option uses. */
static void script__needs(struct script *s)
{
	static const uint32_t of_location = SCRIPT_SYM | SCRIPT_SYMOFF | SCRIPT_DSO | SCRIPT_SRCLINE | SCRIPT_ARGS;
	uint32_t fields = s->out.fields;

	s->need_comm = (fields & SCRIPT_COMM) || s->comms;
	s->need_insn = (fields & SCRIPT_INSN) || (s->infer && (fields & SCRIPT_REGS));
	s->need_location = (fields & of_location) || s->need_insn || s->symbols;
}

static int script__prepare(struct script *s, struct err *e)
{
	struct machine_options mo = { .symfs = s->symfs, .no_demangle = s->no_demangle };

	if (script__types(s, e) || script__time_range(s, e) ||
	    record_filter__open(&s->filter, s->expression, e) ||
	    idset__parse(&s->pid_set, "--pid", s->pids, e) ||
	    idset__parse(&s->tid_set, "--tid", s->tids, e) ||
	    idset__parse(&s->cpu_set, "--cpu", s->cpus, e) ||
	    perfdata_reader__open(s->input, &s->reader, e) ||
	    record_filter__formats(&s->filter, s->reader, e) || script__fields(s, e) || script__registers(s, e))
		return -1;
	mo.info = perfdata_reader__info(s->reader);
	mo.build_id = perfdata_reader__build_id;
	mo.reader = s->reader;
	if (machine__new(&mo, &s->machine, e))
		return -1;
	s->filter.machine = s->machine;
	s->filter.intr = s->intr;
	s->filter.layout = mo.info->has_layout ? &mo.info->layout : NULL;
	script__needs(s);
	s->out.o = &s->buf;
	s->out.m = s->machine;
	s->out.trace = s->filter.trace;
	return obuf__open(&s->buf, STDOUT_FILENO) ? err__set(e, "out of memory") : 0;
}

static int script__print(struct script *s, struct err *e)
{
	struct err write_error;
	int r;

	(s->json ? script_json__head : script_text__head)(&s->out, s->reader);
	r = script__records(s, e);
	if (s->json && !r)
		script_json__end(&s->out, s->reader, s->printed, s->malformed, &s->filter);
	/* who leaves a pager early has seen enough */
	if (obuf__close(&s->buf, "the output", &write_error) && !r && !(s->pager && s->buf.error == EPIPE)) {
		*e = write_error;
		return -1;
	}
	return r;
}

static int script__run(struct script *s, struct err *e)
{
	int r;

	if (script__prepare(s, e))
		return -1;
	s->pager = s->json || s->no_pager ? NULL : pager__start();
	if (s->pager)
		signal(SIGPIPE, SIG_IGN);
	r = script__print(s, e);
	pager__finish(s->pager);
	return r;
}

/* Fields that are unknown; how many the filter let through, and what it could not decide. */
static void script__warn_filter(const struct script *s)
{
	char text[512];

	if ((s->filter.filter || (s->out.fields & SCRIPT_TRACE)) && record_filter__say(&s->filter, text, sizeof(text)))
		fprintf(stderr, "perf-xregs script: %s\n", text);
	if (!s->filter.filter)
		return;
	filter__summary(s->filter.filter, text, sizeof(text));
	fprintf(stderr, "perf-xregs script: --filter: %s\n", text);
	if (s->filter.malformed > s->malformed)
		fprintf(stderr, "perf-xregs script: --filter: registers of %llu samples could not be decoded and are unknown to it\n",
			(unsigned long long)s->filter.malformed);
}

/* What was lost or could not be read, in words; stdout has the samples alone. */
static void script__warn(const struct script *s)
{
	const struct perfdata_stats *st = perfdata_reader__stats(s->reader);

	if (st->unfinished)
		fprintf(stderr, "perf-xregs script: '%s' was never completed: its recorder was killed or the disk was full; what it wrote is shown\n", s->input);
	if (st->truncated && st->bytes_missing)
		fprintf(stderr, "perf-xregs script: '%s' ends early, at offset %llu: %llu bytes are missing\n", s->input,
			(unsigned long long)st->truncated_offset, (unsigned long long)st->bytes_missing);
	else if (st->truncated)
		fprintf(stderr, "perf-xregs script: '%s' ends early, inside the record at offset %llu\n", s->input,
			(unsigned long long)st->truncated_offset);
	if (st->bad_records)
		fprintf(stderr, "perf-xregs script: %llu malformed records left out, the first at offset %llu\n",
			(unsigned long long)st->bad_records, (unsigned long long)st->first_bad_offset);
	if (st->unknown)
		fprintf(stderr, "perf-xregs script: %llu records are of a type that is not known here, the first of type %u\n",
			(unsigned long long)st->unknown, st->unknown_type);
	if (st->deferred_chains && (s->out.fields & SCRIPT_CALLCHAIN))
		fprintf(stderr, "perf-xregs script: %llu call chains of user code were recorded after their samples and are left out\n",
			(unsigned long long)st->deferred_chains);
	if (s->malformed)
		fprintf(stderr, "perf-xregs script: registers of %llu samples could not be decoded, the first at offset %llu: %s\n",
			(unsigned long long)s->malformed, (unsigned long long)s->first_malformed_at, s->first_malformed);
	if (st->lost)
		fprintf(stderr, "perf-xregs script: %llu samples were lost at the recording\n", (unsigned long long)st->lost);
	if (st->unordered)
		fprintf(stderr, "perf-xregs script: %llu records came out of their order in time\n", (unsigned long long)st->unordered);
	if (s->printed && s->without == s->printed && (s->out.fields & SCRIPT_REGS))
		fprintf(stderr, "perf-xregs script: no sample carries vector registers; record them with 'perf xregs record'\n");
	script__warn_filter(s);
	if (!s->printed)
		fprintf(stderr, "perf-xregs script: no sample was printed: '%s' has %llu that could be read\n", s->input, (unsigned long long)st->samples);
}

int cmd_script(int argc, char **argv)
{
	struct script s = { .input = "perf.data" };
	struct err e = { .status = XREGS_FAILED };
	int r = script__options(&s, argc, argv, &e);

	if (!r && s.help) {
		script__help();
		return XREGS_OK;
	}
	if (!r)
		r = script__run(&s, &e);
	if (s.reader && !r)
		script__warn(&s);
	if (r)
		cmd__fail("script", &e);
	record_filter__close(&s.filter);
	regview__free(&s.view);
	if (s.machine)
		machine__free(s.machine);
	perfdata_reader__close(s.reader);
	idset__free(&s.pid_set);
	idset__free(&s.tid_set);
	idset__free(&s.cpu_set);
	return r ? e.status : XREGS_OK;
}
