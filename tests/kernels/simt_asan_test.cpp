// With AddressSanitizer: an access outside a kernel's memory ends the program with a report that names the
// kernel's line.
#include "kernels/simt/sanitizer.h"

#ifdef BACKLIGHT_ASAN

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "kernels/simt/simt.h"

using namespace backlight;

namespace {

__global__ void past_global_kernel(float* x) {
  __syncthreads();
  x[threadIdx.x] = 1;  // 32 threads, fewer elements
}

__global__ void past_shared_kernel(int offset) {
  SIMT_SHARED(float, first, [30]);
  SIMT_SHARED(float, second, [32]);
  second[threadIdx.x] = 0;
  __syncthreads();
  float* cell = first;
  cell[static_cast<int>(threadIdx.x) + offset] = 1;
}

__global__ void past_dynamic_kernel() {
  SIMT_DYNAMIC_SHARED(float, buffer);
  __syncthreads();
  buffer[threadIdx.x] = 1;
}

/// What a child process that runs `body` writes to standard error; "" where it survives.
template <class Body>
std::string report_of(Body body) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    body();
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char part[4096];
  for (ssize_t n; (n = read(ends[0], part, sizeof part)) > 0;) text.append(part, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "" : text;
}

bool names(const std::string& report, const std::string& kernel) {
  return report.find("AddressSanitizer") != std::string::npos && report.find(kernel) != std::string::npos &&
         report.find("simt_asan_test.cpp:") != std::string::npos;
}

}  // namespace

TEST_CASE("simt: AddressSanitizer reports an access out of bounds at the kernel's line") {
  std::vector<float> x(31), enough(32);
  CHECK(names(report_of([&] { simt::launch(past_global_kernel, 1, 32, 0, {}, x.data()); }),
              "past_global_kernel"));
  CHECK(report_of([&] { simt::launch(past_global_kernel, 1, 32, 0, {}, enough.data()); }) == "");
  CHECK(names(report_of([] { simt::launch(past_shared_kernel, 1, 31, 0, {}, 0); }), "past_shared_kernel"));
  CHECK(names(report_of([] { simt::launch(past_shared_kernel, 1, 30, 0, {}, -1); }), "past_shared_kernel"));
  CHECK(report_of([] { simt::launch(past_shared_kernel, 1, 30, 0, {}, 0); }) == "");
  CHECK(names(report_of([] { simt::launch(past_dynamic_kernel, 1, 32, 124, {}); }), "past_dynamic_kernel"));
  CHECK(report_of([] { simt::launch(past_dynamic_kernel, 1, 32, 128, {}); }) == "");
}

#endif
