/* Adds DELAY_NS nanoseconds to every fsync and fdatasync, and counts them. Preloaded by slow_sync.py.
   With BUSY they are nanoseconds of the processor, so that they show in a time that counts nothing else. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <time.h>

#ifdef BUSY
#define CLOCK CLOCK_THREAD_CPUTIME_ID
#define AWAKE_NS DELAY_NS
#else
#define CLOCK CLOCK_MONOTONIC
#define AWAKE_NS 200000LL
#endif

static atomic_long calls;

long slow_sync_calls(void) { return atomic_load(&calls); }

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* A sleep may wake late by a scheduler's slack, so the last AWAKE_NS are spent looking at the clock. */
static void delay(void) {
    long long end = now() + DELAY_NS, sleep = DELAY_NS - AWAKE_NS;
    atomic_fetch_add(&calls, 1);
    if (sleep > 0) {
        struct timespec t = {sleep / 1000000000LL, sleep % 1000000000LL};
        nanosleep(&t, NULL);
    }
    while (now() < end) {
    }
}

#define SLOW(name)                                             \
    int name(int fd) {                                         \
        int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, #name); \
        delay();                                               \
        return real(fd);                                       \
    }

SLOW(fsync)
SLOW(fdatasync)
