// The clock of a process, moved while it runs: what it is told of the time of day is so many seconds off as a file says.
// Promises: the time since the machine began is as it is, as when the clock is set or the machine slept; no lock and no file at a look, with which
// libfaketime has Chromium take more than a minute to start. Must not: be loaded by anything but tests.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *seconds_off;

__attribute__((constructor)) static void read_offset(void) {
  const char *name = getenv("MOVED_CLOCK");
  int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *place = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (place != MAP_FAILED) seconds_off = place;
}

int clock_gettime(clockid_t id, struct timespec *now) {
  int code = (int)syscall(SYS_clock_gettime, id, now);
  if (code == 0 && seconds_off && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) now->tv_sec += *seconds_off;
  return code;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec exact;
  int code = clock_gettime(CLOCK_REALTIME, &exact);
  if (code == 0) *now = (struct timeval){exact.tv_sec, exact.tv_nsec / 1000};
  return code;
}

time_t time(time_t *place) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (place) *place = exact.tv_sec;
  return exact.tv_sec;
}
