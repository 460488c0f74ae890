/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "convert/siphash.h"

static uint64_t rotl(uint64_t v, unsigned int by)
{
	return v << by | v >> (64 - by);
}

static void sip__rounds(uint64_t v[4], unsigned int n)
{
	while (n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotl(v[1], 13) ^ v[0];
		v[3] = rotl(v[3], 16) ^ v[2];
		v[0] = rotl(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotl(v[1], 17) ^ v[2];
		v[3] = rotl(v[3], 21) ^ v[0];
		v[2] = rotl(v[2], 32);
	}
}

static void sip__word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip__rounds(v, 2);
	v[0] ^= word;
}

uint64_t siphash24(const uint64_t key[2], const void *data, size_t size)
{
	uint64_t v[4] = {
		key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
		key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573),
	};
	const uint8_t *p = data;
	uint64_t word, last = (uint64_t)size << 56;
	size_t left;

	for (left = size; left >= 8; left -= 8, p += 8) {
		memcpy(&word, p, 8);
		sip__word(v, word);
	}
	word = 0;
	if (left)
		memcpy(&word, p, left);
	sip__word(v, last | word);
	v[2] ^= 0xff;
	sip__rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
