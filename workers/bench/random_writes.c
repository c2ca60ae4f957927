// Writes 4 KiB at random places of a block device, past the page cache, so many at once, for so many seconds; prints how many a
// second. Static and small: it runs in the kernel that is measured, where there is nothing else.
//
//   random_writes DEVICE BYTES DEPTH SECONDS
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 4096, DEPTH_MAX = 256 };

static uint64_t state = 88172645463325252ull;

static uint64_t chance(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  long long bytes = atoll(argv[2]);
  int depth = atoi(argv[3]);
  double seconds = atof(argv[4]);
  if (depth < 1 || depth > DEPTH_MAX || bytes < BLOCK) return 2;

  int file = open(argv[1], O_RDWR | O_DIRECT);
  if (file < 0) fail(argv[1]);
  aio_context_t context = 0;
  if (syscall(SYS_io_setup, depth, &context) < 0) fail("io_setup");

  static struct iocb requests[DEPTH_MAX];
  static struct io_event events[DEPTH_MAX];
  char *buffers;
  if (posix_memalign((void **)&buffers, BLOCK, (size_t)depth * BLOCK)) fail("posix_memalign");
  for (long i = 0; i < (long)depth * BLOCK / 8; i++) ((uint64_t *)buffers)[i] = chance();
  for (int i = 0; i < depth; i++) {
    requests[i].aio_data = i;
    requests[i].aio_lio_opcode = IOCB_CMD_PWRITE;
    requests[i].aio_fildes = file;
    requests[i].aio_buf = (uintptr_t)(buffers + (size_t)i * BLOCK);
    requests[i].aio_nbytes = BLOCK;
  }

  struct iocb *batch[DEPTH_MAX];
  int count = depth;
  for (int i = 0; i < depth; i++) batch[i] = &requests[i];
  long done = 0;
  double begin = now(), end = begin + seconds;
  for (;;) {
    for (int i = 0; i < count; i++) batch[i]->aio_offset = chance() % (bytes / BLOCK) * BLOCK;
    for (int sent = 0; sent < count;) {
      long taken = syscall(SYS_io_submit, context, count - sent, batch + sent);
      if (taken < 0) fail("io_submit");
      sent += taken;
    }
    long got = syscall(SYS_io_getevents, context, 1, depth, events, NULL);
    if (got < 0) fail("io_getevents");
    for (int i = 0; i < got; i++) {
      if (events[i].res != BLOCK) {
        fprintf(stderr, "a write ended with %lld\n", (long long)events[i].res);
        return 1;
      }
      batch[i] = &requests[events[i].data];
    }
    count = got;
    done += got;
    if (now() >= end) break;
  }
  printf("%.0f\n", done / (now() - begin));
  return 0;
}
