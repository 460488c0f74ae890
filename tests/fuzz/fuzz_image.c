// SPDX-License-Identifier: GPL-2.0-only
/*
 * u8 layout, u8 kind (0 image, 1 signal frame), u64 examined, u64 xfd, then the
 * image. What is taken lies within its bytes, shows nothing that XSTATE_BV does
 * not vouch for, and says the same as a block.
 */
#include "fixture.h"
#include "replay.h"

enum { HEADER = 18 };

static struct xstate_layout layouts[FIXTURE_LAYOUTS];

static void load_layouts(void)
{
	unsigned int i;

	for (i = 0; !layouts[FIXTURE_LAYOUTS - 1].xfeatures && i < FIXTURE_LAYOUTS; i++)
		fixture__layout(&layouts[i], fixture_layouts[i]);
}

/* Marks what counts and turns every other bit over. */
static uint8_t *with_noise(const struct xstate_image *img)
{
	uint8_t *used = calloc(1, img->size), *p = exact_copy(img->data, img->size);
	unsigned int nr;
	size_t i;

	CHECK(used);
	memset(used + 24, 1, 8);
	if (img->size > 512)
		memset(used + 512, 1, 64);
	for (nr = 0; nr < XFEATURE_MAX; nr++) {
		const uint8_t *c = xstate_image__component(img, nr);

		if (!c)
			continue;
		CHECK(c >= img->data);
		CHECK(c + img->layout->comp[nr].size <= img->data + img->size);
		memset(used + (c - img->data), 1, img->layout->comp[nr].size);
	}
	for (i = 0; i < img->size; i++)
		if (!used[i])
			p[i] = ~p[i];
	free(used);
	return p;
}

static void check_noise(const struct xstate_image *img, const struct xstate_regs *r)
{
	uint8_t *p = with_noise(img);
	struct xstate_image other = *img;
	struct xstate_regs ro;
	char why[128];

	other.data = p;
	if (img->size > 512)
		CHECK(xstate_image__open(&other, img->layout, p, img->size, img->examined, img->xfd, NULL) == 0);
	CHECK(other.mxcsr == img->mxcsr);
	xstate_regs__from_image(&ro, &other);
	CHECK(!regs__differ(r, &ro, why, sizeof(why)));
	free(p);
}

static void check_block(const struct xstate_image *img, const struct xstate_regs *r)
{
	static uint8_t buf[FIXTURE_SIZE];
	struct xstate_block b;
	struct xstate_regs rb;
	char why[128];
	size_t n;
	int err = xstate_block__from_image(img, img->examined, 1, 8, 0, buf, sizeof(buf), &n);

	if (!img->mxcsr_known) {
		CHECK(err == XSTATE_E_FEATURES);
		return;
	}
	CHECK(err == 0);
	CHECK(xstate_block__read(&b, img->layout, buf, n, NULL) == 0);
	CHECK(b.size == n && b.mxcsr == img->mxcsr);
	xstate_regs__from_block(&rb, &b);
	CHECK(!regs__differ(r, &rb, why, sizeof(why)));
}

static void check_states(const struct xstate_image *img, const struct xstate_regs *r)
{
	unsigned int nr;

	CHECK(!(img->examined & img->xfd));
	CHECK(!(img->xstate_bv & ~img->examined));
	for (nr = 0; nr < XFEATURE_MAX; nr++) {
		enum xstate_state s = xstate_regs__component_state(r, nr);

		CHECK((s == XSTATE_VALUE) == (xstate_image__component(img, nr) != NULL));
		CHECK(!(img->xfd >> nr & 1) || s == XSTATE_UNKNOWN);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct xstate_layout *l;
	struct xstate_image img;
	struct xstate_regs r;
	uint64_t examined, xfd;
	size_t where = 0, n;
	uint8_t *p;
	int err;

	if (size < HEADER)
		return 0;
	load_layouts();
	l = &layouts[data[0] % FIXTURE_LAYOUTS];
	memcpy(&examined, data + 2, 8);
	memcpy(&xfd, data + 10, 8);
	n = size - HEADER;
	p = exact_copy(data + HEADER, n);
	if (data[1] % 2)
		err = xstate_image__open_sigframe(&img, l, p, n, xfd, &where);
	else
		err = xstate_image__open(&img, l, p, n, examined, xfd, &where);
	CHECK(where <= n && err <= 0);
	if (!err) {
		xstate_regs__from_image(&r, &img);
		check_states(&img, &r);
		check_noise(&img, &r);
		check_block(&img, &r);
		xstate_regs__width_in_use(&r);
		xstate_regs__width_nonzero(&r);
	}
	free(p);
	return 0;
}
