#include "deadline.h"

#if defined(__linux__)
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#endif

namespace cuda_emulation {

#if defined(__linux__)

namespace {

/// One of each OS thread, kept: arming it is cheap, making it is not. A forked process has none of its parent's.
struct Timer {
  timer_t id{};
  pid_t process = 0;

  bool ready() {
    if (process == getpid()) {
      return true;
    }
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGURG;
#if defined(sigev_notify_thread_id)
    event.sigev_notify_thread_id = static_cast<pid_t>(syscall(SYS_gettid));
#else
    event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
#endif
    if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &id) != 0) {
      return false;
    }
    process = getpid();
    return true;
  }
  ~Timer() {
    if (process == getpid()) {
      timer_delete(id);
    }
  }
};

thread_local Timer timer;

void set(double seconds) {
  itimerspec often{};
  often.it_interval.tv_sec = static_cast<time_t>(seconds);
  often.it_interval.tv_nsec = static_cast<long>((seconds - static_cast<double>(often.it_interval.tv_sec)) * 1e9);
  often.it_value = often.it_interval;
  timer_settime(timer.id, 0, &often, nullptr);
}

}  // namespace

Interruptions::Interruptions(double every_seconds) {
  if (timer.ready()) {
    set(every_seconds);
  }
}

Interruptions::~Interruptions() {
  if (timer.process != 0) {
    set(0);
  }
}

#else

Interruptions::Interruptions(double) {}
Interruptions::~Interruptions() = default;

#endif

}  // namespace cuda_emulation
