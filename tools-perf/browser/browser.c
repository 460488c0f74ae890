/* SPDX-License-Identifier: GPL-2.0-only */
/* The loop: a key, what it does, the page drawn anew. */
#include <stdio.h>
#include <string.h>

#include "browser/internal.h"
#include "browser/terminal.h"

/* ---- moving ---------------------------------------------------------------------------- */

static void browser__move(struct browser *b, long by)
{
	if (b->page == IN_TEXT)
		text__move(&b->text, by);
	else if (browser__list(b))
		list__move(browser__list(b), by);
}

static long browser__height(struct browser *b)
{
	const struct list *l = browser__list(b);
	unsigned int height = b->page == IN_TEXT ? (b->text.nr_items ? 4 : b->text.height) : l ? l->height : 0;

	return height > 1 ? height - 1 : 1;
}

static void do_up(struct browser *b)
{
	browser__move(b, -1);
}

static void do_down(struct browser *b)
{
	browser__move(b, 1);
}

static void do_page_up(struct browser *b)
{
	browser__move(b, -browser__height(b));
}

static void do_page_down(struct browser *b)
{
	browser__move(b, browser__height(b));
}

enum { FAR = 1 << 30 };

static void do_home(struct browser *b)
{
	browser__move(b, -FAR);
}

static void do_end(struct browser *b)
{
	browser__move(b, FAR);
}

static void do_hottest(struct browser *b)
{
	list__select(&b->instructions, list__biggest(&b->instructions, doc__weight(&b->function)), NULL);
}

static void do_columns_left(struct browser *b)
{
	struct list *l = browser__list(b);

	if (l && l->skip)
		l->skip--;
}

static void do_columns_right(struct browser *b)
{
	struct list *l = browser__list(b);

	if (l)
		l->skip++;
}

/* ---- opening ------------------------------------------------------------------------------ */

/* Rows by one of these are of a function. */
static bool list__is_of_functions(const struct list *l)
{
	return doc__column(l->doc, "symbol") >= 0 || doc__column(l->doc, "address") >= 0 ||
	       doc__column(l->doc, "instruction") >= 0 || doc__column(l->doc, "srcline") >= 0;
}

static void do_details(struct browser *b)
{
	struct list *l = browser__list(b);
	const struct list_line *line = l ? list__current(l) : NULL;

	if (!line)
		return;
	if (!list__has_details(l, line->row))
		browser__say(b, false, b->page == IN_TABLE ? "there is nothing below this row; Enter shows the instructions" :
							     "this instruction reads nothing that was recorded here");
	else
		list__open(l, b->key == '+' ? true : b->key == '-' ? false : !l->open[line->row]);
}

static void do_enter(struct browser *b)
{
	struct list *l = browser__list(b);
	const struct list_line *line = l ? list__current(l) : NULL;

	if (b->page == IN_TEXT) {
		if (b->text_page == TEXT_FINDINGS)
			page__enter_finding(b);
		return;
	}
	if (!line)
		return;
	if (b->page == IN_FUNCTION)
		do_details(b);
	else if (list__is_of_functions(l))
		page__open_function(b, list__row(l, line)->item, line->detail && line->detail->has_offset ? &line->detail->offset : NULL);
	else
		zoom__row(b, list__row(l, line)->item);
}

static void do_open_all(struct browser *b)
{
	struct list *l = browser__list(b);

	if (l)
		list__open_all(l, true);
}

static void do_close_all(struct browser *b)
{
	struct list *l = browser__list(b);

	if (l)
		list__open_all(l, false);
}

static void do_back(struct browser *b)
{
	struct list *l = browser__list(b);

	if (b->page != IN_TABLE)
		page__close(b);
	else if (l && *l->filter)
		list__set_filter(l, "");
	else if (!zoom__out(b))
		browser__say(b, false, "this is the first page; q leaves");
}

/* ---- views ---------------------------------------------------------------------------------- */

static void do_next_view(struct browser *b)
{
	page__set_view(b, (b->view + 1) % b->state->nr_views);
}

static void do_previous_view(struct browser *b)
{
	page__set_view(b, (b->view + b->state->nr_views - 1) % b->state->nr_views);
}

static void do_view_number(struct browser *b)
{
	page__set_view(b, b->key == '0' ? 9 : b->key - '1');
}

static void do_views(struct browser *b)
{
	ask__view(b);
}

/* ---- asking ------------------------------------------------------------------------------------ */

static void do_search(struct browser *b)
{
	ask__search(b);
}

static void browser__find(struct browser *b, int by)
{
	struct list *l = browser__list(b);

	if (l && *b->search && !list__find(l, b->search, by))
		browser__say(b, false, "no other line has \"%s\"", b->search);
}

static void do_next(struct browser *b)
{
	browser__find(b, 1);
}

static void do_previous(struct browser *b)
{
	browser__find(b, -1);
}

static void do_filter(struct browser *b)
{
	ask__filter(b);
}

static void do_sort(struct browser *b)
{
	ask__sort(b);
}

static void do_thread(struct browser *b)
{
	zoom__thread(b);
}

static void do_dso(struct browser *b)
{
	zoom__dso(b);
}

static void do_write(struct browser *b)
{
	ask__write(b);
}

/* ---- pages of text -------------------------------------------------------------------------------- */

static void do_findings(struct browser *b)
{
	page__open_text(b, TEXT_FINDINGS);
}

static void do_info(struct browser *b)
{
	page__open_text(b, TEXT_INFO);
}

static void do_help(struct browser *b)
{
	page__open_text(b, TEXT_HELP);
}

/* ---- leaving ----------------------------------------------------------------------------------------- */

static void do_redraw(struct browser *b)
{
	if (b->key == K_CTRL_L)
		screen__repaint();
}

static void do_quit(struct browser *b)
{
	if (b->page != IN_TABLE)
		page__close(b);
	else
		b->leave = true;
}

static void do_exit(struct browser *b)
{
	b->leave = true;
}

static void (*const actions[ACTION_NR])(struct browser *b) = {
	[ACTION_UP] = do_up, [ACTION_DOWN] = do_down, [ACTION_PAGE_UP] = do_page_up, [ACTION_PAGE_DOWN] = do_page_down,
	[ACTION_HOME] = do_home, [ACTION_END] = do_end, [ACTION_HOTTEST] = do_hottest,
	[ACTION_COLUMNS_LEFT] = do_columns_left, [ACTION_COLUMNS_RIGHT] = do_columns_right,
	[ACTION_ENTER] = do_enter, [ACTION_BACK] = do_back, [ACTION_DETAILS] = do_details,
	[ACTION_OPEN_ALL] = do_open_all, [ACTION_CLOSE_ALL] = do_close_all,
	[ACTION_NEXT_VIEW] = do_next_view, [ACTION_PREVIOUS_VIEW] = do_previous_view,
	[ACTION_VIEWS] = do_views, [ACTION_VIEW_NUMBER] = do_view_number,
	[ACTION_SEARCH] = do_search, [ACTION_NEXT] = do_next, [ACTION_PREVIOUS] = do_previous,
	[ACTION_FILTER] = do_filter, [ACTION_SORT] = do_sort, [ACTION_THREAD] = do_thread, [ACTION_DSO] = do_dso,
	[ACTION_FINDINGS] = do_findings, [ACTION_INFO] = do_info, [ACTION_HELP] = do_help,
	[ACTION_WRITE] = do_write, [ACTION_REDRAW] = do_redraw, [ACTION_QUIT] = do_quit, [ACTION_EXIT] = do_exit,
};

/* ---- the loop ------------------------------------------------------------------------------------------ */

static int browser__loop(struct browser *b, struct err *e)
{
	enum action action;
	int key;

	while (!b->leave) {
		browser__draw(b);
		key = screen__key(true);
		if (key == K_GONE)
			return err__set(e, "the terminal is gone");
		if (terminal__interrupted())
			key = K_CTRL_C;
		if (key == K_NOTHING)
			continue;
		*b->message = '\0';
		b->key = key;
		action = keys__action(key, b->page);
		if (actions[action])
			actions[action](b);
		else
			browser__say(b, false, "no such key here; h lists them");
	}
	return 0;
}

static int browser__start(struct browser *b, struct state *s, struct err *e)
{
	const char *name = b->options->view->name;

	b->page = IN_TABLE;
	b->view = state__find_view(s, name, strlen(name));
	if (browser__read(b, s, e))
		return -1;
	b->state = s;
	if (!state__view(s, b->view, e))
		return -1;
	if (*s->trouble.msg)
		browser__say(b, true, "%s", s->trouble.msg);
	return browser__loop(b, e);
}

int browser__usable(struct err *e)
{
	return terminal__usable(e);
}

/* The screen is given back before anything is said. */
int browser__run(const struct browser_options *o, struct err *e)
{
	struct browser b = { .options = o };
	struct state *s, *before;
	int ret;

	if (state__new(o, NULL, NULL, &s, e))
		return -1;
	ret = screen__open(o->color, e);
	if (!ret)
		ret = browser__start(&b, s, e);
	screen__close();
	while (b.page != IN_TABLE)
		page__close(&b);
	text__free(&b.text);
	for (s = b.state ? b.state : s; s; s = before) {
		before = s->before;
		if (!before && !ret && *s->trouble.msg) {
			*e = s->trouble;
			ret = -1;
		}
		state__free(s);
	}
	return ret;
}
