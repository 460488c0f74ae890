/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages on the screen: a bar, the head, tabs, the page, what can be pressed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "browser/columns.h"
#include "browser/internal.h"
#include "browser/label.h"
#include "output/escape.h"

/* Behind the mark that says whether a row is open. */
enum { MARGIN = 2, TOP_LINES = 3, TEXT_MARGIN = 1, NUMBER_MAX = 48, LINE_TEXT = 1024, DETAIL_TEXT = 4096 };

static unsigned int put_right(unsigned int line, unsigned int right, unsigned int left, unsigned int style, const char *s)
{
	unsigned int n = label__columns(s);

	if (left + n > right)
		return right;
	screen__put(line, right - n, n, style, s);
	return right - n;
}

/* ---- above ------------------------------------------------------------------------- */

/* What the recording is narrowed to: "thread worker 101, filter mxcsr & daz". */
static void draw__narrowed(const struct browser *b, char *buf, size_t size)
{
	const struct query *q = &b->state->query;
	const struct pass_options *o = &b->state->pass_options;
	const struct {
		const char *what, *value;
	} parts[] = {
		{ "thread ", q->thread }, { "command ", q->thread ? NULL : o->comms }, { "object ", o->dsos }, { "symbols ", o->symbols },
		{ "pid ", q->thread ? NULL : o->pids }, { "tid ", q->thread ? NULL : o->tids }, { "filter ", o->filter }, { "rows by ", q->sort },
	};
	unsigned int i;
	size_t n = 0;

	*buf = '\0';
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]) && n < size; i++)
		if (parts[i].value)
			n += snprintf(buf + n, size - n, "%s%s%s", n ? "; " : "", parts[i].what, parts[i].value);
}

static void draw__findings(const struct browser *b, unsigned int right, unsigned int left)
{
	const size_t n = b->state->about.nr_findings;
	char text[NUMBER_MAX];

	snprintf(text, sizeof(text), "! %zu finding%s: F   ", n, n == 1 ? "" : "s");
	if (put_right(0, right, left + 1, STYLE_BAR_MARK, text) != right)
		return;
	snprintf(text, sizeof(text), "! F   ");
	put_right(0, right, left + 1, STYLE_BAR_MARK, text);
}

enum { BAR_RIGHT = 26 };		/* kept for findings and help */

static void draw__bar(const struct browser *b, unsigned int columns)
{
	const char *input = b->options->pass->input ? b->options->pass->input : "perf.data";
	char text[LINE_TEXT], narrowed[LINE_TEXT], search[LIST_FILTER_MAX + 32] = "", recorded[200] = "";
	const struct list *l = b->state && b->page == IN_TABLE ? &b->state->view[b->view].list : NULL;
	struct arena a = { 0 };
	const char *label;
	unsigned int at;

	*narrowed = '\0';
	if (b->state) {
		draw__narrowed(b, narrowed, sizeof(narrowed));
		perfdata_info__recorded(perfdata_reader__info(b->state->pass.reader), recorded, sizeof(recorded));
	}
	if (l && *l->filter)
		snprintf(search, sizeof(search), "%srows with \"%s\"", *narrowed ? "; " : "", l->filter);
	snprintf(text, sizeof(text), " %.200s   %s%s%s%s", input, narrowed, search, *narrowed || *search ? "   " : "", recorded);
	label = label__make(&a, text);
	screen__fill(0, 0, columns, STYLE_BAR);
	at = screen__put(0, 0, columns, STYLE_BAR, " perf xregs ");
	at += screen__put(0, at, columns - at - BAR_RIGHT, STYLE_BAR, label ? label : "");
	arena__free(&a);
	columns = put_right(0, columns, at + 1, STYLE_BAR, "h help ");
	if (b->state && b->state->about.nr_findings)
		draw__findings(b, columns, at);
}

static void draw__head(const struct browser *b, unsigned int columns)
{
	char text[LINE_TEXT];

	state__short_head(b->state, text, sizeof(text));
	screen__put(1, 1, columns - 1, STYLE_PLAIN, text);
}

static void draw__tabs(const struct browser *b, unsigned int columns)
{
	char text[NUMBER_MAX];
	unsigned int i, at = 1;
	const bool numbers = columns >= 100;

	for (i = 0; i < b->state->nr_views; i++) {
		if (numbers && i < 10)
			snprintf(text, sizeof(text), " %u %s ", (i + 1) % 10, b->state->view[i].hist->view->name);
		else
			snprintf(text, sizeof(text), " %s ", b->state->view[i].hist->view->name);
		at += screen__put(2, at, columns - at, i == b->view ? STYLE_TAB_ON : STYLE_TAB, text);
	}
}

/* ---- a table ------------------------------------------------------------------------- */

static void draw__cell(const struct columns *c, unsigned int i, unsigned int flags, unsigned int line, unsigned int style, const char *s)
{
	unsigned int n = label__columns(s), pad = n < c->width[i] && !(flags & COLUMN_LEFT) ? c->width[i] - n : 0;

	screen__put(line, MARGIN + c->at[i] + pad, c->width[i] - pad, style, s);
}

/* Columns from @i on that are in sight and of one group: how wide they are together. */
static unsigned int group__width(const struct doc *d, const struct columns *c, unsigned int i)
{
	const char *group = d->table.column[i]->group;
	unsigned int k, width = 0;

	for (k = i; k < d->table.nr_columns && d->table.column[k]->group == group; k++)
		if (c->width[k])
			width = c->at[k] + c->width[k] - c->at[i];
	return width;
}

/* Names of groups over their columns. */
static bool draw__groups(const struct doc *d, const struct columns *c, unsigned int line, unsigned int columns)
{
	const struct table *t = &d->table;
	const char *group, *last = NULL;
	unsigned int i, width, name, at;
	bool any = false;

	for (i = 0; i < t->nr_columns; i++) {
		group = t->column[i]->group;
		if (c->width[i] && group && group != last) {
			width = group__width(d, c, i);
			name = label__columns(group);
			at = MARGIN + c->at[i] + (width > name ? (width - name) / 2 : 0);
			screen__put(line, at, columns - at, STYLE_DIM, group);
			any = true;
		}
		last = c->width[i] ? group : last;
	}
	return any;
}

static void draw__titles(const struct list *l, const struct columns *c, unsigned int line, unsigned int columns)
{
	const struct table *t = &l->doc->table;
	const bool utf8 = screen__utf8();
	unsigned int i;

	screen__fill(line, 0, columns, STYLE_HEADER);
	for (i = 0; i < t->nr_columns; i++) {
		if (!c->width[i])
			continue;
		draw__cell(c, i, t->column[i]->flags, line, STYLE_HEADER, t->column[i]->title);
		if (l->sort == (int)i)
			screen__put(line, MARGIN + c->at[i] + c->width[i], 1, STYLE_HEADER,
				    l->ascending ? (utf8 ? "\342\226\264" : "^") : (utf8 ? "\342\226\276" : "v"));
	}
	if (c->left)
		screen__put(line, 0, 1, STYLE_KEY, "<");
	if (c->right)
		screen__put(line, columns - 1, 1, STYLE_KEY, ">");
}

static unsigned int cell__style(const struct doc *d, unsigned int i, const struct doc_cell *cell)
{
	const struct column *c = d->table.column[i];

	/* operands carry their own marks */
	if (cell->mark || (!strcmp(c->key, "operands") && cell->text && strstr(cell->text, " !")))
		return STYLE_MARK;
	if (cell->kind == CELL_NONE || cell->kind == CELL_UNKNOWN)
		return STYLE_DIM;
	if ((int)i == doc__weight(d))
		return style__heat(cell->order);
	return !strcmp(c->key, "object") || !strcmp(c->key, "offset") ? STYLE_DIM : STYLE_PLAIN;
}

static void draw__row(const struct list *l, uint32_t r, const struct columns *c, unsigned int line, unsigned int selected)
{
	const struct table *t = &l->doc->table;
	const struct doc_cell *cell = l->doc->row[r].cell;
	unsigned int i;

	if (list__has_details(l, r))
		screen__put(line, 0, 1, STYLE_DIM | selected, l->open[r] ? "-" : "+");
	for (i = 0; i < t->nr_columns; i++) {
		if (!c->width[i])
			continue;
		draw__cell(c, i, t->column[i]->flags, line, cell__style(l->doc, i, &cell[i]) | selected, cell[i].text ? cell[i].text : "");
		if (c->bar && (int)i == doc__weight(l->doc) && cell[i].order > 0)
			screen__bar(line, MARGIN + c->bar_at, c->bar, style__heat(cell[i].order) | selected, cell[i].order);
	}
}

/* Details of text begin at the eleventh column: where that is dear, at the fifth. */
enum { NARROW = 100, DETAIL_INDENT = 10, DETAIL_GIVES = 6 };

/* Too long a line gives blanks; but in a map they are places. */
static const char *detail__text(const struct doc_line *d, unsigned int room, char *buf, size_t size)
{
	const char *s = d->text;

	if (d->map)
		return s;
	if (room < NARROW && strspn(s, " ") >= DETAIL_INDENT)
		s += DETAIL_GIVES;
	return label__columns(s) <= room || strlen(s) >= size ? s : label__squeeze(s, buf);
}

static void draw__spans(const struct doc_line *d, unsigned int line)
{
	unsigned int i;
	size_t from, bytes;
	char text[NUMBER_MAX];

	for (i = 0; i < d->nr_spans; i++) {
		from = label__bytes(d->text, d->span[i].column);
		bytes = label__bytes(d->text + from, d->span[i].columns);
		snprintf(text, sizeof(text), "%.*s", (int)bytes, d->text + from);
		screen__put(line, MARGIN + d->span[i].column, d->span[i].columns, style__lane(d->span[i].share), text);
	}
}

/* "! 3 of ..." and "... 25.0 % !": the sign stands out. */
static void draw__signs(const char *s, unsigned int line, unsigned int columns, unsigned int selected)
{
	size_t n = strlen(s), indent = strspn(s, " ");

	if (s[indent] == '!' && s[indent + 1] == ' ' && indent < columns)
		screen__put(line, MARGIN + indent, 1, STYLE_MARK | selected, "!");
	if (n > 2 && !strcmp(s + n - 2, " !") && label__columns(s) <= columns)
		screen__put(line, MARGIN + label__columns(s) - 1, 1, STYLE_MARK | selected, "!");
}

static void draw__detail(const struct doc_line *d, unsigned int line, unsigned int columns, unsigned int selected)
{
	const unsigned int style = d->source ? STYLE_SOURCE : d->map ? STYLE_PLAIN : STYLE_DIM, room = columns - MARGIN;
	char text[DETAIL_TEXT];
	const char *s = detail__text(d, room, text, sizeof(text));

	screen__put(line, MARGIN, room, style | selected, s);
	draw__signs(s, line, room, selected);
	draw__spans(d, line);
}

static void draw__nothing(const struct list *l, unsigned int line, unsigned int columns)
{
	char text[LINE_TEXT];

	if (*l->filter)
		snprintf(text, sizeof(text), "no row has \"%s\" in its name; / and Esc shows all", l->filter);
	else
		snprintf(text, sizeof(text), "%s", l->doc->nr_notes ? l->doc->note[0] : "no samples: the filter leaves all out");
	screen__put(line, MARGIN, columns - MARGIN, STYLE_PLAIN, text);
}

static void draw__list(struct list *l, unsigned int from, unsigned int to, unsigned int columns)
{
	const char *note = l->doc->nr_notes ? l->doc->note[0] : NULL;
	unsigned int line, selected;
	struct columns c;
	size_t i;

	columns__place(&c, l->doc, columns - MARGIN - 1, l->skip);
	l->skip = c.left;
	if (l->doc->nr_titles && l->doc->title[0])
		screen__put(from++, 1, columns - 1, STYLE_STRONG, l->doc->title[0]);
	from += draw__groups(l->doc, &c, from, columns);
	draw__titles(l, &c, from++, columns);
	if (note && to > from + 6)
		screen__put(--to, 1, columns - 1, STYLE_DIM, note);
	list__set_height(l, to > from ? to - from : 0);
	if (!l->nr)
		draw__nothing(l, from, columns);
	for (i = l->top, line = from; i < l->nr && line < to; i++, line++) {
		selected = i == l->selected ? STYLE_SELECTED : 0;
		if (selected)
			screen__fill(line, 0, columns, STYLE_PLAIN | selected);
		if (l->line[i].detail)
			draw__detail(l->line[i].detail, line, columns, selected);
		else
			draw__row(l, l->line[i].row, &c, line, selected);
	}
}

/* ---- a text -------------------------------------------------------------------------------- */

static void draw__text(struct browser *b, unsigned int from, unsigned int to, unsigned int columns)
{
	struct text *t = &b->text;
	const struct text_line *l;
	unsigned int selected;
	size_t i;

	page__build_text(b, columns - 2 * TEXT_MARGIN);
	text__set_height(t, to > from ? to - from : 0);
	for (i = t->top; i < t->nr && from < to; i++, from++) {
		l = &t->line[i];
		selected = t->nr_items && l->item == t->item ? STYLE_SELECTED : 0;
		if (selected)
			screen__fill(from, 0, columns, STYLE_PLAIN | selected);
		if (l->left)
			screen__put(from, TEXT_MARGIN, l->indent, l->left_style | selected, l->left);
		screen__put(from, TEXT_MARGIN + l->indent, columns - TEXT_MARGIN - l->indent, l->style | selected, l->text);
	}
}

/* ---- below ----------------------------------------------------------------------------------- */

struct hint {
	const char *key, *what;
};

static const struct hint table_hints[] = {
	{ "Enter", "instructions" }, { "+", "details" }, { "Tab", "view" }, { "/", "find" }, { "f", "filter" }, { "s", "sort" },
	{ "F", "findings" }, { "h", "help" }, { "q", "quit" }, { "t", "thread" }, { "d", "object" }, { "i", "about" }, { "P", "write" }, { NULL, NULL },
};
static const struct hint function_hints[] = {
	{ "+", "operands" }, { "H", "hottest" }, { "/", "find" }, { "n", "next" }, { "Left", "back" }, { "F", "findings" },
	{ "P", "write" }, { "h", "help" }, { NULL, NULL },
};
static const struct hint text_hints[] = {
	{ "Up Down PgUp PgDn", "move" }, { "q", "back" }, { "h", "help" }, { NULL, NULL },
};
static const struct hint finding_hints[] = {
	{ "Up Down", "choose" }, { "Enter", "show more of it" }, { "q", "back" }, { "h", "help" }, { NULL, NULL },
};
static const struct hint progress_hints[] = { { "Ctrl-C", "stop, and keep what was shown" }, { NULL, NULL } };

static void draw__hints(const struct hint *h, unsigned int line, unsigned int at, unsigned int columns)
{
	unsigned int n;

	for (; h->key; h++) {
		n = label__columns(h->key) + 1 + label__columns(h->what);
		if (at + n > columns)
			return;
		at += screen__put(line, at, columns - at, STYLE_KEY, h->key) + 1;
		at += screen__put(line, at, columns - at, STYLE_DIM, h->what) + 2;
	}
}

enum { PROGRESS_HINT = 42 };		/* columns of the hint behind the bar */

static void draw__progress(const struct progress *p, unsigned int line, unsigned int columns)
{
	const double share = p->size ? (double)p->done / p->size : 0;
	char text[NUMBER_MAX];
	unsigned int at;

	if (p->size)
		snprintf(text, sizeof(text), "reading %" PRIu64 " MB: %3.0f %% ", p->size >> 20, share * 100);
	else
		snprintf(text, sizeof(text), "reading: %" PRIu64 " MB ", p->done >> 20);
	at = 1 + screen__put(line, 1, columns - 1, STYLE_STRONG, text);
	if (columns < at + PROGRESS_HINT)
		return;
	if (p->size)
		screen__bar(line, at, columns - at - PROGRESS_HINT, STYLE_KEY, share > 1 ? 1 : share);
	draw__hints(progress_hints, line, columns - PROGRESS_HINT + 1, columns);
}

enum { POSITION = 14 };

static void draw__position(struct browser *b, unsigned int line, unsigned int columns)
{
	const struct list *l = browser__list(b);
	char text[NUMBER_MAX];

	if (!l || !l->nr)
		return;
	snprintf(text, sizeof(text), "  %zu/%zu ", l->selected + 1, l->nr);
	put_right(line, columns, 0, STYLE_DIM, text);
}

/* Lines that a prompt needs: what is typed, the caret below it, what is wrong. */
enum { PROMPT_LINES = 4 };

static void draw__prompt(const struct prompt *p, unsigned int line, unsigned int columns)
{
	unsigned int label = label__columns(p->label) + 2, room = columns - label - 1, cursor, at = 0, i;
	const size_t first = edit__window(&p->edit, room, &cursor);
	const unsigned int style = p->wrong ? STYLE_MARK : STYLE_DIM;
	const char *s = p->edit.text, *says = *p->says ? p->says : p->hint;
	size_t bytes, skip;
	char text[LINE_TEXT];

	for (i = 0; i < PROMPT_LINES; i++)
		screen__fill(line + i, 0, columns, STYLE_PLAIN);
	screen__put(line, 1, label, STYLE_STRONG, p->label);
	bytes = label__bytes(s + first, room);
	snprintf(text, sizeof(text), "%.*s", (int)bytes, s + first);
	screen__put(line, label, room, STYLE_PLAIN, text);
	screen__cursor(line, label + cursor);
	if (p->column) {
		for (i = 1; i < p->column && s[at]; i++)
			at += utf8__length(s + at) ? utf8__length(s + at) : 1;
		if (at >= first && at - first <= bytes) {
			snprintf(text, sizeof(text), "%.*s", (int)(at - first), s + first);
			screen__put(line + 1, label + label__columns(text), 1, STYLE_MARK, "^");
		}
	}
	for (i = 2; i < PROMPT_LINES && *says; i++, says += skip) {
		bytes = label__wrap(says, columns - 2, &skip);
		snprintf(text, sizeof(text), "%.*s", (int)bytes, says);
		screen__put(line + i, 1, columns - 1, *p->says ? style : STYLE_DIM, text);
	}
}

enum { MESSAGE_LINES = 4 };

/* As many lines as it needs, upwards from the last. */
static void draw__message(const struct browser *b, unsigned int line, unsigned int columns)
{
	const unsigned int style = b->message_wrong ? STYLE_ERROR : STYLE_STRONG;
	const char *s = b->message;
	size_t start[MESSAGE_LINES + 1] = { 0 }, skip;
	unsigned int n, i;
	char text[LINE_TEXT];

	for (n = 0; n < MESSAGE_LINES && s[start[n]]; n++) {
		label__wrap(s + start[n], columns - 2, &skip);
		start[n + 1] = start[n] + skip;
	}
	for (i = 0; i < n; i++) {
		screen__fill(line - n + 1 + i, 0, columns, b->message_wrong ? STYLE_ERROR : STYLE_PLAIN);
		snprintf(text, sizeof(text), "%.*s", (int)(start[i + 1] - start[i]), s + start[i]);
		screen__put(line - n + 1 + i, 1, columns - 1, style, i + 1 == n ? s + start[i] : text);
	}
}

static void draw__below(struct browser *b, unsigned int line, unsigned int columns)
{
	static const struct hint *const hints[] = { [IN_TABLE] = table_hints, [IN_FUNCTION] = function_hints, [IN_TEXT] = text_hints };

	if (b->progress) {
		draw__progress(b->progress, line, columns);
	} else if (*b->message) {
		draw__message(b, line, columns);
	} else {
		draw__hints(b->page == IN_TEXT && b->text.nr_items ? finding_hints : hints[b->page], line, 1, columns > POSITION ? columns - POSITION : columns);
		draw__position(b, line, columns);
	}
}

/* ---- a menu --------------------------------------------------------------------------------------- */

static void draw__menu(struct menu *m, unsigned int lines, unsigned int columns)
{
	unsigned int width = menu__columns(m) + 4, height = m->nr + 2, at, left, i;
	size_t k;

	width = width > columns ? columns : width;
	height = height + 2 > lines ? lines - 2 : height;
	at = (lines - height) / 2;
	left = (columns - width) / 2;
	menu__set_height(m, height - 2);
	screen__box(at, left, height, width);
	screen__put(at, left + 2, width - 4, STYLE_STRONG, m->title);
	for (i = 1, k = m->top; k < m->nr && i + 1 < height; i++, k++) {
		if (k == m->selected)
			screen__fill(at + i, left + 1, width - 2, STYLE_PLAIN | STYLE_SELECTED);
		screen__put(at + i, left + 2, width - 4, m->item[k].id < 0 ? STYLE_DIM : k == m->selected ? STYLE_PLAIN | STYLE_SELECTED : STYLE_PLAIN,
			    m->item[k].text);
	}
}

/* ---- all of it -------------------------------------------------------------------------------------- */

enum { MIN_LINES = 10, MIN_COLUMNS = 40 };

struct list *browser__list(struct browser *b)
{
	if (b->page == IN_FUNCTION)
		return &b->instructions;
	return b->state && b->page == IN_TABLE && b->state->view[b->view].made ? &b->state->view[b->view].list : NULL;
}

static void draw__page(struct browser *b, unsigned int lines, unsigned int columns)
{
	unsigned int below = b->prompt ? PROMPT_LINES : 1;
	struct list *l = browser__list(b);

	draw__head(b, columns);
	draw__tabs(b, columns);
	if (b->page == IN_TEXT)
		draw__text(b, TOP_LINES, lines - below, columns);
	else if (l)
		draw__list(l, TOP_LINES, lines - below, columns);
	if (b->prompt)
		draw__prompt(b->prompt, lines - below, columns);
}

void browser__draw(struct browser *b)
{
	unsigned int lines, columns;

	screen__clear();
	screen__size(&lines, &columns);
	if (lines < MIN_LINES || columns < MIN_COLUMNS) {
		screen__put(0, 0, columns, STYLE_PLAIN, "too small: 40x10 is needed");
		screen__show();
		return;
	}
	draw__bar(b, columns);
	if (b->state)
		draw__page(b, lines, columns);
	if (!b->prompt)
		draw__below(b, lines - 1, columns);
	if (b->menu)
		draw__menu(b->menu, lines, columns);
	screen__show();
}
