// Writes 4 KiB at random places of a block device, past the page cache, for so many seconds; prints how many a second. So many
// programs do it side by side, each with so many writes under way: with one it waits for each write, as dd does, with more it
// uses the kernel's asynchronous I/O. Static and small: it runs in the kernel that is measured, where there is nothing else.
//
//   random_writes DEVICE BYTES PROGRAMS DEPTH SECONDS
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 4096, DEPTH_MAX = 256, PROGRAMS_MAX = 256 };

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

static long one_at_a_time(int file, long long places, double end) {
  char *buffer;
  if (posix_memalign((void **)&buffer, BLOCK, BLOCK)) fail("posix_memalign");
  for (int i = 0; i < BLOCK / 8; i++) ((uint64_t *)buffer)[i] = chance();
  long done = 0;
  while (now() < end) {
    if (pwrite(file, buffer, BLOCK, (off_t)(chance() % places * BLOCK)) != BLOCK) fail("pwrite");
    done++;
  }
  return done;
}

static long many_at_once(int file, long long places, int depth, double end) {
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
  for (;;) {
    for (int i = 0; i < count; i++) batch[i]->aio_offset = chance() % places * BLOCK;
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
        exit(1);
      }
      batch[i] = &requests[events[i].data];
    }
    count = got;
    done += got;
    if (now() >= end) break;
  }
  return done;
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  long long bytes = atoll(argv[2]);
  int programs = atoi(argv[3]), depth = atoi(argv[4]);
  double seconds = atof(argv[5]);
  if (programs < 1 || programs > PROGRAMS_MAX || depth < 1 || depth > DEPTH_MAX || bytes < BLOCK) return 2;

  long *done = mmap(NULL, PROGRAMS_MAX * sizeof *done, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (done == MAP_FAILED) fail("mmap");
  double begin = now(), end = begin + seconds;
  for (int i = 0; i < programs; i++) {
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child > 0) continue;
    state *= 2 * i + 1;
    int file = open(argv[1], O_RDWR | O_DIRECT);
    if (file < 0) fail(argv[1]);
    done[i] = depth == 1 ? one_at_a_time(file, bytes / BLOCK, end) : many_at_once(file, bytes / BLOCK, depth, end);
    _exit(0);
  }
  long sum = 0;
  for (int i = 0; i < programs; i++) {
    int status;
    if (wait(&status) < 0) fail("wait");
    if (status != 0) return 1;
  }
  double took = now() - begin;
  for (int i = 0; i < programs; i++) sum += done[i];
  printf("%.0f\n", sum / took);
  return 0;
}
