/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples by key: the keys of --sort, entries, and counts below an entry. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/callchain.h"
#include "views/calltree.h"

/* ---- keys ------------------------------------------------------------------- */

/* What makes two samples the same row, and what the row shows of it. */
struct sort_key {
	const char *name;
	struct column column;
	void (*value)(const struct hist *h, const struct facts *f, uint64_t v[2]);
	void (*cell)(const struct hist *h, const struct hist_entry *e, struct cell *c, char *buf, size_t size);
};

#define POINTER(p) ((uint64_t)(uintptr_t)(p))

static void symbol_value(const struct hist *h, const struct facts *f, uint64_t v[2])
{
	(void)h;
	v[0] = POINTER(f->loc->sym);
}

static void symbol_cell(const struct hist *h, const struct hist_entry *e, struct cell *c, char *buf, size_t size)
{
	(void)h, (void)buf, (void)size;
	*c = (struct cell){ .kind = CELL_TEXT, .text = e->loc->sym->name };
}

static void dso_value(const struct hist *h, const struct facts *f, uint64_t v[2])
{
	(void)h;
	v[0] = POINTER(f->loc->sym->dso);
}

static void dso_cell(const struct hist *h, const struct hist_entry *e, struct cell *c, char *buf, size_t size)
{
	(void)h, (void)buf, (void)size;
	*c = (struct cell){ .kind = CELL_TEXT, .text = e->loc->sym->dso->name };
}

static void comm_value(const struct hist *h, const struct facts *f, uint64_t v[2])
{
	(void)h;
	v[0] = POINTER(f->comm);
}

static void comm_cell(const struct hist *h, const struct hist_entry *e, struct cell *c, char *buf, size_t size)
{
	(void)h, (void)buf, (void)size;
	*c = (struct cell){ .kind = CELL_TEXT, .text = e->comm };
}

static void pid_value(const struct hist *h, const struct facts *f, uint64_t v[2])
{
	(void)h;
	v[0] = f->s->pid;
}

static void pid_cell(const struct hist *h, const struct hist_entry *e, struct cell *c, char *buf, size_t size)
{
	(void)h, (void)buf, (void)size;
	*c = (struct cell){ .kind = CELL_COUNT, .count = e->pid };
}

static void tid_value(const struct hist *h, const struct facts *f, uint64_t v[2])
{
	(void)h;
	v[0] = f->s->pid;
	v[1] = f->s->tid;
}

static void tid_cell(const struct hist *h, const struct hist_entry *e, struct cell *c, char *buf, size_t size)
{
	(void)h, (void)buf, (void)size;
	*c = (struct cell){ .kind = CELL_COUNT, .count = e->tid };
}

static void cpu_value(const struct hist *h, const struct facts *f, uint64_t v[2])
{
	(void)h;
	v[0] = f->s->cpu;
}

static void cpu_cell(const struct hist *h, const struct hist_entry *e, struct cell *c, char *buf, size_t size)
{
	(void)h, (void)buf, (void)size;
	/* UINT32_MAX: the recording does not say */
	*c = (struct cell){ .kind = e->cpu == UINT32_MAX ? CELL_UNKNOWN : CELL_COUNT, .count = e->cpu };
}

static void srcline_value(const struct hist *h, const struct facts *f, uint64_t v[2])
{
	const char *file;
	int line;

	if (!machine__srcline(h->machine, f->loc, &file, &line))
		return;
	v[0] = POINTER(file);
	v[1] = line;
}

static void srcline_cell(const struct hist *h, const struct hist_entry *e, struct cell *c, char *buf, size_t size)
{
	const char *file, *slash;
	int line;

	*c = (struct cell){ .kind = CELL_UNKNOWN };
	if (!machine__srcline(h->machine, e->loc, &file, &line))
		return;
	slash = strrchr(file, '/');
	snprintf(buf, size, "%s:%d", slash ? slash + 1 : file, line);
	*c = (struct cell){ .kind = CELL_TEXT, .text = buf };
}

static void addr_value(const struct hist *h, const struct facts *f, uint64_t v[2])
{
	(void)h;
	v[0] = POINTER(f->loc->sym->dso);
	v[1] = f->loc->addr;
}

static void addr_cell(const struct hist *h, const struct hist_entry *e, struct cell *c, char *buf, size_t size)
{
	const struct symbol *s = e->loc->sym;

	(void)h;
	if (s->end)
		snprintf(buf, size, "%s+0x%llx", s->name, (unsigned long long)(e->loc->addr - s->start));
	else
		snprintf(buf, size, "0x%llx", (unsigned long long)e->loc->addr);
	*c = (struct cell){ .kind = CELL_TEXT, .text = buf };
}

static void insn_cell(const struct hist *h, const struct hist_entry *e, struct cell *c, char *buf, size_t size)
{
	const struct insn *insn = machine__insn(h->machine, e->loc);

	(void)buf, (void)size;
	*c = (struct cell){ .kind = insn->known ? CELL_TEXT : CELL_UNKNOWN, .text = insn->text };
}

#define NAME_COLUMN(k, t) { .key = k, .title = t, .kind = CELL_TEXT, .flags = COLUMN_LEFT | COLUMN_FLEX | COLUMN_KEY }
/* Too long a name loses its end, and these end in what tells them apart. */
#define PLACE_COLUMN(k, t) { .key = k, .title = t, .kind = CELL_TEXT, .flags = COLUMN_LEFT | COLUMN_KEY }
#define NUMBER_COLUMN(k, t) { .key = k, .title = t, .kind = CELL_COUNT, .flags = COLUMN_KEY }

static const struct sort_key sort_keys[] = {
	{ "symbol",  NAME_COLUMN("symbol", "Symbol"),	    symbol_value,  symbol_cell },
	{ "dso",     NAME_COLUMN("object", "Object"),	    dso_value,	   dso_cell },
	{ "comm",    NAME_COLUMN("command", "Command"),	    comm_value,	   comm_cell },
	{ "pid",     NUMBER_COLUMN("pid", "Pid"),	    pid_value,	   pid_cell },
	{ "tid",     NUMBER_COLUMN("tid", "Tid"),	    tid_value,	   tid_cell },
	{ "cpu",     NUMBER_COLUMN("cpu", "CPU"),	    cpu_value,	   cpu_cell },
	{ "srcline", PLACE_COLUMN("srcline", "Source line"), srcline_value, srcline_cell },
	{ "addr",    PLACE_COLUMN("address", "Address"),	    addr_value,	   addr_cell },
	{ "insn",    NAME_COLUMN("instruction", "Instruction"), addr_value, insn_cell },
};

static const struct sort_key *sort_key__find(const char *name, size_t len)
{
	size_t i;

	/* perf's spellings */
	if (len == 3 && !strncmp(name, "sym", 3))
		len = strlen(name = "symbol");
	for (i = 0; i < sizeof(sort_keys) / sizeof(sort_keys[0]); i++)
		if (strlen(sort_keys[i].name) == len && !strncmp(sort_keys[i].name, name, len))
			return &sort_keys[i];
	return NULL;
}

static int hist__add_key(struct hist *h, const char *name, size_t len, struct err *e)
{
	const struct sort_key *k = sort_key__find(name, len);

	if (!k)
		return err__usage(e, "no sort key '%.*s'; there are: symbol dso comm pid tid cpu srcline addr insn", (int)len, name);
	if (h->nr_keys == HIST_MAX_KEYS)
		return err__usage(e, "more than %d sort keys in '--sort'; leave some out", HIST_MAX_KEYS);
	h->key[h->nr_keys++] = k;
	return 0;
}

int hist__init(struct hist *h, const struct view *v, struct machine *m, const char *sort, struct err *e)
{
	const char *p = sort ? sort : v->sort;
	size_t len;

	*h = (struct hist){ .view = v, .machine = m, .want_callers = v->inclusive };
	for (;; p += len + 1) {
		len = strcspn(p, ",");
		if (hist__add_key(h, p, len, e))
			return -1;
		h->key_words = 1 + 2 * h->nr_keys;
		if (!p[len])
			return 0;
	}
}

void hist__free(struct hist *h)
{
	htab__free(&h->table);
	htab__free(&h->pairs);
	arena__free(&h->arena);
}

/* ---- entries -------------------------------------------------------------------- */

struct entry_key {
	unsigned int words;
	uint64_t word[HIST_KEY_WORDS];
};

static bool entry__equal(const void *item, const void *k)
{
	const struct hist_entry *e = item;
	const struct entry_key *key = k;
	unsigned int i;

	for (i = 0; i < key->words; i++)
		if (e->key[i] != key->word[i])
			return false;
	return true;
}

static struct hist_entry *hist__new_entry(struct hist *h, const struct entry_key *key, uint64_t hash,
					  const struct facts *f)
{
	struct hist_entry *e = arena__alloc_line(&h->arena, sizeof(*e));

	if (!e)
		return NULL;
	memcpy(e->key, key->word, sizeof(e->key));
	e->acc = arena__alloc_line(&h->arena, h->view->acc_size);
	if (!e->acc || htab__add(&h->table, hash, e))
		return NULL;
	e->loc = f->loc;
	e->comm = f->comm;
	e->pid = f->s->pid;
	e->tid = f->s->tid;
	e->cpu = f->s->cpu;
	return e;
}

static struct hist_entry *hist__entry(struct hist *h, const struct entry_key *key, const struct facts *f)
{
	struct hist_entry *e = h->last;
	uint64_t hash = 7;
	unsigned int i;

	/* samples come in runs: of a thread, of a loop */
	if (e && entry__equal(e, key))
		return e;
	for (i = 0; i < key->words; i++)
		hash = hash_u64(hash, key->word[i]);
	e = htab__find(&h->table, hash, entry__equal, key);
	return e ? e : hist__new_entry(h, key, hash, f);
}

static void hist__count(struct hist *h, const struct facts *f)
{
	struct entry_key key = { .words = h->key_words };
	struct hist_entry *e;
	unsigned int i;

	if (h->view->key)
		key.word[0] = h->view->key(f);
	for (i = 0; i < h->nr_keys; i++)
		h->key[i]->value(h, f, &key.word[1 + 2 * i]);
	e = hist__entry(h, &key, f);
	if (!e) {
		h->no_memory = true;
		return;
	}
	h->last = e;
	/* recursion: a frame of this sample was here before */
	if (e->serial == h->samples)
		return;
	e->serial = h->samples;
	e->samples++;
	e->weight += f->weight;
	h->view->add(h, e->acc, f);
	if (h->want_callers)
		calltree__add(h, &e->callers, f);
}

/* The callers, as if they had been hit. */
static void hist__count_callers(struct hist *h, const struct facts *f)
{
	const struct callchain *c = facts__chain(f);
	struct facts caller = *f;

	for (caller.depth = 1; c && caller.depth < c->nr; caller.depth++) {
		caller.loc = machine__frame(h->machine, f->s, &c->frame[caller.depth]);
		hist__count(h, &caller);
	}
}

void hist__add(struct hist *h, const struct facts *f)
{
	hist__skip(h, f);
	hist__count(h, f);
	if (h->view->inclusive)
		hist__count_callers(h, f);
}

void hist__skip(struct hist *h, const struct facts *f)
{
	h->samples++;
	h->weight += f->weight;
	if (f->seconds > h->seconds)
		h->seconds = f->seconds;
}

const char *entry__symbol_name(const struct hist_entry *e)
{
	return e->loc->sym->name;
}

/* ---- pairs -------------------------------------------------------------------------- */

struct pair_key {
	const void *list, *thing;
};

static bool pair__equal(const void *item, const void *k)
{
	const struct hist_pair *p = item;
	const struct pair_key *key = k;

	return p->list == key->list && p->thing == key->thing;
}

struct hist_pair *hist__pair(struct hist *h, struct hist_pair **list, const void *thing,
			     const struct location *loc)
{
	struct pair_key key = { list, thing };
	uint64_t hash = hash_u64(hash_u64(8, POINTER(list)), POINTER(thing));
	struct hist_pair *p = htab__find(&h->pairs, hash, pair__equal, &key);

	if (p)
		return p;
	p = arena__alloc(&h->arena, sizeof(*p));
	if (!p || htab__add(&h->pairs, hash, p)) {
		h->no_memory = true;
		return NULL;
	}
	*p = (struct hist_pair){ .list = list, .thing = thing, .loc = loc, .next = *list };
	*list = p;
	return p;
}

void *hist__alloc(struct hist *h, size_t size)
{
	void *p = arena__alloc(&h->arena, size);

	h->no_memory |= !p;
	return p;
}

void *hist__pair_data(struct hist *h, struct hist_pair *p, size_t size)
{
	if (!p->data)
		p->data = hist__alloc(h, size);
	return p->data;
}

const struct hist_pair *hist_pair__max(const struct hist_pair *list, unsigned int i)
{
	const struct hist_pair *max = NULL;

	for (; list; list = list->next)
		if (list->count[i] && (!max || list->count[i] > max->count[i]))
			max = list;
	return max;
}

/* Equal counts in the order in which they were met first. */
const struct hist_pair **hist_pair__sorted(const struct hist_pair *list, unsigned int i, size_t *n)
{
	const struct hist_pair *p, **array;
	size_t k, at;

	for (*n = 0, p = list; p; p = p->next)
		++*n;
	array = calloc(*n + 1, sizeof(*array));
	if (!array) {
		*n = 0;
		return NULL;
	}
	/* the list is newest first; filled from its oldest, insertion keeps order */
	for (k = *n, p = list; p; p = p->next)
		array[--k] = p;
	for (k = 1; k < *n; k++) {
		p = array[k];
		for (at = k; at && array[at - 1]->count[i] < p->count[i]; at--)
			array[at] = array[at - 1];
		array[at] = p;
	}
	return array;
}

/* ---- printing ------------------------------------------------------------------------ */

struct ranked {
	struct hist_entry *e;
	uint64_t rank;
};

static uint64_t hist__rank(const struct hist *h, const struct hist_entry *e)
{
	return h->view->rank ? h->view->rank(e) : e->weight ? e->weight : 1;
}

static int ranked__compare(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;
	int d = (a->rank < b->rank) - (a->rank > b->rank);

	if (!d)
		d = (a->e->samples < b->e->samples) - (a->e->samples > b->e->samples);
	if (!d)
		d = strcmp(entry__symbol_name(a->e), entry__symbol_name(b->e));
	if (!d)
		d = (a->e->tid > b->e->tid) - (a->e->tid < b->e->tid);
	if (!d)
		d = (a->e->cpu > b->e->cpu) - (a->e->cpu < b->e->cpu);
	if (!d)
		d = (a->e->loc->addr > b->e->loc->addr) - (a->e->loc->addr < b->e->loc->addr);
	return d ? d : (a->e->key[0] > b->e->key[0]) -
		       (a->e->key[0] < b->e->key[0]);
}

struct hist_entry **hist__sorted(const struct hist *h, size_t *n)
{
	struct ranked *r = calloc(h->table.used + 1, sizeof(*r));
	struct hist_entry **list = calloc(h->table.used + 1, sizeof(*list));
	size_t i;

	*n = 0;
	for (i = 0; r && list && i < h->table.size; i++) {
		if (!h->table.slot[i].item)
			continue;
		r[*n].e = h->table.slot[i].item;
		r[*n].rank = hist__rank(h, r[*n].e);
		++*n;
	}
	if (*n)
		qsort(r, *n, sizeof(*r), ranked__compare);
	for (i = 0; i < *n; i++)
		list[i] = r[i].e;
	free(r);
	return list;
}

static const struct column overhead = { .key = "overhead", .title = "Overhead", .kind = CELL_SHARE };
/* perf report's word for a function and all that it called */
static const struct column children = { .key = "children", .title = "Children", .kind = CELL_SHARE };

static void hist__row(struct hist *h, const struct hist_entry *e, struct output *o)
{
	struct cell cells[TABLE_MAX_COLUMNS] = { { 0 } };
	char buf[HIST_MAX_KEYS][512];
	unsigned int i;

	cells[0] = cell__share(e->weight, h->weight);
	for (i = 0; i < h->nr_keys; i++)
		h->key[i]->cell(h, e, &cells[1 + i], buf[i], sizeof(buf[i]));
	h->view->cells(h, e, &cells[1 + h->nr_keys]);
	o->item = e;
	o->ops->row(o, cells);
	if (h->view->details)
		h->view->details(h, e, o);
	calltree__print(e->callers, o);
}

static void hist__table(const struct hist *h, struct table *t)
{
	unsigned int i;

	*t = (struct table){ .view = h->view->name, .help = h->view->help };
	t->column[t->nr_columns++] = h->view->inclusive ? &children : &overhead;
	for (i = 0; i < h->nr_keys; i++)
		t->column[t->nr_columns++] = &h->key[i]->column;
	for (i = 0; i < h->view->nr_columns; i++)
		t->column[t->nr_columns++] = &h->view->columns[i];
}

/* What of the table is not on the screen, and how to get it there. */
struct not_shown {
	uint64_t below, below_weight, left_out, left_out_weight;
};

static void hist__note_not_shown(const struct hist *h, const struct not_shown *n,
				 const struct hist_print *p, struct output *o)
{
	char text[256], share[24];
	struct cell c;

	if (n->below) {
		c = cell__share(n->below_weight, h->weight);
		snprintf(text, sizeof(text), "%llu row%s below %g %% not shown (together %s); --percent-limit 0 shows all",
			 (unsigned long long)n->below, n->below == 1 ? "" : "s", p->percent_limit, cell__format(&c, share, sizeof(share)));
		o->ops->note(o, text);
	}
	if (n->left_out && h->view->left_out) {
		c = cell__share(n->left_out_weight, h->weight);
		snprintf(text, sizeof(text), "%llu row%s without %s not shown (together %s)", (unsigned long long)n->left_out,
			 n->left_out == 1 ? "" : "s", h->view->left_out, cell__format(&c, share, sizeof(share)));
		o->ops->note(o, text);
	}
}

void hist__print(struct hist *h, const struct hist_print *p, struct output *o)
{
	struct not_shown not_shown = { 0 };
	struct hist_entry **list;
	struct table t;
	size_t i, n;

	list = hist__sorted(h, &n);
	hist__table(h, &t);
	o->ops->table_begin(o, &t);
	for (i = 0; i < n; i++) {
		if (!hist__rank(h, list[i])) {
			not_shown.left_out++;
			not_shown.left_out_weight += list[i]->weight;
		} else if (list[i]->weight * 100.0 < p->percent_limit * h->weight) {
			not_shown.below++;
			not_shown.below_weight += list[i]->weight;
		} else {
			hist__row(h, list[i], o);
		}
	}
	o->ops->table_end(o);
	hist__note_not_shown(h, &not_shown, p, o);
	free(list);
}
