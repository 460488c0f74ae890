/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A library that somebody built with -ffast-math, for its own loops. GCC up to
 * 12 links crtfastmath.o into such a library, whose constructor sets FTZ and
 * DAZ in the thread that loads it; GCC 13 and later want -mdaz-ftz for that.
 * The Makefile names the file, so that it is the same with all of them.
 */
float fastsum(const float *p, int n);

float fastsum(const float *p, int n)
{
	float sum = 0;
	int i;

	for (i = 0; i < n; i++)
		sum += p[i];
	return sum;
}
