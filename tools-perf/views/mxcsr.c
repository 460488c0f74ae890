/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who runs with FTZ, DAZ, another rounding, unmasked exceptions? One row for
 * each control value that a thread (symbol, ...) had [SDM vol. 1, 10.2.3].
 */
#include <stdio.h>
#include <string.h>

#include "views/view.h"

static const char *const rounding[] = { "nearest", "down", "up", "zero" };
static const char exceptions[][3] = { "IE", "DE", "ZE", "OE", "UE", "PE" };
static const char masks[][3] = { "IM", "DM", "ZM", "OM", "UM", "PM" };

enum { NR_EXCEPTIONS = 6, MASK_SHIFT = 7 };

static void append(char *buf, size_t size, const char *word)
{
	size_t n = strlen(buf);

	snprintf(buf + n, size - n, "%s%s", n ? " " : "", word);
}

static unsigned int mxcsr__rounding(uint32_t mxcsr)
{
	return (mxcsr & MXCSR_RC) >> MXCSR_RC_SHIFT;
}

static char *unmasked__text(uint32_t mxcsr, char *buf, size_t size)
{
	unsigned int i;

	*buf = '\0';
	for (i = 0; i < NR_EXCEPTIONS; i++)
		if (!(mxcsr >> (MASK_SHIFT + i) & 1))
			append(buf, size, masks[i]);
	return buf;
}

char *mxcsr__text(uint32_t mxcsr, char *buf)
{
	char un[32];

	*buf = '\0';
	if (mxcsr & MXCSR_FTZ)
		append(buf, MXCSR_TEXT_MAX, "FTZ");
	if (mxcsr & MXCSR_DAZ)
		append(buf, MXCSR_TEXT_MAX, "DAZ");
	if (mxcsr__rounding(mxcsr)) {
		append(buf, MXCSR_TEXT_MAX, "round");
		append(buf, MXCSR_TEXT_MAX, rounding[mxcsr__rounding(mxcsr)]);
	}
	if (*unmasked__text(mxcsr, un, sizeof(un))) {
		append(buf, MXCSR_TEXT_MAX, "unmasked");
		append(buf, MXCSR_TEXT_MAX, un);
	}
	return buf;
}

/* The thread's sample before this one did not have it. */
static void onset__begin(struct onset *o, const struct facts *f)
{
	const struct trail *t = f->trail;

	*o = (struct onset){
		.before = t->seconds, .since = f->seconds, .at_before = t->loc, .at_since = f->loc,
		.mapped = t->mapped, .nr_mapped = t->nr_mapped,
	};
}

static void mxcsr_acc__onsets(struct mxcsr_acc *a, const struct facts *f)
{
	const struct trail *t = f->trail;
	uint32_t new;
	unsigned int i;

	if (!t || !t->loc || !t->mxcsr_known)
		return;
	new = f->mxcsr & ~t->mxcsr;
	if (!a->known && (f->mxcsr ^ t->mxcsr) & ~(uint32_t)MXCSR_FLAGS)
		onset__begin(&a->set, f);
	for (i = 0; i < NR_RAISED; i++)
		if (new & raised_flags[i].bit && !a->raised[i].at_since)
			onset__begin(&a->raised[i], f);
}

void mxcsr_acc__add(struct mxcsr_acc *a, const struct facts *f)
{
	unsigned int i;

	if (!f->mxcsr_known) {
		a->unknown++;
		return;
	}
	mxcsr_acc__onsets(a, f);
	if (!a->known++)
		a->first_seen = f->seconds;
	a->control = f->mxcsr & ~(uint32_t)MXCSR_FLAGS;
	if (a->control != MXCSR_INIT) {
		if (!a->odd++)
			a->odd_control = a->control;
		a->mixed |= a->control != a->odd_control;
	}
	for (i = 0; i < NR_EXCEPTIONS; i++)
		a->sticky[i] += f->mxcsr >> i & 1;
}

/* ---- when --------------------------------------------------------------------- */

enum { TIME_BINS = 48 };		/* what a line of text has room for */

/* Samples over time, in bins that grow as the recording does. */
struct timeline {
	double width;			/* seconds a bin; 0: empty */
	uint64_t bin[TIME_BINS];
};

/* What the view keeps; findings see its first member. */
struct mxcsr_view_acc {
	struct mxcsr_acc mxcsr;
	struct timeline time;
};

static void timeline__reach(struct timeline *t, double seconds)
{
	unsigned int i;

	if (t->width <= 0)
		t->width = 0.001;
	for (; seconds >= t->width * TIME_BINS; t->width *= 2) {
		for (i = 0; i < TIME_BINS / 2; i++)
			t->bin[i] = t->bin[2 * i] + t->bin[2 * i + 1];
		memset(t->bin + TIME_BINS / 2, 0, sizeof(t->bin) / 2);
	}
}

static void timeline__add(struct timeline *t, double seconds)
{
	timeline__reach(t, seconds);
	t->bin[(unsigned int)(seconds / t->width)]++;
}

static void mxcsr__add(struct hist *h, void *acc, const struct facts *f)
{
	struct mxcsr_view_acc *a = acc;

	(void)h;
	mxcsr_acc__add(&a->mxcsr, f);
	timeline__add(&a->time, f->seconds);
}

static void mxcsr__onset(const struct hist *h, const char *what, const char *began, const struct onset *on, struct output *o)
{
	static const struct column columns[] = {
		{ "what", "What", CELL_TEXT }, { "before", "Not at", CELL_SECONDS }, { "symbol_before", "in", CELL_TEXT },
		{ "since", "Since", CELL_SECONDS }, { "symbol_since", "in", CELL_TEXT }, { "loaded", "Loaded in between", CELL_TEXT },
	};
	char text[640], between[512];
	struct cell c[] = {
		{ .kind = CELL_TEXT, .text = what },
		{ .kind = CELL_SECONDS, .share = on->before }, { .kind = CELL_TEXT, .text = "" },
		{ .kind = CELL_SECONDS, .share = on->since }, { .kind = CELL_TEXT, .text = "" },
		{ .kind = on->mapped ? CELL_TEXT : CELL_NONE, .text = on->mapped },
	};

	if (!on->at_since)
		return;
	c[2].text = on->at_before->sym->name;
	c[4].text = on->at_since->sym->name;
	snprintf(text, sizeof(text), "            %s%s%s", what, began, onset__text(on, h->machine, between, sizeof(between)));
	o->ops->detail(o, "onset", text, columns, c, sizeof(c) / sizeof(c[0]));
}

static void mxcsr__onsets(const struct hist *h, const struct mxcsr_acc *a, struct output *o)
{
	char text[MXCSR_TEXT_MAX];
	unsigned int i;

	if (a->control != MXCSR_INIT)
		mxcsr__onset(h, mxcsr__text(a->control, text), " set ", &a->set, o);
	for (i = 0; i < NR_RAISED; i++)
		mxcsr__onset(h, raised_flags[i].name, " first raised ", &a->raised[i], o);
}

/* All rows over the same time, so that they can be compared. */
static void mxcsr__details(struct hist *h, const struct hist_entry *e, struct output *o)
{
	struct mxcsr_view_acc *a = e->acc;
	struct plot plot = {
		.kind = "timeline", .title = "samples over time", .low_key = "from", .high_key = "to",
		.count_key = "samples", .prefix = "", .suffix = " s", .full = true, .bin = a->time.bin,
	};

	if (!a->mxcsr.known)
		return;
	timeline__reach(&a->time, h->seconds);
	plot.step = a->time.width;
	plot.nr = (unsigned int)(h->seconds / a->time.width) + 1;
	plot.quiet = a->mxcsr.control == MXCSR_INIT;
	o->ops->plot(o, &plot);
	mxcsr__onsets(h, &a->mxcsr, o);
}

static uint64_t mxcsr__key(const struct facts *f)
{
	return f->mxcsr_known ? f->mxcsr & ~(uint32_t)MXCSR_FLAGS : UINT64_MAX;
}

static const struct column columns[] = {
	{ "samples",	"Samples", CELL_COUNT },
	{ "mxcsr",	"MXCSR", CELL_HEX },
	{ "flush",	"Flush", CELL_TEXT, COLUMN_LEFT },
	{ "rounding",	"Rounding", CELL_TEXT, COLUMN_LEFT },
	{ "unmasked",	"Unmasked", CELL_TEXT, COLUMN_LEFT },
	{ "first_seen",	"First at", CELL_SECONDS },
	{ "sticky",	"Raised", CELL_TEXT, COLUMN_LEFT | COLUMN_FLEX },
};

struct mxcsr_texts {
	char flush[16], unmasked[32], sticky[64];
};

static struct cell cell__text_or_none(const char *s)
{
	return (struct cell){ .kind = *s ? CELL_TEXT : CELL_NONE, .text = s, .mark = false };
}

/* "PE" where all samples have it, "ZE 12.0 %" where some have. */
static void sticky__text(const struct mxcsr_acc *a, char *buf, size_t size)
{
	struct cell c;
	char word[32], share[24];
	unsigned int i;

	*buf = '\0';
	for (i = 0; i < NR_EXCEPTIONS; i++) {
		if (!a->sticky[i])
			continue;
		c = cell__share(a->sticky[i], a->known);
		if (a->sticky[i] == a->known)
			snprintf(word, sizeof(word), "%s", exceptions[i]);
		else
			snprintf(word, sizeof(word), "%s %s", exceptions[i], cell__format(&c, share, sizeof(share)));
		append(buf, size, word);
	}
}

static void mxcsr__cells(struct hist *h, const struct hist_entry *e, struct cell *c)
{
	const struct mxcsr_acc *a = e->acc;
	struct mxcsr_texts *t = arena__alloc(&h->arena, sizeof(*t));

	c[0] = (struct cell){ .kind = CELL_COUNT, .count = e->samples };
	if (!a->known || !t)
		return;			/* the rest stays unknown */
	snprintf(t->flush, sizeof(t->flush), "%s%s%s", a->control & MXCSR_FTZ ? "FTZ" : "",
		 (a->control & MXCSR_FTZ) && (a->control & MXCSR_DAZ) ? " " : "", a->control & MXCSR_DAZ ? "DAZ" : "");
	unmasked__text(a->control, t->unmasked, sizeof(t->unmasked));
	sticky__text(a, t->sticky, sizeof(t->sticky));
	c[1] = (struct cell){ .kind = CELL_HEX, .count = a->control };
	c[2] = cell__text_or_none(t->flush);
	c[2].mark = *t->flush;
	c[3] = (struct cell){ .kind = CELL_TEXT, .text = rounding[mxcsr__rounding(a->control)],
			      .mark = mxcsr__rounding(a->control) };
	c[4] = cell__text_or_none(t->unmasked);
	c[4].mark = *t->unmasked;
	c[5] = (struct cell){ .kind = CELL_SECONDS, .share = a->first_seen };
	c[6] = cell__text_or_none(t->sticky);
}

const struct view view_mxcsr = {
	.name = "mxcsr", .help = "who runs with FTZ, DAZ, odd rounding, unmasked exceptions; sticky flags; since when",
	.sort = "comm,tid",
	.acc_size = sizeof(struct mxcsr_view_acc),
	.columns = columns, .nr_columns = sizeof(columns) / sizeof(columns[0]),
	.key = mxcsr__key, .add = mxcsr__add, .cells = mxcsr__cells, .details = mxcsr__details,
};
