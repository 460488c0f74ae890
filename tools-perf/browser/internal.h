/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share; nobody else includes it. */
#ifndef PERF_XREGS_BROWSER_INTERNAL_H
#define PERF_XREGS_BROWSER_INTERNAL_H

#include "browser/edit.h"
#include "browser/keys.h"
#include "browser/menu.h"
#include "browser/screen.h"
#include "browser/state.h"
#include "browser/text.h"

/* Sentences on a page of their own. */
enum text_page { TEXT_HELP, TEXT_INFO, TEXT_FINDINGS };

/* A line that is being typed, above it what is wrong with it. */
struct prompt {
	const char *label, *hint;
	struct edit edit;
	char says[1024];		/* "" : nothing */
	unsigned int column;		/* what it is about, from 1; 0: all of it */
	bool wrong;			/* Enter was pressed all the same */
};

struct progress {
	uint64_t done, size;		/* bytes; size 0: not known */
	uint64_t next;			/* ms of the clock: not drawn before */
};

struct browser {
	const struct browser_options *options;
	struct state *state;
	unsigned int view;
	enum keys_where page, under;	/* under: what a text lies on */
	/* the function's page */
	const struct hist_entry *entry;
	struct doc function;
	struct list instructions;
	/* the text's */
	enum text_page text_page;
	struct text text;
	/* over or below them */
	struct prompt *prompt;
	struct menu *menu;
	struct progress *progress;
	char search[LIST_FILTER_MAX];	/* what n looks for */
	char message[1024];
	bool message_wrong, leave;
	int key;			/* the last */
};

/* draw.c */
void browser__draw(struct browser *b);
/** browser__list - the list in sight, NULL on a page of text */
struct list *browser__list(struct browser *b);

/* pages.c */
void page__open_text(struct browser *b, enum text_page p);
/** page__build_text - the sentences for a width */
void page__build_text(struct browser *b, unsigned int columns);
void page__open_function(struct browser *b, const struct hist_entry *entry, const uint64_t *offset);
void page__close(struct browser *b);
/** page__enter_finding - to what shows more of the selected finding */
void page__enter_finding(struct browser *b);
void page__set_view(struct browser *b, unsigned int view);

/* ask.c */
/** prompt__run - let @p be typed; false: given up. @changed (may be NULL) is called at each key, -1: not good yet */
bool prompt__run(struct browser *b, struct prompt *p, int (*changed)(struct browser *b, struct prompt *p));
/** menu__run - let one of @m be chosen: its id, -1: given up */
int menu__run(struct browser *b, struct menu *m);
void ask__search(struct browser *b);
void ask__filter(struct browser *b);
void ask__sort(struct browser *b);
void ask__view(struct browser *b);
void ask__write(struct browser *b);

/* zoom.c */
/** browser__say - below the page until the next key */
void browser__say(struct browser *b, bool wrong, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/** browser__query - read the recording for another query; keep what there is if that fails. True: read */
bool browser__query(struct browser *b, const struct query *q);
/** browser__read - the pass of a state, with progress and ^C */
int browser__read(struct browser *b, struct state *s, struct err *e);
void zoom__thread(struct browser *b);
void zoom__dso(struct browser *b);
/** zoom__row - into what a row is by: a thread, a CPU, an object */
void zoom__row(struct browser *b, const struct hist_entry *entry);
/** zoom__out - to the state before; false: there is none */
bool zoom__out(struct browser *b);

#endif
