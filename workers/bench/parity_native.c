// P and Q of a RAID-6 as native code makes them with SSE2 and nothing newer: Horner's rule from the last block, 64 bytes a turn. Waits
// for lines "blocks bytes times" and answers each with the seconds that took.
#include <emmintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BLOCKS_MAX = 32, BLOCK_BYTES_MAX = 1 << 20, VECTORS = 4 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static inline __m128i twice(__m128i q) {
  __m128i lost = _mm_cmpgt_epi8(_mm_setzero_si128(), q);
  return _mm_xor_si128(_mm_add_epi8(q, q), _mm_and_si128(lost, _mm_set1_epi8(0x1d)));
}

// Not inlined, so that doing it again is doing it again.
__attribute__((noinline)) static void syndromes(uint8_t **blocks, int count, uint8_t *to_p, uint8_t *to_q, size_t bytes) {
  for (size_t at = 0; at < bytes; at += VECTORS * 16) {
    __m128i p[VECTORS], q[VECTORS];
    const __m128i *top = (const __m128i *)(blocks[count - 1] + at);
#pragma GCC unroll 4
    for (int i = 0; i < VECTORS; i++) p[i] = q[i] = _mm_load_si128(top + i);
    for (int block = count - 2; block >= 0; block--) {
      const __m128i *from = (const __m128i *)(blocks[block] + at);
#pragma GCC unroll 4
      for (int i = 0; i < VECTORS; i++) {
        __m128i data = _mm_load_si128(from + i);
        p[i] = _mm_xor_si128(p[i], data);
        q[i] = _mm_xor_si128(twice(q[i]), data);
      }
    }
#pragma GCC unroll 4
    for (int i = 0; i < VECTORS; i++) {
      _mm_store_si128((__m128i *)(to_p + at) + i, p[i]);
      _mm_store_si128((__m128i *)(to_q + at) + i, q[i]);
    }
  }
}

int main(void) {
  uint8_t *memory = aligned_alloc(4096, (size_t)(BLOCKS_MAX + 2) * BLOCK_BYTES_MAX);
  if (memory == NULL) return 1;
  int count, times;
  size_t bytes;
  while (scanf("%d %zu %d", &count, &bytes, &times) == 3) {
    if (count < 2 || count > BLOCKS_MAX || bytes > BLOCK_BYTES_MAX || bytes % 64 != 0) return 1;
    uint8_t *blocks[BLOCKS_MAX + 2];
    for (int i = 0; i < count + 2; i++) blocks[i] = memory + i * bytes;
    for (size_t i = 0; i < count * bytes; i++) memory[i] = (uint8_t)(i * 2654435761u >> 13);
    syndromes(blocks, count, blocks[count], blocks[count + 1], bytes);
    double begin = now();
    for (int i = 0; i < times; i++) syndromes(blocks, count, blocks[count], blocks[count + 1], bytes);
    printf("%.9f\n", now() - begin);
    fflush(stdout);
  }
  free(memory);
  return 0;
}
