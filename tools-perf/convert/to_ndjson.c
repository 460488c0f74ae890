/* SPDX-License-Identifier: GPL-2.0-only */
/* NDJSON in the schema of script --json, and by its code. */
#include <stdlib.h>

#include "convert/convert.h"
#include "output/script.h"

struct ndjson {
	struct regview view;
	struct regtypes types;
	struct script_output out;
};

static int ndjson__open(struct convert *c, struct err *e)
{
	struct ndjson *n = calloc(1, sizeof(*n));

	c->priv = n;
	if (!n || regview__init(&n->view, &c->regs))
		return err__set(e, "out of memory");
	n->view.each = true;
	n->out = (struct script_output){
		.o = &c->out, .m = c->machine, .view = &n->view, .fields = SCRIPT_REGS | (SCRIPT_SRCLINE - 1) | SCRIPT_CALLCHAIN,
	};
	regtypes__init(&n->types, c->typed ? &c->type : NULL);
	script_json__head(&n->out, c->reader);
	return 0;
}

static int ndjson__sample(struct convert *c, const struct convert_sample *x, struct err *e)
{
	struct ndjson *n = c->priv;
	struct script_sample s = {
		.s = x->s, .comm = x->comm, .loc = x->loc, .insn = machine__insn(c->machine, x->loc),
		.regs = x->user, .types = &n->types, .malformed = x->malformed,
	};

	(void)e;
	if (!c->typed && s.insn->known)
		regtypes__learn(&n->types, s.insn);
	script_json__sample(&n->out, &s);
	if (!c->typed)
		regtypes__forget(&n->types);
	return 0;
}

static int ndjson__close(struct convert *c, bool failed, struct err *e)
{
	struct ndjson *n = c->priv;

	(void)e;
	if (!n)
		return 0;
	if (!failed)
		script_json__end(&n->out, c->reader, c->counts.samples, c->counts.malformed, c->filter);
	regview__free(&n->view);
	free(n);
	return 0;
}

const struct converter convert_ndjson = {
	.name = "ndjson", .help = "an object a sample, as script --json", .text = true, .registers = true,
	.open = ndjson__open, .sample = ndjson__sample, .close = ndjson__close,
};
