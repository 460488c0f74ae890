/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filter by itself, for tests in other languages. Expressions come on
 * standard input, one a line.
 *
 *	filter_probe check		"ok", or the error, for each
 *	filter_probe eval SEED N	for each one letter a sample: T F U
 *	filter_probe dump SEED N	the same N samples as JSON, one a line
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_sample.h"

static int check(const char *text)
{
	struct filter *f;
	struct err e;

	if (filter__compile(&f, text, &e)) {
		puts(e.msg);
		return 1;
	}
	puts("ok");
	filter__free(f);
	return 0;
}

static void eval(const char *text, uint64_t seed, long n)
{
	static struct random_sample s;
	struct filter_source src;
	struct filter *f;
	struct err e;

	if (filter__compile(&f, text, &e)) {
		printf("error: %s\n", e.msg);
		exit(1);
	}
	while (n--) {
		random_sample__make(&s, &seed);
		src = random_sample__source(&s);
		putchar("FTU"[filter__eval(f, &src)]);
	}
	putchar('\n');
	filter__free(f);
}

static void dump_register(const struct xstate_regs *r, struct xstate_reg reg, const char *sep)
{
	static const char *const states[] = { "unknown", "init", "value" };
	struct xstate_value v;
	char name[16];
	unsigned int i;

	if (xstate_regs__get(r, reg, &v) < 0 || !xstate_reg__name(reg, name))
		abort();
	printf("%s\"%s\":[\"%s\",%u,\"", sep, name, states[v.state], v.size);
	for (i = 0; i < v.known; i++)
		printf("%02x", v.bytes[i]);
	printf("\"]");
}

static void dump_registers(const struct xstate_regs *r)
{
	const char *sep = "";
	unsigned int c, i;

	printf(",\"regs\":{");
	for (c = 0; c < XSTATE_CLASS_NR; c++) {
		for (i = 0; i < xstate_class__count(c); i++) {
			dump_register(r, (struct xstate_reg){ c, i }, sep);
			sep = ",";
		}
	}
	putchar('}');
}

static void dump_string(const char *key, const char *s)
{
	if (s)
		printf(",\"%s\":\"%s\"", key, s);
	else
		printf(",\"%s\":null", key);
}

static void dump(struct random_sample *s)
{
	const struct xstate_regs *r = &s->regs;

	printf("{\"type\":%llu,\"pid\":%u,\"tid\":%u,\"cpu\":%u,\"ip\":%llu,\"addr\":%llu,\"time\":%llu,\"period\":%llu,\"freq\":%d,\"fixed\":%llu",
	       (unsigned long long)s->sample.type, s->sample.pid, s->sample.tid, s->sample.cpu,
	       (unsigned long long)s->sample.ip, (unsigned long long)s->sample.addr,
	       (unsigned long long)s->sample.time, (unsigned long long)s->sample.period,
	       (int)s->attr.attr.freq, (unsigned long long)s->attr.attr.sample_period);
	dump_string("comm", s->comm);
	dump_string("sym", s->sym);
	dump_string("dso", s->dso);
	printf(",\"captured\":%llu,\"xfeatures\":%llu,\"supported\":%llu,\"xinuse\":%llu,\"xinuse_known\":%d,\"xfd\":%llu,\"mxcsr\":%u,\"mxcsr_known\":%d,\"ambiguous\":%d",
	       (unsigned long long)r->captured, (unsigned long long)r->xfeatures,
	       (unsigned long long)r->supported, (unsigned long long)r->xinuse, r->xinuse_known,
	       (unsigned long long)r->xfd, r->mxcsr, r->mxcsr_state != XSTATE_UNKNOWN,
	       r->zero_is_ambiguous);
	dump_registers(r);
	puts("}");
}

static void dump_all(uint64_t seed, long n)
{
	static struct random_sample s;

	while (n--) {
		random_sample__make(&s, &seed);
		dump(&s);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;
	long n = argc > 3 ? strtol(argv[3], NULL, 0) : 0;
	char line[8192];
	int bad = 0;

	if (!strcmp(what, "dump"))
		return dump_all(seed, n), 0;
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strcmp(what, "eval"))
			eval(line, seed, n);
		else
			bad |= check(line);
	}
	return bad;
}
