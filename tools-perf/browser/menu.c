/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "browser/label.h"
#include "browser/menu.h"

enum { ITEM_MAX = 256 };

void menu__add(struct menu *m, int id, const char *fmt, ...)
{
	size_t max = m->max ? m->max * 2 : 16;
	struct menu_item *item;
	char text[ITEM_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (m->nr == m->max) {
		item = realloc(m->item, max * sizeof(*item));
		if (!item) {
			m->no_memory = true;
			return;
		}
		m->item = item;
		m->max = max;
	}
	m->item[m->nr] = (struct menu_item){ label__make(&m->arena, text), id };
	if (!m->item[m->nr].text) {
		m->no_memory = true;
		return;
	}
	m->nr++;
	if (m->item[m->selected].id < 0)
		m->selected = m->nr - 1;
}

static void menu__scroll(struct menu *m)
{
	size_t first = m->selected;

	/* with the heading above */
	while (first && m->item[first - 1].id < 0)
		first--;
	if (first < m->top)
		m->top = first;
	if (m->height && m->selected >= m->top + m->height)
		m->top = m->selected - m->height + 1;
}

void menu__select(struct menu *m, int id)
{
	size_t i;

	for (i = 0; i < m->nr; i++)
		if (m->item[i].id == id)
			m->selected = i;
	menu__scroll(m);
}

void menu__move(struct menu *m, long by)
{
	const long step = by < 0 ? -1 : 1;
	long at = m->selected;

	while (by && at + step >= 0 && at + step < (long)m->nr) {
		at += step;
		if (m->item[at].id < 0)
			continue;
		m->selected = at;
		by -= step;
	}
	menu__scroll(m);
}

void menu__set_height(struct menu *m, unsigned int height)
{
	m->height = height;
	menu__scroll(m);
}

unsigned int menu__columns(const struct menu *m)
{
	unsigned int n = label__columns(m->title), w;
	size_t i;

	for (i = 0; i < m->nr; i++) {
		w = label__columns(m->item[i].text);
		n = w > n ? w : n;
	}
	return n;
}

void menu__free(struct menu *m)
{
	free(m->item);
	arena__free(&m->arena);
	*m = (struct menu){ 0 };
}
