/* SPDX-License-Identifier: GPL-2.0-only */
/* cflags: -fomit-frame-pointer -fno-plt -fno-optimize-sibling-calls -fno-ipa-icf */
/*
 * Calls whose chains are known, through code without frame pointers. Each path
 * burns the CPU in a function of its own, spin_PATH(), which is called by:
 *
 *	spin_deep	recurse() six times, deep(), work()
 *	spin_big	big_frame() with 4096 bytes by alloca(), so a frame by RBP, big(), work()
 *	spin_signal	on_signal() on top of raise(), signalled(), work()
 *	spin_bare	bare(), whose code no unwind table covers, uncovered(), work()
 *	spin_thread	thread(), which pthread_create() started
 *
 * and work() by main(). Tests build it with frame pointers, too.
 *
 * usage: callpaths ROUNDS
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { SPIN = 200000, DEPTH = 6, BIG = 4096 };

#define NOIPA __attribute__((noipa))

/* Tests define it as what makes a leaf set up its frame. */
#ifndef LEAF_FRAME
#define LEAF_FRAME
#endif

static volatile double sink;

#define SPINNER(name)							\
NOIPA static void name(void)						\
{									\
	double x = 1;							\
	int i;								\
									\
	LEAF_FRAME;							\
	for (i = 0; i < SPIN; i++)					\
		sink = x = x * 0.999 + 0.5;				\
}

SPINNER(spin_deep)
SPINNER(spin_big)
SPINNER(spin_signal)
SPINNER(spin_thread)
void spin_bare(void);
NOIPA void spin_bare(void)
{
	double x = 1;
	int i;

	for (i = 0; i < SPIN; i++)
		sink = x = x * 0.999 + 0.5;
}

NOIPA static void recurse(int depth)
{
	volatile int here = depth;

	if (depth > 1)
		recurse(depth - 1);
	else
		spin_deep();
	here++;
}

NOIPA static void deep(void)
{
	recurse(DEPTH);
	sink++;
}

NOIPA static void big_frame(int size)
{
	volatile char *room = __builtin_alloca(size);

	room[0] = room[BIG - 1] = 1;
	spin_big();
	room[1] = room[0];
}

NOIPA static void big(void)
{
	big_frame(BIG);
	sink++;
}

static void on_signal(int sig)
{
	(void)sig;
	spin_signal();
	sink++;
}

NOIPA static void signalled(void)
{
	raise(SIGUSR1);
	sink++;
}

/* No .cfi directives: nothing says how to unwind it. The stack stays aligned. */
void bare(void);
__asm__(".text\n.type bare, @function\nbare:\n"
	"	sub $40, %rsp\n"
	"	call spin_bare\n"
	"	add $40, %rsp\n"
	"	ret\n.size bare, .-bare\n");

NOIPA static void uncovered(void)
{
	bare();
	sink++;
}

NOIPA static void *thread(void *arg)
{
	int i, rounds = *(int *)arg;

	for (i = 0; i < rounds; i++)
		spin_thread();
	return NULL;
}

NOIPA static void work(void)
{
	deep();
	big();
	signalled();
	uncovered();
}

int main(int argc, char **argv)
{
	int i, rounds = argc > 1 ? atoi(argv[1]) : 50;
	pthread_t id;

	signal(SIGUSR1, on_signal);
	if (pthread_create(&id, NULL, thread, &rounds))
		return 1;
	for (i = 0; i < rounds; i++)
		work();
	pthread_join(id, NULL);
	return 0;
}
