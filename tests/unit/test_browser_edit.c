/* SPDX-License-Identifier: GPL-2.0-only */
/* What is typed, chosen and read in the browser. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "browser/edit.h"
#include "browser/menu.h"
#include "browser/text.h"

static bool utf8_locale(void)
{
	return setlocale(LC_CTYPE, "C.UTF-8");
}

static void type(struct edit *e, const char *s)
{
	for (; *s; s++)
		edit__insert(e, s, 1);
}

static void test_edit(void **state)
{
	unsigned int cursor;
	struct edit e = { 0 };

	(void)state;
	assert_true(utf8_locale());
	type(&e, "pid == 1");
	edit__do(&e, EDIT_HOME);
	type(&e, "!");
	assert_string_equal(e.text, "!pid == 1");
	edit__do(&e, EDIT_BACKSPACE);
	edit__do(&e, EDIT_BACKSPACE);
	assert_string_equal(e.text, "pid == 1");
	edit__do(&e, EDIT_DELETE);
	assert_string_equal(e.text, "id == 1");
	edit__do(&e, EDIT_END);
	edit__do(&e, EDIT_DELETE);
	edit__do(&e, EDIT_RIGHT);
	edit__do(&e, EDIT_KILL_WORD);
	assert_string_equal(e.text, "id == ");
	edit__do(&e, EDIT_KILL_WORD);
	assert_string_equal(e.text, "id ");
	edit__do(&e, EDIT_LEFT);
	edit__do(&e, EDIT_KILL);
	assert_string_equal(e.text, "id");
	edit__do(&e, EDIT_KILL_LINE);
	assert_string_equal(e.text, "");
	/* whole characters; nothing that a terminal obeys */
	assert_true(edit__insert(&e, "\303\251", 2));
	assert_false(edit__insert(&e, "\033", 1));
	assert_false(edit__insert(&e, "x", 0));
	edit__do(&e, EDIT_LEFT);
	assert_int_equal(e.at, 0);
	edit__do(&e, EDIT_RIGHT);
	assert_int_equal(e.at, 2);
	edit__do(&e, EDIT_BACKSPACE);
	assert_int_equal(e.len, 0);
	/* the cursor is in sight in any window */
	edit__set(&e, "0123456789");
	assert_int_equal(edit__window(&e, 20, &cursor), 0);
	assert_int_equal(cursor, 10);
	assert_int_equal(edit__window(&e, 5, &cursor), 6);
	assert_int_equal(cursor, 4);
}

static void test_edit_full(void **state)
{
	struct edit e = { 0 };
	unsigned int i, n = 0;

	(void)state;
	for (i = 0; i < 2 * EDIT_MAX; i++)
		n += edit__insert(&e, "x", 1);
	assert_int_equal(n, EDIT_MAX - 1);
	assert_int_equal(e.len, strlen(e.text));
}

static void test_menu(void **state)
{
	struct menu m = { .title = "View" };

	(void)state;
	menu__add(&m, -1, "heading");
	menu__add(&m, 3, "first %d", 1);
	menu__add(&m, -1, "another");
	menu__add(&m, 5, "second");
	assert_int_equal(m.selected, 1);
	assert_int_equal(menu__columns(&m), 7);
	menu__set_height(&m, 2);
	menu__move(&m, 1);
	assert_int_equal(m.item[m.selected].id, 5);
	assert_int_equal(m.top, 2);
	menu__move(&m, 1);
	assert_int_equal(m.selected, 3);
	menu__move(&m, -9);
	assert_int_equal(m.selected, 1);
	assert_int_equal(m.top, 0);
	menu__select(&m, 5);
	assert_int_equal(m.selected, 3);
	menu__select(&m, 99);
	assert_int_equal(m.selected, 3);
	menu__free(&m);
}

static void fill_text(struct text *t, unsigned int width)
{
	text__begin(t, width);
	text__add(t, NULL, 0, 0, "Findings", 0, -1);
	text__add(t, "!", 0, 2, "one two three four", 0, 0);
	text__add(t, "!", 0, 2, "five", 0, 1);
}

static void test_text(void **state)
{
	struct text t = { 0 };

	(void)state;
	fill_text(&t, 12);
	/* "one two" and "three four" */
	assert_int_equal(t.nr, 4);
	assert_string_equal(t.line[1].text, "one two");
	assert_string_equal(t.line[1].left, "!");
	assert_string_equal(t.line[2].text, "three four");
	assert_null(t.line[2].left);
	assert_int_equal(t.nr_items, 2);
	text__set_height(&t, 2);
	text__move(&t, 1);
	assert_int_equal(t.item, 1);
	assert_int_equal(t.top, 2);
	text__move(&t, 9);
	assert_int_equal(t.item, 1);
	/* wider: fewer lines, the same item */
	fill_text(&t, 40);
	text__set_height(&t, 2);
	assert_int_equal(t.nr, 3);
	assert_int_equal(t.item, 1);
	assert_int_equal(t.top, 1);
	text__move(&t, -1);
	assert_int_equal(t.top, 0);
	text__free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edit), cmocka_unit_test(test_edit_full),
		cmocka_unit_test(test_menu), cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
