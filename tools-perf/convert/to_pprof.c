/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pprof's profile.proto, by libprotobuf-c. A message's repeated fields may come
 * in pieces [Protocol Buffers, Encoding: "Last One Wins"]: each part is written
 * as a Profile of its own as soon as it is known, so that memory holds only
 * stacks. pprof reads it uncompressed as well as gzipped.
 */
#include <stdlib.h>
#include <string.h>

#include "convert/convert.h"
#include "profile.pb-c.h"
#include "util/htab.h"

enum { KEY_WORDS = 6 };		/* of a sample, before its places */

struct pprof_string {
	int64_t nr;
	const char *text;
};

struct pprof_sample {
	int64_t count, weight;
	size_t words;
	const uint64_t *key;
};

struct idset_bits {
	uint8_t *bits;
	size_t size;
};

struct pprof {
	struct htab strings, samples, mappings;
	struct arena arena;
	int64_t nr_strings, nr_mappings;
	struct idset_bits locations, functions;
	struct stack stack;
	uint64_t key[KEY_WORDS + STACK_MAX];
	bool failed;			/* out of memory */
};

/* What a sample is counted by, besides its stack. */
enum { KEY_COMM, KEY_TID, KEY_EVENT, KEY_WIDTH, KEY_MASK, KEY_MXCSR };
static const char *const label_names[KEY_WORDS] = {
	[KEY_COMM] = "comm", [KEY_TID] = "tid", [KEY_EVENT] = "event",
	[KEY_WIDTH] = "width", [KEY_MASK] = "mask", [KEY_MXCSR] = "mxcsr",
};

static void pprof__write(struct convert *c, const Pprof__Profile *part)
{
	size_t size = pprof__profile__get_packed_size(part);
	uint8_t *buf = malloc(size + 1);

	if (!buf) {
		((struct pprof *)c->priv)->failed = true;
		return;
	}
	obuf__bytes(&c->out, (char *)buf, pprof__profile__pack(part, buf));
	free(buf);
}

/* ---- strings and ids ------------------------------------------------------------------- */

static bool string__equal(const void *item, const void *key)
{
	return !strcmp(((const struct pprof_string *)item)->text, key);
}

static int64_t pprof__string(struct convert *c, const char *text)
{
	struct pprof *p = c->priv;
	uint64_t hash = hash_bytes(3, text, strlen(text));
	struct pprof_string *s = htab__find(&p->strings, hash, string__equal, text);
	Pprof__Profile part = PPROF__PROFILE__INIT;
	char *list[1];

	if (s)
		return s->nr;
	s = arena__alloc(&p->arena, sizeof(*s));
	if (!s || !(s->text = arena__copy(&p->arena, text, strlen(text))) || htab__add(&p->strings, hash, s)) {
		p->failed = true;
		return 0;
	}
	s->nr = p->nr_strings++;
	list[0] = (char *)s->text;
	part.n_string_table = 1;
	part.string_table = list;
	pprof__write(c, &part);
	return s->nr;
}

/* Return: true when @id was not there before. */
static bool idset__new(struct pprof *p, struct idset_bits *b, uint32_t id)
{
	size_t need = id / 8 + 1, size = b->size ? b->size : 1024;
	uint8_t *bits;

	while (size < need)
		size *= 2;
	if (size > b->size) {
		bits = realloc(b->bits, size);
		if (!bits) {
			p->failed = true;
			return false;
		}
		memset(bits + b->size, 0, size - b->size);
		b->bits = bits;
		b->size = size;
	}
	if (b->bits[id / 8] >> id % 8 & 1)
		return false;
	b->bits[id / 8] |= 1 << id % 8;
	return true;
}

struct pprof_mapping {
	const struct dso *dso;
	uint64_t id;
};

static bool mapping__equal(const void *item, const void *key)
{
	return ((const struct pprof_mapping *)item)->dso == key;
}

static uint64_t pprof__mapping(struct convert *c, const struct dso *dso)
{
	struct pprof *p = c->priv;
	uint64_t hash = hash_u64(4, (uintptr_t)dso);
	struct pprof_mapping *m = htab__find(&p->mappings, hash, mapping__equal, dso);
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__Mapping out = PPROF__MAPPING__INIT, *list[1] = { &out };

	if (m || !dso)
		return m ? m->id : 0;
	m = arena__alloc(&p->arena, sizeof(*m));
	if (!m || htab__add(&p->mappings, hash, m)) {
		p->failed = true;
		return 0;
	}
	*m = (struct pprof_mapping){ .dso = dso, .id = ++p->nr_mappings };
	out.id = m->id;
	out.filename_s = pprof__string(c, dso->path);
	out.has_functions = true;
	part.n_mapping = 1;
	part.mapping = list;
	pprof__write(c, &part);
	return m->id;
}

static uint64_t pprof__function(struct convert *c, const struct symbol *sym)
{
	struct pprof *p = c->priv;
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__Function out = PPROF__FUNCTION__INIT, *list[1] = { &out };

	if (!idset__new(p, &p->functions, sym->id))
		return sym->id + UINT64_C(1);
	out.id = sym->id + UINT64_C(1);
	out.name_s = out.system_name_s = pprof__string(c, sym->name);
	part.n_function = 1;
	part.function = list;
	pprof__write(c, &part);
	return out.id;
}

static uint64_t pprof__location(struct convert *c, const struct location *l)
{
	struct pprof *p = c->priv;
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__Location out = PPROF__LOCATION__INIT, *list[1] = { &out };
	Pprof__Line line = PPROF__LINE__INIT, *lines[1] = { &line };
	const char *file;
	int nr;

	out.id = l->id + UINT64_C(1);
	if (!idset__new(p, &p->locations, l->id))
		return out.id;
	out.mapping_id = pprof__mapping(c, l->sym->dso);
	out.address = l->ip;
	line.function_id = pprof__function(c, l->sym);
	line.line = machine__srcline(c->machine, l, &file, &nr) ? nr : 0;
	out.n_line = 1;
	out.line = lines;
	part.n_location = 1;
	part.location = list;
	pprof__write(c, &part);
	return out.id;
}

/* ---- samples ------------------------------------------------------------------------- */

static int pprof__open(struct convert *c, struct err *e)
{
	struct pprof *p = calloc(1, sizeof(*p));
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__ValueType types[2] = { PPROF__VALUE_TYPE__INIT, PPROF__VALUE_TYPE__INIT };
	Pprof__ValueType *list[2] = { &types[0], &types[1] };

	c->priv = p;
	if (!p)
		return err__set(e, "out of memory");
	pprof__string(c, "");
	types[0].type_s = pprof__string(c, "samples");
	types[1].type_s = pprof__string(c, "period");
	types[0].unit_s = types[1].unit_s = pprof__string(c, "count");
	part.n_sample_type = 2;
	part.sample_type = list;
	part.default_sample_type_s = types[0].type_s;
	pprof__write(c, &part);
	return 0;
}

static const char *pprof__mxcsr(const struct xstate_regs *r)
{
	static const char *const names[] = { "-", "DAZ", "FTZ", "FTZ DAZ" };

	if (r->mxcsr_state == XSTATE_UNKNOWN)
		return "unknown";
	return names[(r->mxcsr & MXCSR_FTZ ? 2 : 0) + (r->mxcsr & MXCSR_DAZ ? 1 : 0)];
}

static const char *pprof__root(struct convert *c, const struct convert_sample *x, enum convert_root root)
{
	c->root = root;
	return convert__root(c, x);
}

static struct pprof_sample *pprof__find(struct pprof *p, size_t words);

static int pprof__sample(struct convert *c, const struct convert_sample *x, struct err *e)
{
	struct pprof *p = c->priv;
	const struct perf_event_attr *a = &x->s->attr->attr;
	struct pprof_sample *s;
	unsigned int i;

	p->key[KEY_COMM] = pprof__string(c, x->comm);
	p->key[KEY_TID] = x->s->tid;
	p->key[KEY_EVENT] = pprof__string(c, x->s->attr->name);
	p->key[KEY_WIDTH] = pprof__string(c, pprof__root(c, x, ROOT_WIDTH));
	p->key[KEY_MASK] = pprof__string(c, pprof__root(c, x, ROOT_MASK));
	p->key[KEY_MXCSR] = pprof__string(c, pprof__mxcsr(x->user));
	stack__of(&p->stack, c, x);
	for (i = 0; i < p->stack.nr; i++)
		p->key[KEY_WORDS + i] = pprof__location(c, p->stack.frame[i]);
	s = pprof__find(p, KEY_WORDS + p->stack.nr);
	if (!s || p->failed)
		return err__set(e, "out of memory");
	s->count++;
	s->weight += x->s->type & PERF_SAMPLE_PERIOD ? x->s->period : a->freq ? 0 : a->sample_period;
	return 0;
}

struct pprof_key {
	const uint64_t *key;
	size_t words;
};

static bool sample__equal(const void *item, const void *key)
{
	const struct pprof_sample *s = item;
	const struct pprof_key *k = key;

	return s->words == k->words && !memcmp(s->key, k->key, k->words * sizeof(*k->key));
}

static struct pprof_sample *pprof__find(struct pprof *p, size_t words)
{
	const struct pprof_key k = { p->key, words };
	uint64_t hash = hash_bytes(5, p->key, words * sizeof(p->key[0]));
	struct pprof_sample *s = htab__find(&p->samples, hash, sample__equal, &k);

	if (s)
		return s;
	s = arena__alloc(&p->arena, sizeof(*s));
	if (!s)
		return NULL;
	s->words = words;
	s->key = arena__alloc(&p->arena, words * sizeof(p->key[0]));
	if (!s->key || htab__add(&p->samples, hash, s))
		return NULL;
	memcpy((void *)s->key, p->key, words * sizeof(p->key[0]));
	return s;
}

static void pprof__put_sample(struct convert *c, const struct pprof_sample *s)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__Sample out = PPROF__SAMPLE__INIT, *list[1] = { &out };
	Pprof__Label label[KEY_WORDS], *labels[KEY_WORDS];
	int64_t values[2] = { s->count, s->weight };
	unsigned int i;

	for (i = 0; i < KEY_WORDS; i++) {
		label[i] = (Pprof__Label)PPROF__LABEL__INIT;
		label[i].key_s = pprof__string(c, label_names[i]);
		if (i == KEY_TID)
			label[i].num = s->key[i];
		else
			label[i].str_s = s->key[i];
		labels[i] = &label[i];
	}
	out.n_location_id = s->words - KEY_WORDS;
	out.location_id = (uint64_t *)s->key + KEY_WORDS;
	out.n_value = 2;
	out.value = values;
	out.n_label = KEY_WORDS;
	out.label = labels;
	part.n_sample = 1;
	part.sample = list;
	pprof__write(c, &part);
}

static int pprof__close(struct convert *c, bool failed, struct err *e)
{
	struct pprof *p = c->priv;
	size_t i;
	int r = 0;

	if (!p)
		return 0;
	for (i = 0; i < p->samples.size && !failed; i++)
		if (p->samples.slot[i].item)
			pprof__put_sample(c, p->samples.slot[i].item);
	if (p->failed)
		r = err__set(e, "out of memory");
	htab__free(&p->strings);
	htab__free(&p->samples);
	htab__free(&p->mappings);
	arena__free(&p->arena);
	free(p->locations.bits);
	free(p->functions.bits);
	free(p);
	return r;
}

const struct converter convert_pprof = {
	.name = "pprof", .help = "profile.proto, with width, mask and MXCSR as labels", .text = true,
	.open = pprof__open, .sample = pprof__sample, .close = pprof__close,
};
