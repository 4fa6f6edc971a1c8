// Replays inputs and makes mutations of them:  fuzz READER|all|list [SECONDS] [--seed N] [FILE|FOLDER]...
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>

#include "tests/fuzz/mutate.h"
#include "weights/reader_process.h"

namespace {

using namespace backlight::fuzz;
using Clock = std::chrono::steady_clock;

constexpr long most_seconds = 10;      // of computing, for one input; six times as many by the clock
constexpr long most_megabytes = 2048;  // ever: the largest picture allowed takes half of it

// What a signal handler needs of the input at hand.
std::string_view current;
char crash_name[64];

extern "C" void save_current(int signal) {
  const int file = ::creat(crash_name, 0666);
  if (file >= 0 && ::write(file, current.data(), current.size()) < 0) ::_exit(99);
  const char text[] = "fuzz: a fault; the input is in ";
  if (::write(2, text, sizeof text - 1) < 0 || ::write(2, crash_name, std::strlen(crash_name)) < 0 ||
      ::write(2, "\n", 1) < 0)
    ::_exit(99);
  std::signal(signal, SIG_DFL);
  ::raise(signal);
}

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

bool try_input(const Reader& reader, std::string_view input) {
  current = input;
  const auto limit = [](long seconds) {
    const itimerval computing{{}, {seconds, 0}};
    ::setitimer(ITIMER_PROF, &computing, nullptr);
    ::alarm(static_cast<unsigned>(6 * seconds));
  };
  limit(most_seconds);
  bool read = false;
  try {
    read = reader.read(input);
  } catch (const std::exception& error) {
    fail(error.what());
  }
  limit(0);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
#if !defined(__SANITIZE_ADDRESS__)
  if (usage.ru_maxrss / 1024 > most_megabytes) fail("more memory than allowed");
#endif
  return read;
}

std::vector<std::string> files_of(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> paths{path};
  if (std::filesystem::is_directory(path))
    paths.assign(std::filesystem::directory_iterator(path), std::filesystem::directory_iterator());
  std::vector<std::string> inputs;
  for (const auto& each : paths)
    if (std::filesystem::is_regular_file(each)) inputs.push_back(bytes_of(each));
  return inputs;
}

void run(const Reader& reader, double seconds, std::uint64_t seed, const std::vector<std::string>& more) {
  std::snprintf(crash_name, sizeof crash_name, "crash-%s", std::string(reader.name).c_str());
  std::vector<std::string> seeds = reader.seeds();
  seeds.insert(seeds.end(), more.begin(), more.end());
  for (const std::string& input : seeds) try_input(reader, input);
  Random random(seed);
  long made = 0, read = 0;
  const auto start = Clock::now();
  while (std::chrono::duration<double>(Clock::now() - start).count() < seconds) {
    std::string input = seeds[random() % seeds.size()];
    const bool well_formed = reader.change && random() % 2 == 0;
    if (well_formed) reader.change(input, random);
    if (!well_formed || random() % 4 == 0) mutate(input, seeds, random);
    read += try_input(reader, input);
    ++made;
  }
  std::printf("%-10s %zu inputs replayed, %ld made (%ld of them readable): no fault\n",
              std::string(reader.name).c_str(), seeds.size(), made, read);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const backlight::ReaderProcess hdf5_reader;
  const std::string chosen = argc > 1 ? argv[1] : "";
  double seconds = 10;
  std::uint64_t seed = 1;
  std::vector<std::string> more;
  for (int i = 2; i < argc; ++i) {
    char* end = nullptr;
    if (std::string(argv[i]) == "--seed" && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (const double number = std::strtod(argv[i], &end); *end == '\0') {
      seconds = number;
    } else {
      for (std::string& input : files_of(argv[i])) more.push_back(std::move(input));
    }
  }
  for (const int signal : {SIGALRM, SIGPROF, SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL})
    std::signal(signal, save_current);
  bool any = false;
  for (const Reader& reader : readers())
    if (chosen == "all" || chosen == reader.name) {
      run(reader, seconds, seed, more);
      any = true;
    }
  if (any) return 0;
  if (chosen == "list") {
    for (const Reader& reader : readers()) std::printf("%s\n", std::string(reader.name).c_str());
    return 0;
  }
  std::fprintf(stderr, "usage: fuzz READER|all|list [SECONDS] [--seed N] [FILE|FOLDER]...\n");
  return 2;
}
