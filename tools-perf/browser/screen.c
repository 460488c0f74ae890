/* SPDX-License-Identifier: GPL-2.0-only */
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include <curses.h>

#include "browser/label.h"
#include "browser/screen.h"
#include "browser/terminal.h"

static struct {
	bool open, color, utf8;
	bool many;			/* colours: 256, not 8 */
	SCREEN *term;
	int cursor_line, cursor_column;	/* -1: hidden */
	unsigned int nothing;		/* keys in a row that were none */
} screen;

/* ---- colours ---------------------------------------------------------------------------- */

/*
 * Of the 256-colour palette, of the 8 of old terminals, and what stands in for
 * both. -1 is the terminal's own. Heat is legible on light and dark; lanes go
 * from dark blue to yellow, evenly in lightness, as those who see no red and
 * green need it.
 */
static const struct look {
	short fg, bg, fg8, bg8;
	attr_t attr, mono;
} looks[STYLE_NR] = {
	[STYLE_PLAIN]	= { -1, -1, -1, -1, 0, 0 },
	[STYLE_BAR]	= { 255, 24, COLOR_WHITE, COLOR_BLUE, A_BOLD, A_REVERSE },
	[STYLE_BAR_MARK] = { 226, 24, COLOR_YELLOW, COLOR_BLUE, A_BOLD, A_REVERSE | A_BOLD },
	[STYLE_TAB]	= { 245, -1, -1, -1, 0, 0 },
	[STYLE_TAB_ON]	= { 255, 31, COLOR_BLACK, COLOR_CYAN, A_BOLD, A_REVERSE | A_BOLD },
	[STYLE_HEADER]	= { -1, -1, -1, -1, A_BOLD | A_UNDERLINE, A_BOLD | A_UNDERLINE },
	[STYLE_DIM]	= { 245, -1, -1, -1, 0, 0 },
	[STYLE_STRONG]	= { -1, -1, -1, -1, A_BOLD, A_BOLD },
	[STYLE_MARK]	= { 196, -1, COLOR_RED, -1, A_BOLD, A_BOLD },
	[STYLE_KEY]	= { 37, -1, COLOR_CYAN, -1, A_BOLD, A_BOLD },
	[STYLE_ERROR]	= { 255, 124, COLOR_WHITE, COLOR_RED, A_BOLD, A_REVERSE | A_BOLD },
	[STYLE_SOURCE]	= { 67, -1, COLOR_BLUE, -1, 0, 0 },
	[STYLE_BOX]	= { -1, -1, -1, -1, 0, 0 },
	[STYLE_HEAT]	= { 245, -1, -1, -1, 0, 0 },
	[STYLE_HEAT + 1] = { -1, -1, -1, -1, 0, 0 },
	[STYLE_HEAT + 2] = { 71, -1, COLOR_GREEN, -1, 0, 0 },
	[STYLE_HEAT + 3] = { 142, -1, COLOR_GREEN, -1, 0, 0 },
	[STYLE_HEAT + 4] = { 172, -1, COLOR_YELLOW, -1, 0, 0 },
	[STYLE_HEAT + 5] = { 166, -1, COLOR_RED, -1, A_BOLD, A_BOLD },
	[STYLE_HEAT + 6] = { 160, -1, COLOR_RED, -1, A_BOLD, A_BOLD },
	[STYLE_LANE]	 = { 255, 17, -1, -1, 0, 0 },
	[STYLE_LANE + 1] = { 255, 18, -1, -1, 0, 0 },
	[STYLE_LANE + 2] = { 255, 54, -1, -1, 0, 0 },
	[STYLE_LANE + 3] = { 255, 60, -1, -1, 0, 0 },
	[STYLE_LANE + 4] = { 255, 24, -1, -1, 0, 0 },
	[STYLE_LANE + 5] = { 255, 30, -1, -1, 0, 0 },
	[STYLE_LANE + 6] = { 16, 36, COLOR_CYAN, -1, 0, 0 },
	[STYLE_LANE + 7] = { 16, 71, COLOR_CYAN, -1, 0, 0 },
	[STYLE_LANE + 8] = { 16, 107, COLOR_CYAN, -1, 0, 0 },
	[STYLE_LANE + 9] = { 16, 149, COLOR_CYAN, -1, 0, A_BOLD },
	[STYLE_LANE + 10] = { 16, 185, COLOR_YELLOW, -1, 0, A_BOLD },
	[STYLE_LANE + 11] = { 16, 227, COLOR_YELLOW, -1, A_BOLD, A_BOLD },
};

enum { SELECTED_BG = 24, HAS_256 = 256 };

/* On the blue of the selected line the same hues have to be lighter. */
static short color__lighter(short fg)
{
	static const short lighter[][2] = {
		{ -1, 255 }, { 245, 252 }, { 37, 123 }, { 67, 153 }, { 71, 157 }, { 142, 229 }, { 172, 222 }, { 166, 217 }, { 160, 217 }, { 196, 217 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(lighter) / sizeof(lighter[0]); i++)
		if (lighter[i][0] == fg)
			return lighter[i][1];
	return fg;
}

/* A style's pair, and the same on the selected line. */
static void color__pair(unsigned int style)
{
	const struct look *l = &looks[style];

	if (!screen.many) {
		init_pair(1 + style, l->fg8, l->bg8);
		return;
	}
	init_pair(1 + style, l->fg, l->bg);
	init_pair(1 + STYLE_NR + style, l->bg >= 0 ? l->fg : color__lighter(l->fg), l->bg >= 0 ? l->bg : SELECTED_BG);
}

/* With 8 colours there are 64 pairs: all of the selected line have one. */
static void colors__open(bool wanted)
{
	unsigned int i;

	screen.color = wanted && has_colors() && start_color() == OK && COLOR_PAIRS > 1 + STYLE_NR;
	if (!screen.color)
		return;
	use_default_colors();
	screen.many = COLORS >= HAS_256 && COLOR_PAIRS > 2 * STYLE_NR;
	for (i = 0; i < STYLE_NR; i++)
		color__pair(i);
	if (!screen.many)
		init_pair(1 + STYLE_NR, COLOR_WHITE, COLOR_BLUE);
}

static void style__set(unsigned int style)
{
	const unsigned int s = style & ~(unsigned int)STYLE_SELECTED;
	const bool selected = style & STYLE_SELECTED;

	if (!screen.color)
		attr_set(looks[s].mono | (selected ? A_REVERSE : 0), 0, NULL);
	else if (selected && !screen.many)
		attr_set(looks[s].attr | A_BOLD, 1 + STYLE_NR, NULL);
	else
		attr_set(looks[s].attr, 1 + s + (selected ? STYLE_NR : 0), NULL);
}

enum style style__heat(double share)
{
	static const double from[HEAT_LEVELS] = { 0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2 };
	unsigned int i = HEAT_LEVELS - 1;

	while (i && share < from[i])
		i--;
	return STYLE_HEAT + i;
}

enum style style__lane(double share)
{
	return STYLE_LANE + (share >= 1 ? LANE_LEVELS - 1 : (int)(share * (LANE_LEVELS - 1)));
}

/* ---- open and close ------------------------------------------------------------------------ */

/* A key whose bytes come apart by more is Esc and others. */
enum { ESC_MS = 100 };

/* Cursor keys also as terminals send them that were not told otherwise [ECMA-48, CUU ...]. */
static void keys__define(void)
{
	static const struct {
		const char *bytes;
		int key;
	} plain[] = {
		{ "\033[A", KEY_UP }, { "\033[B", KEY_DOWN }, { "\033[C", KEY_RIGHT }, { "\033[D", KEY_LEFT },
		{ "\033[H", KEY_HOME }, { "\033[F", KEY_END }, { "\033OA", KEY_UP }, { "\033OB", KEY_DOWN },
		{ "\033OC", KEY_RIGHT }, { "\033OD", KEY_LEFT }, { "\033OH", KEY_HOME }, { "\033OF", KEY_END },
	};
	unsigned int i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		define_key(plain[i].bytes, plain[i].key);
}

int screen__open(bool color, struct err *e)
{
	set_escdelay(ESC_MS);
	terminal__guard();
	screen.term = newterm(NULL, stdout, stdin);
	if (!screen.term) {
		terminal__release();
		return err__set(e, "cannot set up the terminal; --stdio prints text");
	}
	set_term(screen.term);
	screen.open = true;
	screen.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	cbreak();
	noecho();
	nonl();				/* Enter is not ^J */
	keypad(stdscr, TRUE);
	keys__define();
	colors__open(color);
	curs_set(0);
	return 0;
}

void screen__close(void)
{
	if (!screen.open)
		return;
	endwin();
	terminal__release();
	delscreen(screen.term);
	screen.open = false;
}

void screen__size(unsigned int *lines, unsigned int *columns)
{
	*lines = LINES;
	*columns = COLS;
}

bool screen__utf8(void)
{
	return screen.utf8;
}

/* ---- drawing --------------------------------------------------------------------------------- */

void screen__clear(void)
{
	erase();
	screen.cursor_line = -1;
}

void screen__show(void)
{
	curs_set(screen.cursor_line >= 0);
	if (screen.cursor_line >= 0)
		move(screen.cursor_line, screen.cursor_column);
	refresh();
}

void screen__repaint(void)
{
	clearok(curscr, TRUE);
}

void screen__cursor(unsigned int line, unsigned int column)
{
	screen.cursor_line = line;
	screen.cursor_column = column;
}

unsigned int screen__put(unsigned int line, unsigned int column, unsigned int columns, unsigned int style, const char *s)
{
	size_t bytes = label__bytes(s, columns);

	if ((int)line >= LINES || (int)column >= COLS || !columns)
		return 0;
	if ((int)(column + columns) > COLS)
		return screen__put(line, column, COLS - column, style, s);
	style__set(style);
	if (!s[bytes]) {
		mvaddnstr(line, column, s, bytes);
		return label__columns(s);
	}
	mvaddnstr(line, column, s, label__bytes(s, columns - 1));
	addstr(screen.utf8 ? "\342\200\246" : "~");
	return columns;
}

void screen__fill(unsigned int line, unsigned int column, unsigned int columns, unsigned int style)
{
	style__set(style);
	for (; columns-- && (int)line < LINES && (int)column < COLS; column++)
		mvaddch(line, column, ' ');
}

void screen__bar(unsigned int line, unsigned int column, unsigned int columns, unsigned int style, double share)
{
	static const char *const eighths[] = { "", "\342\226\217", "\342\226\216", "\342\226\215", "\342\226\214",
					       "\342\226\213", "\342\226\212", "\342\226\211" };
	unsigned int units = (unsigned int)(share * columns * 8 + 0.5), i;

	if ((int)line >= LINES || (int)(column + columns) > COLS)
		return;
	style__set(style);
	move(line, column);
	if (!screen.utf8)
		units = (units + 4) / 8 * 8;
	for (i = 0; i < units / 8; i++)
		addstr(screen.utf8 ? "\342\226\210" : "#");
	if (units % 8)
		addstr(eighths[units % 8]);
}

void screen__box(unsigned int line, unsigned int column, unsigned int lines, unsigned int columns)
{
	unsigned int i;

	for (i = 0; i < lines; i++)
		screen__fill(line + i, column, columns, STYLE_BOX);
	style__set(STYLE_BOX);
	mvhline(line, column, screen.utf8 ? ACS_HLINE : '-', columns);
	mvhline(line + lines - 1, column, screen.utf8 ? ACS_HLINE : '-', columns);
	mvvline(line, column, screen.utf8 ? ACS_VLINE : '|', lines);
	mvvline(line, column + columns - 1, screen.utf8 ? ACS_VLINE : '|', lines);
	mvaddch(line, column, screen.utf8 ? ACS_ULCORNER : '+');
	mvaddch(line, column + columns - 1, screen.utf8 ? ACS_URCORNER : '+');
	mvaddch(line + lines - 1, column, screen.utf8 ? ACS_LLCORNER : '+');
	mvaddch(line + lines - 1, column + columns - 1, screen.utf8 ? ACS_LRCORNER : '+');
}

/* ---- keys ---------------------------------------------------------------------------------------- */

static const struct {
	int curses, key;
} keys[] = {
	{ KEY_UP, K_UP }, { KEY_DOWN, K_DOWN }, { KEY_LEFT, K_LEFT }, { KEY_RIGHT, K_RIGHT },
	{ KEY_HOME, K_HOME }, { KEY_END, K_END }, { KEY_PPAGE, K_PAGE_UP }, { KEY_NPAGE, K_PAGE_DOWN },
	{ KEY_BTAB, K_BACK_TAB }, { KEY_BACKSPACE, K_ERASE }, { KEY_DC, K_DELETE }, { KEY_RESIZE, K_RESIZED },
	{ KEY_ENTER, K_ENTER }, { KEY_F(1), K_F1 },
};

static int key__special(int curses)
{
	unsigned int i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].curses == curses)
			return keys[i].key;
	return K_NOTHING;
}

/* So many at once are no signals: nobody is there to type any more. */
enum { NOTHING_MAX = 1000 };

int screen__key(bool wait)
{
	wint_t c;
	int ret;

	timeout(wait ? -1 : 0);
	ret = get_wch(&c);
	if (ret == ERR)
		return wait && !terminal__was_interrupted() && ++screen.nothing > NOTHING_MAX ? K_GONE : K_NOTHING;
	screen.nothing = 0;
	if (ret == KEY_CODE_YES)
		return key__special(c);
	return c == 127 || c == 8 ? K_ERASE : c == '\n' ? K_ENTER : (int)c;
}
