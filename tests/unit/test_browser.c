/* SPDX-License-Identifier: GPL-2.0-only */
/* The browser without a terminal: labels, documents, lists, columns, a state. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "browser/columns.h"
#include "browser/keys.h"
#include "browser/label.h"
#include "browser/list.h"
#include "browser/screen.h"
#include "browser/state.h"
#include "recording.h"

/* ---- labels ------------------------------------------------------------------------- */

static bool utf8_locale(void)
{
	return setlocale(LC_CTYPE, "C.UTF-8");
}

static void check_label(const char *s, const char *want, unsigned int columns)
{
	struct arena a = { 0 };
	char *label = label__make(&a, s);

	assert_string_equal(label, want);
	assert_int_equal(label__columns(label), columns);
	arena__free(&a);
}

static void test_label(void **state)
{
	(void)state;
	assert_true(utf8_locale());
	check_label("step_stencil", "step_stencil", 12);
	check_label("", "", 0);
	/* what a terminal would obey: controls, DEL, C1 in UTF-8 and as a byte */
	check_label("a\033[31mb\x7f\n", "a?[31mb??", 9);
	check_label("\302\233m", "?m", 2);
	check_label("\233m\377", "?m?", 3);
	/* no width of its own: a combining accent; two columns: a Chinese character */
	check_label("e\314\201", "e?", 2);
	check_label("\346\227\245x", "\346\227\245x", 3);
	/* overlong, a surrogate, cut off */
	check_label("\300\257", "??", 2);
	check_label("\355\240\200", "???", 3);
	check_label("\346\227", "??", 2);
	setlocale(LC_CTYPE, "C");
	check_label("caf\303\251", "caf?", 4);
}

static void test_label_cut(void **state)
{
	size_t skip;
	char buf[32];

	(void)state;
	assert_true(utf8_locale());
	assert_int_equal(label__bytes("abcdef", 3), 3);
	assert_int_equal(label__bytes("abc", 9), 3);
	/* never half of a character, of either kind */
	assert_int_equal(label__bytes("\346\227\245\346\227\245", 3), 3);
	assert_int_equal(label__bytes("\303\251\303\251", 1), 2);
	assert_true(label__has("Step_Stencil", "STEN"));
	assert_false(label__has("step", "stencil"));
	assert_true(label__has("step", ""));

	assert_int_equal(label__wrap("one two three", 8, &skip), 7);
	assert_int_equal(skip, 8);
	assert_int_equal(label__wrap("25.0 % of it", 5, &skip), 5);
	assert_int_equal(label__wrap("of 25.0 % of it", 8, &skip), 2);
	assert_int_equal(label__wrap("unbreakable", 4, &skip), 4);
	assert_int_equal(skip, 4);
	assert_int_equal(label__wrap("", 4, &skip), 0);
	assert_string_equal(label__squeeze("    a     b c", buf), "    a  b c");
}

/* ---- a document ------------------------------------------------------------------------ */

enum { SYMBOL = 1, SHARE = 2, DATA = 3, COUNT = 4, NR_COLUMNS = 5 };

static const struct column columns[NR_COLUMNS] = {
	{ "overhead", "Overhead", CELL_SHARE },
	{ "symbol", "Symbol", CELL_TEXT, COLUMN_LEFT | COLUMN_FLEX | COLUMN_KEY },
	{ "subnormal", "Subnormal", CELL_SHARE },
	{ "data", "Data", CELL_COUNT, COLUMN_DATA },
	{ "samples", "Samples", CELL_COUNT },
};

static const struct made_row {
	const char *symbol;
	double overhead, share;		/* share below 0: unknown */
	uint64_t samples;
	unsigned int details;
} made[] = {
	{ "step_stencil", 0.5, 0.25, 50, 2 }, { "sha_block", 0.3, -1, 30, 0 },
	{ "tail_reduce", 0.15, 0, 15, 3 }, { "masked_step", 0.05, 0.75, 5, 1 },
};

enum { NR_MADE = sizeof(made) / sizeof(made[0]) };

static void make_row(struct output *o, const struct made_row *m)
{
	static const struct column at[] = { { "offset", "Offset", CELL_HEX }, { "instruction", "Instruction", CELL_TEXT },
					    { "register", "Register", CELL_TEXT }, { "lanes", "Lanes", CELL_COUNT } };
	const struct cell cells[NR_COLUMNS] = {
		{ .kind = CELL_SHARE, .share = m->overhead }, { .kind = CELL_TEXT, .text = m->symbol },
		{ .kind = m->share < 0 ? CELL_UNKNOWN : m->share > 0 ? CELL_SHARE : CELL_NONE, .share = m->share, .mark = m->share > 0.5 },
		{ .kind = CELL_COUNT, .count = 7 }, { .kind = CELL_COUNT, .count = m->samples },
	};
	char text[64];
	unsigned int i;

	o->item = m;
	o->ops->row(o, cells);
	for (i = 0; i < m->details; i++) {
		const struct cell detail[] = { { .kind = CELL_HEX, .count = 16 * i }, { .kind = CELL_TEXT, .text = "vaddps" },
					       { .kind = CELL_TEXT, .text = "ymm1" }, { .kind = CELL_COUNT, .count = 8 } };

		snprintf(text, sizeof(text), "          detail %u", i);
		o->ops->detail(o, "instruction", text, at, detail, 4);
	}
}

static void make(struct doc *d, const char *view)
{
	struct table t = { .view = view, .help = "", .nr_columns = NR_COLUMNS };
	unsigned int i;

	doc__init(d);
	for (i = 0; i < NR_COLUMNS; i++)
		t.column[i] = &columns[i];
	d->out.ops->note(&d->out, "a title");
	d->out.ops->table_begin(&d->out, &t);
	for (i = 0; i < NR_MADE; i++)
		make_row(&d->out, &made[i]);
	d->out.ops->table_end(&d->out);
	d->out.ops->note(&d->out, "a note");
}

static void test_doc(void **state)
{
	struct doc d;

	(void)state;
	make(&d, "fp");
	assert_false(d.no_memory);
	assert_int_equal(d.nr_rows, NR_MADE);
	assert_ptr_equal(d.row[2].item, &made[2]);
	assert_int_equal(d.row[2].nr_lines, 3);
	assert_int_equal(d.row[3].first_line, 5);
	assert_string_equal(d.row[0].cell[SYMBOL].text, "step_stencil");
	assert_string_equal(d.row[0].cell[SHARE].text, "25.0 %");
	assert_string_equal(d.row[1].cell[SHARE].text, "?");
	assert_string_equal(d.row[2].cell[SHARE].text, "-");
	assert_string_equal(d.row[3].cell[SHARE].text, "75.0 % !");
	assert_true(d.row[3].cell[SHARE].mark);
	assert_int_equal(d.width[SYMBOL], strlen("step_stencil"));
	assert_int_equal(d.width[SHARE], strlen("Subnormal"));
	assert_true(d.line[d.row[2].first_line + 1].has_offset);
	assert_int_equal(d.line[d.row[2].first_line + 1].offset, 16);
	assert_int_equal(doc__column(&d, "samples"), COUNT);
	assert_int_equal(doc__column(&d, "tid"), -1);
	assert_int_equal(doc__weight(&d), 0);
	assert_int_equal(d.nr_titles, 1);
	assert_string_equal(d.title[0], "a title");
	assert_string_equal(d.note[0], "a note");
	doc__free(&d);
}

static void test_doc_head(void **state)
{
	const struct head_item items[] = {
		{ .line = 1, .text = "18204 samples" }, { .key = "samples", .number = 18204 }, { .key = "lost", .number = 0 },
		{ .key = "command", .value = "./solver" },
	};
	const struct finding f = { .kind = "nan", .text = "NaN \033[2J", .more = "perf", .view = "fp", .symbol = "kern" };
	struct doc d;

	(void)state;
	doc__init(&d);
	d.out.ops->head(&d.out, items, 4);
	d.out.ops->findings(&d.out, &f, 1);
	assert_true(doc__fact(&d, "samples") == 18204);
	assert_true(doc__fact(&d, "lost") == 0);
	/* not said is not 0; a string is no number */
	assert_true(doc__fact(&d, "malformed") < 0);
	assert_true(doc__fact(&d, "command") < 0);
	assert_string_equal(d.fact[0].text, "18204 samples");
	assert_string_equal(d.finding[0].text, "NaN ?[2J");
	assert_string_equal(d.finding[0].view, "fp");
	assert_string_equal(d.finding[0].symbol, "kern");
	doc__free(&d);
}

/* What text leaves out is here; so is what stands before the first row. */
static void test_doc_lines(void **state)
{
	static const struct column at[] = { { "offset", "Offset", CELL_HEX }, { "instruction", "Instruction", CELL_TEXT },
					    { "register", "Register", CELL_TEXT }, { "lanes", "Lanes", CELL_COUNT }, { "nan", "NaN", CELL_SHARE } };
	const struct cell cells[] = { { .kind = CELL_HEX, .count = 0x20 }, { .kind = CELL_TEXT, .text = "vmulps" }, { .kind = CELL_TEXT, .text = "ymm1" },
				      { .kind = CELL_COUNT, .count = 8 }, { .kind = CELL_NONE } };
	struct table t = { .view = "operands", .nr_columns = 1, .column = { &columns[1] } };
	const struct cell name = { .kind = CELL_TEXT, .text = "kern" };
	struct doc d;

	(void)state;
	doc__init(&d);
	d.out.ops->table_begin(&d.out, &t);
	d.out.ops->detail(&d.out, "call", "called by main", NULL, NULL, 0);
	d.out.ops->detail(&d.out, "call", NULL, at + 2, cells + 2, 2);
	d.out.ops->row(&d.out, &name);
	d.out.ops->detail(&d.out, "operand", NULL, at, cells, 5);
	d.out.ops->detail(&d.out, "more", "1 more", NULL, NULL, 0);
	d.out.ops->detail(&d.out, "source", "step.c:1", NULL, NULL, 0);
	d.out.ops->row(&d.out, &name);
	assert_int_equal(d.nr_lines, 4);
	assert_int_equal(d.row[0].first_line, 0);
	assert_int_equal(d.row[0].nr_lines, 3);
	assert_true(d.line[0].before);
	assert_non_null(strstr(d.line[1].text, "+0x20   vmulps"));
	assert_non_null(strstr(d.line[2].text, "ymm1  Lanes 8"));
	assert_null(strstr(d.line[2].text, "NaN"));
	assert_int_equal(d.row[1].first_line, 3);
	assert_true(d.line[3].before && d.line[3].source);
	doc__free(&d);
}

static void test_doc_lanes(void **state)
{
	struct table t = { .view = "lanes", .nr_columns = 1, .column = { &columns[1] } };
	const struct cell name = { .kind = CELL_TEXT, .text = "kern" };
	const struct lane_map_row row = { .reg = "ymm3", .type = "f64", .samples = 9, .nr_lanes = 4, .share = { 1, 0.5, 0, -1 } };
	const struct lane_map map = { .title = "f64 lanes", .row = &row, .nr = 1 };
	const struct doc_line *l;
	struct doc d;

	(void)state;
	doc__init(&d);
	d.out.ops->table_begin(&d.out, &t);
	d.out.ops->row(&d.out, &name);
	d.out.ops->lanes(&d.out, &map);
	assert_int_equal(d.row[0].nr_lines, 3);
	l = &d.line[2];
	/* what is zero or not read has no shade; the others stand where their figures are */
	assert_int_equal(l->nr_spans, 2);
	assert_memory_equal(l->text + l->span[0].column, " 100", l->span[0].columns);
	assert_memory_equal(l->text + l->span[1].column, "  50", l->span[1].columns);
	assert_true(l->span[1].share == 0.5f);
	doc__free(&d);
}

/* ---- a list ------------------------------------------------------------------------------ */

/* What a line is: "step_stencil", "  detail 1". */
static const char *line_text(const struct list *l, size_t i)
{
	return l->line[i].detail ? l->line[i].detail->text + 8 : l->doc->row[l->line[i].row].cell[SYMBOL].text;
}

static void check_lines(const struct list *l, const char *const *want, size_t n)
{
	size_t i;

	assert_int_equal(l->nr, n);
	for (i = 0; i < n; i++)
		assert_string_equal(line_text(l, i), want[i]);
}

#define CHECK_LINES(l, ...) check_lines(l, (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

struct shown {
	struct doc doc;
	struct list list;
};

static int show(void **state, bool open_first)
{
	struct shown *s = calloc(1, sizeof(*s));

	*state = s;
	if (!s)
		return -1;
	make(&s->doc, "fp");
	if (list__init(&s->list, &s->doc, open_first))
		return -1;
	list__set_height(&s->list, 10);
	return 0;
}

static int show_open(void **state)
{
	return show(state, true);
}

static int show_closed(void **state)
{
	return show(state, false);
}

static int hide(void **state)
{
	struct shown *s = *state;

	list__free(&s->list);
	doc__free(&s->doc);
	free(s);
	return 0;
}

static void test_list_open(void **state)
{
	struct list *l = &((struct shown *)*state)->list;

	CHECK_LINES(l, "step_stencil", "  detail 0", "  detail 1", "sha_block", "tail_reduce", "masked_step");
	assert_true(list__has_details(l, 0));
	assert_false(list__has_details(l, 1));
	/* closed from one of its lines: the row is selected */
	list__move(l, 2);
	assert_string_equal(line_text(l, l->selected), "  detail 1");
	list__open(l, false);
	CHECK_LINES(l, "step_stencil", "sha_block", "tail_reduce", "masked_step");
	assert_string_equal(line_text(l, l->selected), "step_stencil");
	list__move(l, 2);
	list__open(l, true);
	assert_string_equal(line_text(l, l->selected), "tail_reduce");
	assert_int_equal(l->nr, 7);
	list__open_all(l, true);
	assert_int_equal(l->nr, NR_MADE + 2 + 3 + 1);
	assert_string_equal(line_text(l, l->selected), "tail_reduce");
	list__open_all(l, false);
	assert_int_equal(l->nr, NR_MADE);
}

static void test_list_move(void **state)
{
	struct list *l = &((struct shown *)*state)->list;

	list__set_height(l, 3);
	list__move(l, 3);
	assert_int_equal(l->selected, 3);
	assert_int_equal(l->top, 1);
	list__move(l, 1 << 30);
	assert_int_equal(l->selected, 5);
	assert_int_equal(l->top, 3);
	/* a taller window leaves no empty lines, a smaller one keeps the selected in sight */
	list__set_height(l, 5);
	assert_int_equal(l->top, 1);
	list__set_height(l, 2);
	assert_int_equal(l->top, 4);
	list__move(l, -(1 << 30));
	assert_int_equal(l->selected, 0);
	assert_int_equal(l->top, 0);
	list__move(l, -1);
	assert_int_equal(l->selected, 0);
	list__set_height(l, 0);
	list__move(l, 1);
	assert_int_equal(l->selected, 1);
}

static void test_list_filter(void **state)
{
	struct list *l = &((struct shown *)*state)->list;

	list__move(l, 3);
	assert_int_equal(list__set_filter(l, "STEP"), 0);
	CHECK_LINES(l, "step_stencil", "masked_step");
	assert_string_equal(line_text(l, l->selected), "masked_step");
	/* only names count, not figures */
	list__set_filter(l, "25");
	assert_int_equal(l->nr, 0);
	assert_null(list__current(l));
	list__move(l, 1);
	assert_int_equal(list__open(l, true), 0);
	assert_false(list__find(l, "step", 1));
	list__set_filter(l, "");
	assert_int_equal(l->nr, NR_MADE);
	assert_non_null(list__current(l));
}

static void test_list_sort(void **state)
{
	struct list *l = &((struct shown *)*state)->list;

	list__sort(l, SHARE);
	/* what is unknown is last whichever way */
	CHECK_LINES(l, "masked_step", "step_stencil", "tail_reduce", "sha_block");
	assert_string_equal(line_text(l, l->selected), "step_stencil");
	list__sort(l, SHARE);
	CHECK_LINES(l, "tail_reduce", "step_stencil", "masked_step", "sha_block");
	list__sort(l, SYMBOL);
	CHECK_LINES(l, "masked_step", "sha_block", "step_stencil", "tail_reduce");
	list__set_filter(l, "step");
	CHECK_LINES(l, "masked_step", "step_stencil");
	list__set_filter(l, "");
	list__sort(l, -1);
	CHECK_LINES(l, "step_stencil", "sha_block", "tail_reduce", "masked_step");
	list__sort(l, -1);
	CHECK_LINES(l, "step_stencil", "sha_block", "tail_reduce", "masked_step");
	assert_int_equal(list__biggest(l, SHARE), 3);
	assert_int_equal(list__biggest(l, COUNT), 0);
	assert_int_equal(list__biggest(l, -1), 0);
}

static void test_list_find(void **state)
{
	const uint64_t offset = 16;
	struct list *l = &((struct shown *)*state)->list;

	list__set_height(l, 2);
	assert_true(list__find(l, "step", 0));
	assert_int_equal(l->selected, 0);
	assert_true(list__find(l, "step", 1));
	assert_string_equal(line_text(l, l->selected), "masked_step");
	assert_int_equal(l->top, 4);
	/* around the ends, both ways, and figures count here */
	assert_true(list__find(l, "step", 1));
	assert_int_equal(l->selected, 0);
	assert_true(list__find(l, "75.0", -1));
	assert_string_equal(line_text(l, l->selected), "masked_step");
	assert_true(list__find(l, "detail 1", -1));
	assert_int_equal(l->selected, 2);
	assert_false(list__find(l, "nothing", 1));
	assert_int_equal(l->selected, 2);
	/* but not what is for programs */
	assert_false(list__find(l, "7\n", 1));
	list__select(l, 2, NULL);
	assert_string_equal(line_text(l, l->selected), "tail_reduce");
	list__select(l, 0, &offset);
	assert_string_equal(line_text(l, l->selected), "  detail 1");
}

static void test_list_empty(void **state)
{
	struct table t = { .view = "fp", .nr_columns = 1, .column = { &columns[1] } };
	struct doc d;
	struct list l;

	(void)state;
	doc__init(&d);
	d.out.ops->table_begin(&d.out, &t);
	assert_int_equal(list__init(&l, &d, true), 0);
	list__set_height(&l, 5);
	list__move(&l, 1);
	list__sort(&l, 0);
	list__open_all(&l, true);
	list__select(&l, 0, NULL);
	assert_int_equal(l.nr, 0);
	assert_null(list__current(&l));
	list__free(&l);
	doc__free(&d);
}

/* ---- columns ------------------------------------------------------------------------------ */

static void test_columns(void **state)
{
	struct columns c;
	struct doc d;

	(void)state;
	make(&d, "fp");
	/* 8 + 12 + 9 + 7 and three gaps */
	columns__place(&c, &d, 42, 0);
	assert_int_equal(c.at[COUNT], 35);
	assert_int_equal(c.width[COUNT], 7);
	assert_int_equal(c.width[DATA], 0);
	assert_int_equal(c.bar, 0);
	assert_int_equal(c.right, 0);
	/* with room to spare a bar; never wider than of use */
	columns__place(&c, &d, 60, 0);
	assert_int_equal(c.bar, 16);
	assert_int_equal(c.bar_at, 10);
	assert_int_equal(c.at[SYMBOL], 28);
	/* too narrow: names keep what tells them apart, the last columns go */
	columns__place(&c, &d, 40, 0);
	assert_int_equal(c.width[SYMBOL], 12);
	assert_int_equal(c.width[COUNT], 0);
	assert_int_equal(c.right, 1);
	/* to the right, and no further than needed */
	columns__place(&c, &d, 40, 1);
	assert_int_equal(c.left, 1);
	assert_int_equal(c.right, 0);
	assert_int_equal(c.width[SHARE], 0);
	assert_int_equal(c.at[COUNT], 24);
	columns__place(&c, &d, 40, 9);
	assert_int_equal(c.left, 1);
	columns__place(&c, &d, 80, 9);
	assert_int_equal(c.left, 0);
	doc__free(&d);
}

/* ---- a state ----------------------------------------------------------------------------------- */

static const char source[] = ".globl kern\n.type kern,@function\nkern:\n vmulps ymm0, ymm1, ymm2\n ret\n.size kern,.-kern\n";
static char path[] = "/tmp/test_browser.XXXXXX";
static struct recording rec;

enum { NR_SAMPLES = 3000, NR_WORKER = 1000, WORKER = 101 };

static int write_recording(void **state)
{
	struct recording_sample s = { 0 };
	unsigned int i;
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	recording__open(&rec, path, source);
	recording__comm(&rec, WORKER, "worker", 0);
	s.ip = recording__symbol(&rec, "kern");
	s.ymm[1][0] = s.ymm[2][0] = 1;
	for (i = 0; i < NR_SAMPLES; i++) {
		s.ms = i;
		s.tid = i < NR_WORKER ? WORKER : 0;
		recording__add(&rec, &s);
	}
	recording__close(&rec);
	return 0;
}

static int remove_recording(void **state)
{
	(void)state;
	recording__remove(&rec);
	return unlink(path);
}

static const struct pass_options pass_options = { .input = path };
static const struct browser_options options = { .pass = &pass_options, .view = &view_summary };

static struct state *state_read(const struct query *q, struct state *before)
{
	struct state *s;
	struct err e;

	assert_int_equal(state__new(&options, q, before, &s, &e), 0);
	assert_int_equal(state__read(s, NULL, NULL, &e), 0);
	return s;
}

static uint64_t rows_samples(struct state *s, const char *view, size_t *rows)
{
	struct err e;
	struct state_view *v = state__view(s, state__find_view(s, view, strlen(view)), &e);
	uint64_t n = 0;
	size_t i;

	assert_non_null(v);
	*rows = v->doc.nr_rows;
	for (i = 0; i < *rows; i++)
		n += ((const struct hist_entry *)v->doc.row[i].item)->samples;
	return n;
}

static void test_state(void **unused)
{
	const struct query thread = { .tids = "101", .thread = "worker 101" }, sorted = { .sort = "tid" };
	struct state *s = state_read(NULL, NULL), *t, *u;
	struct err e;
	char head[256];
	struct doc d;
	size_t rows;

	(void)unused;
	assert_int_equal(rows_samples(s, "summary", &rows), NR_SAMPLES);
	assert_int_equal(rows, 1);
	state__short_head(s, head, sizeof(head));
	assert_non_null(strstr(head, "3000 samples"));
	assert_non_null(strstr(head, "delivered 100 %, unknown 0 %"));
	assert_int_equal(state__find_view(s, "fp.", 2), 4);
	assert_int_equal(state__find_view(s, "none", 4), -1);

	t = state_read(&thread, s);
	assert_int_equal(rows_samples(t, "summary", &rows), NR_WORKER);
	u = state_read(&sorted, s);
	assert_int_equal(rows_samples(u, "summary", &rows), NR_SAMPLES);
	assert_int_equal(rows, 2);
	/* functions are by symbol, whatever rows are by */
	assert_int_equal(state__function(u, u->view[0].doc.row[0].item, &d, &e), 0);
	assert_int_equal(d.nr_rows, 2);
	assert_string_equal(d.row[0].cell[doc__column(&d, "samples")].text, "3000");
	doc__free(&d);
	state__free(u);
	state__free(t);
	state__free(s);
}

static int end_at_once(void *ctx, uint64_t done, uint64_t size)
{
	assert_true(done <= size);
	return ++*(unsigned int *)ctx == 2;
}

static void test_state_ends(void **unused)
{
	const struct query bad[] = { { .filter = "pid =" }, { .sort = "colour" } };
	unsigned int i, ticks = 0;
	struct state *s;
	struct err e;

	(void)unused;
	/* the second tick ends the pass: it is no result, though samples were read */
	assert_int_equal(state__new(&options, NULL, NULL, &s, &e), 0);
	assert_int_equal(state__read(s, end_at_once, &ticks, &e), -1);
	assert_true(s->ended);
	assert_int_equal(ticks, 2);
	assert_true(s->pass.tally.samples && s->pass.tally.samples < NR_SAMPLES);
	state__free(s);
	for (i = 0; i < 2; i++) {
		assert_int_equal(state__new(&options, &bad[i], NULL, &s, &e), -1);
		assert_int_equal(e.status, XREGS_USAGE);
	}
}

/* The way back is kept for so many. */
static void test_state_depth(void **unused)
{
	struct state *s = NULL, *next, *before;
	unsigned int i;
	struct err e;

	(void)unused;
	for (i = 0; i < STATE_MAX_DEPTH; i++) {
		assert_int_equal(state__new(&options, NULL, s, &next, &e), 0);
		s = next;
	}
	assert_int_equal(state__new(&options, NULL, s, &next, &e), -1);
	assert_non_null(strstr(e.msg, "go back by Left"));
	for (; s; s = before) {
		before = s->before;
		state__free(s);
	}
}

/* Every action can be reached, no key does two things on one page. */
static void test_keys(void **state)
{
	static const unsigned int pages[] = { IN_TABLE, IN_FUNCTION, IN_TEXT };
	const struct binding *a, *b;
	unsigned int i, j, k, l, seen[ACTION_NR] = { 0 };

	(void)state;
	for (i = 0; (a = binding__list(i)); i++) {
		seen[a->action]++;
		for (j = 0; (b = binding__list(j)); j++)
			for (k = 0; k < BINDING_KEYS; k++)
				for (l = 0; l < BINDING_KEYS; l++)
					if ((i != j || k != l) && a->where & b->where && a->key[k])
						assert_int_not_equal(a->key[k], b->key[l]);
	}
	for (i = ACTION_NONE + 1; i < ACTION_NR; i++)
		assert_true(seen[i]);
	for (i = 0; i < 3; i++)
		assert_int_equal(keys__action('q', pages[i]), ACTION_QUIT);
	assert_int_equal(keys__action(K_UP, IN_TABLE), ACTION_UP);
	assert_int_equal(keys__action('H', IN_TABLE), ACTION_NONE);
	assert_int_equal(keys__action(K_NOTHING, IN_TABLE), ACTION_NONE);
	assert_int_equal(keys__action(0, IN_TABLE), ACTION_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_label), cmocka_unit_test(test_label_cut),
		cmocka_unit_test(test_doc), cmocka_unit_test(test_doc_head), cmocka_unit_test(test_doc_lines), cmocka_unit_test(test_doc_lanes),
		cmocka_unit_test_setup_teardown(test_list_open, show_open, hide), cmocka_unit_test_setup_teardown(test_list_move, show_open, hide), cmocka_unit_test_setup_teardown(test_list_filter, show_closed, hide),
		cmocka_unit_test_setup_teardown(test_list_sort, show_closed, hide), cmocka_unit_test_setup_teardown(test_list_find, show_open, hide), cmocka_unit_test(test_list_empty),
		cmocka_unit_test(test_columns), cmocka_unit_test(test_state), cmocka_unit_test(test_state_ends), cmocka_unit_test(test_state_depth), cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, write_recording, remove_recording);
}
