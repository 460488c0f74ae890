/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user is asked for: a text, an expression, a choice, a file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "browser/internal.h"
#include "browser/label.h"
#include "browser/terminal.h"

/* ---- typing -------------------------------------------------------------------------- */

/* As in a shell. */
static const struct {
	int key;
	enum edit_op op;
} edit_keys[] = {
	{ K_LEFT, EDIT_LEFT }, { K_RIGHT, EDIT_RIGHT }, { K_HOME, EDIT_HOME }, { K_END, EDIT_END }, { 1, EDIT_HOME }, { 5, EDIT_END },
	{ K_ERASE, EDIT_BACKSPACE }, { K_DELETE, EDIT_DELETE }, { 4, EDIT_DELETE },
	{ 11, EDIT_KILL }, { 21, EDIT_KILL_LINE }, { 23, EDIT_KILL_WORD },
};

static void prompt__key(struct prompt *p, int key)
{
	char c[8];
	size_t i, n = 0;

	for (i = 0; i < sizeof(edit_keys) / sizeof(edit_keys[0]); i++)
		if (edit_keys[i].key == key) {
			edit__do(&p->edit, edit_keys[i].op);
			return;
		}
	if (key < ' ' || key >= K_FIRST)
		return;
	/* a code point in UTF-8 [RFC 3629, 3] */
	if (key < 0x80) {
		c[n++] = key;
	} else if (key < 0x800) {
		c[n++] = 0xc0 | key >> 6;
	} else if (key < 0x10000) {
		c[n++] = 0xe0 | key >> 12;
		c[n++] = 0x80 | (key >> 6 & 0x3f);
	} else {
		c[n++] = 0xf0 | key >> 18;
		c[n++] = 0x80 | (key >> 12 & 0x3f);
		c[n++] = 0x80 | (key >> 6 & 0x3f);
	}
	if (key >= 0x80)
		c[n++] = 0x80 | (key & 0x3f);
	edit__insert(&p->edit, c, n);
}

bool prompt__run(struct browser *b, struct prompt *p, int (*changed)(struct browser *b, struct prompt *p))
{
	bool done = false, accepted = false;
	int key, bad = changed ? changed(b, p) : 0;

	b->prompt = p;
	*b->message = '\0';
	while (!done) {
		browser__draw(b);
		key = screen__key(true);
		if (key == K_ESC || key == K_CTRL_C || key == K_GONE || terminal__interrupted()) {
			done = true;
		} else if (key == K_ENTER) {
			accepted = done = !bad;
			p->wrong = bad;
		} else if (key == K_CTRL_L) {
			screen__repaint();
		} else if (key != K_NOTHING && key != K_RESIZED) {
			p->wrong = false;
			prompt__key(p, key);
			bad = changed ? changed(b, p) : 0;
		}
	}
	b->prompt = NULL;
	return accepted;
}

/* ---- choosing -------------------------------------------------------------------------- */

int menu__run(struct browser *b, struct menu *m)
{
	int key, chosen = -2;
	unsigned int lines, columns;

	b->menu = m;
	*b->message = '\0';
	while (chosen == -2) {
		browser__draw(b);
		screen__size(&lines, &columns);
		key = screen__key(true);
		if (key == K_GONE || terminal__interrupted())
			chosen = -1;
		switch (keys__action(key, IN_TABLE)) {
		case ACTION_UP:		menu__move(m, -1);		break;
		case ACTION_DOWN:	menu__move(m, 1);		break;
		case ACTION_PAGE_UP:	menu__move(m, -(long)lines / 2);break;
		case ACTION_PAGE_DOWN:	menu__move(m, lines / 2);	break;
		case ACTION_HOME:	menu__move(m, -(long)m->nr);	break;
		case ACTION_END:	menu__move(m, m->nr);		break;
		case ACTION_ENTER:	chosen = m->nr ? m->item[m->selected].id : -1; break;
		case ACTION_REDRAW:	screen__repaint();		break;
		case ACTION_BACK:
		case ACTION_QUIT:
		case ACTION_EXIT:	chosen = -1;			break;
		default:		break;
		}
	}
	b->menu = NULL;
	return chosen;
}

/* ---- / ------------------------------------------------------------------------------------ */

static int search__changed(struct browser *b, struct prompt *p)
{
	struct list *l = browser__list(b);
	bool found = true;

	if (b->page == IN_TABLE && list__set_filter(l, p->edit.text))
		return -1;
	if (b->page == IN_FUNCTION && *p->edit.text)
		found = list__find(l, p->edit.text, 0);
	snprintf(p->says, sizeof(p->says), "%s", found && l->nr ? "" : b->page == IN_TABLE ? "no row has it" : "not in this function");
	return 0;
}

void ask__search(struct browser *b)
{
	struct list *l = browser__list(b);
	struct prompt p = { .label = b->page == IN_TABLE ? "rows with:" : "find:",
			    .hint = b->page == IN_TABLE ? "part of a name, in upper or lower case; Enter keeps it, Esc shows all rows" :
							  "Enter stays there, n and N go on and back" };
	size_t n;

	if (!l)
		return;
	edit__set(&p.edit, b->page == IN_TABLE ? l->filter : b->search);
	if (!prompt__run(b, &p, search__changed) && b->page == IN_TABLE)
		list__set_filter(l, "");
	n = strnlen(p.edit.text, sizeof(b->search) - 1);
	memcpy(b->search, p.edit.text, n);
	b->search[n] = '\0';
}

/* ---- f -------------------------------------------------------------------------------------- */

/* "filter, column 9: what is wrong" and below it the expression, which stands here already. */
static void prompt__say(struct prompt *p, const char *msg)
{
	unsigned int column;
	int skip = 0;

	p->column = 0;
	if (sscanf(msg, "filter, column %u: %n", &column, &skip) == 1 && skip)
		p->column = column;
	snprintf(p->says, sizeof(p->says), "%s%.*s", "", (int)strcspn(msg + skip, "\n"), msg + skip);
}

static int filter__changed(struct browser *b, struct prompt *p)
{
	struct filter *f;
	struct err e;

	(void)b;
	*p->says = '\0';
	p->column = 0;
	if (!p->edit.text[strspn(p->edit.text, " ")])
		return 0;
	if (filter__compile(&f, p->edit.text, &e)) {
		prompt__say(p, e.msg);
		return -1;
	}
	filter__free(f);
	return 0;
}

void ask__filter(struct browser *b)
{
	struct query q = b->state->query;
	const char *now = b->state->pass_options.filter;
	struct prompt p = { .label = "filter:", .hint = "as mxcsr & daz, any(ymm.f32) == subnormal or sym == name, cpu == 3; empty: all samples" };

	edit__set(&p.edit, now ? now : "");
	if (!prompt__run(b, &p, filter__changed) || !strcmp(p.edit.text, now ? now : ""))
		return;
	q.filter = p.edit.text[strspn(p.edit.text, " ")] ? p.edit.text : "";
	browser__query(b, &q);
}

/* ---- s ------------------------------------------------------------------------------------------ */

/* Sets of keys that people ask for; any other can be typed. */
static const char *const sorts[] = {
	"symbol,dso", "comm,tid,symbol", "comm,tid", "comm", "pid,comm", "dso", "cpu", "cpu,symbol", "srcline,symbol", "addr,insn",
};

enum { NR_SORTS = sizeof(sorts) / sizeof(sorts[0]), ID_VIEWS_OWN = 1000, ID_SORT, ID_TYPED = 2000 };

static int sort__changed(struct browser *b, struct prompt *p)
{
	struct err e;
	struct hist h;
	int ret = hist__init(&h, b->state->view[b->view].hist->view, b->state->pass.machine, p->edit.text, &e);

	*p->says = '\0';
	if (ret)
		prompt__say(p, e.msg);
	hist__free(&h);
	return ret;
}

static void ask__keys(struct browser *b)
{
	struct query q = b->state->query;
	struct prompt p = { .label = "rows by:", .hint = "symbol dso comm pid tid cpu srcline addr insn, with commas between" };

	edit__set(&p.edit, q.sort ? q.sort : b->state->view[b->view].hist->view->sort);
	if (!prompt__run(b, &p, sort__changed))
		return;
	q.sort = p.edit.text;
	browser__query(b, &q);
}

static void sort__menu(struct browser *b, struct menu *m, const struct list *l)
{
	const struct table *t = &l->doc->table;
	unsigned int i;

	menu__add(m, -1, "Order of the rows");
	for (i = 0; i < t->nr_columns; i++)
		if (column__is_text(t->column[i]))
			menu__add(m, i, "  %s%s%s", t->column[i]->group ? t->column[i]->group : "", t->column[i]->group ? ": " : "", t->column[i]->title);
	menu__add(m, TABLE_MAX_COLUMNS, "  as the view has it");
	menu__add(m, -1, "Rows by (reads the recording again)");
	menu__add(m, ID_VIEWS_OWN, "  each view's own: here %s", b->state->view[b->view].hist->view->sort);
	for (i = 0; i < NR_SORTS; i++)
		menu__add(m, ID_SORT + i, "  %s", sorts[i]);
	menu__add(m, ID_TYPED, "  other keys...");
	menu__select(m, l->sort >= 0 ? l->sort : TABLE_MAX_COLUMNS);
}

void ask__sort(struct browser *b)
{
	struct query q = b->state->query;
	struct menu m = { .title = "Sort" };
	struct list *l;
	int id;

	while (b->page != IN_TABLE)
		page__close(b);
	l = browser__list(b);
	sort__menu(b, &m, l);
	id = menu__run(b, &m);
	menu__free(&m);
	if (id < 0)
		return;
	if (id <= TABLE_MAX_COLUMNS) {
		list__sort(l, id == TABLE_MAX_COLUMNS ? -1 : id);
		list__move(l, -(long)l->nr);
	} else if (id == ID_TYPED) {
		ask__keys(b);
	} else {
		q.sort = id == ID_VIEWS_OWN ? NULL : sorts[id - ID_SORT];
		browser__query(b, &q);
	}
}

/* ---- v -------------------------------------------------------------------------------------------- */

void ask__view(struct browser *b)
{
	struct menu m = { .title = "View" };
	const struct view *v;
	unsigned int i;
	int id;

	for (i = 0; i < b->state->nr_views; i++) {
		v = b->state->view[i].hist->view;
		menu__add(&m, i, "%c  %-9s %s", i < 10 ? '0' + (i + 1) % 10 : ' ', v->name, v->help);
	}
	menu__select(&m, b->view);
	id = menu__run(b, &m);
	menu__free(&m);
	if (id >= 0)
		page__set_view(b, id);
}

/* ---- P ---------------------------------------------------------------------------------------------- */

/* Never over a file that is there: it may be the recording. */
static FILE *file__open(const char *path, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (f)
		return f;
	err__set(e, errno == EEXIST ? "there is a file '%.200s' already; name another" : "cannot write '%.200s': %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void browser__write(struct browser *b, const char *path)
{
	struct output o;
	struct err e;
	FILE *f = file__open(path, &e);
	bool bad;

	if (!f) {
		browser__say(b, true, "%s", e.msg);
		return;
	}
	output__open(&o, &output_text, f, false);
	if (b->entry)
		state__write_function(b->state, b->entry, &o);
	else
		state__write_view(b->state, b->view, &o);
	bad = fflush(f) || ferror(f);
	if (fclose(f) || bad)
		browser__say(b, true, "cannot write '%.200s': %s", path, strerror(errno));
	else
		browser__say(b, false, "written to %.200s, for nobody else to read", path);
}

void ask__write(struct browser *b)
{
	struct prompt p = { .label = "write to:", .hint = "a new file, which only you can read; the whole table as --stdio prints it" };
	char name[64];

	snprintf(name, sizeof(name), "perf-xregs.%s.txt", b->entry ? "annotate" : b->state->view[b->view].hist->view->name);
	edit__set(&p.edit, name);
	if (prompt__run(b, &p, NULL) && *p.edit.text)
		browser__write(b, p.edit.text);
}
