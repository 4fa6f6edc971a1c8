#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "layers/initialize.h"
#include "layers/network.h"
#include "tests/weights/h5_fixtures.h"

// What the tests of the executable share: running it as a user does, in a folder with weights and a
// photograph.
namespace backlight::test {

struct Result {
  int status;  // 128 and the signal where one ended it
  std::string out, err;
  std::int64_t peak_bytes;  // of memory
};

/// What a command finds around it, if not a healthy system.
struct Circumstances {
  rlim_t largest_file = RLIM_INFINITY;        // bytes; a write beyond fails, as on a full disk
  const char* out = nullptr;                  // where its standard output goes
  std::string in = {};                        // the file that its standard input comes from
  std::vector<std::string> environment = {};  // "NAME=VALUE", or "NAME" of what is not there
};

namespace detail {
inline std::string text_of(std::FILE* file) {
  std::string text(static_cast<std::size_t>(::lseek(::fileno(file), 0, SEEK_END)), '\0');
  REQUIRE(::pread(::fileno(file), text.data(), text.size(), 0) == static_cast<::ssize_t>(text.size()));
  std::fclose(file);
  return text;
}
}  // namespace detail

/// The executable, started in a folder. It does not outlive the object.
class Process {
 public:
  Process(const fs::path& folder, const std::vector<std::string>& arguments, const Circumstances& around = {})
      : out_(std::tmpfile()), err_(std::tmpfile()) {
    std::vector<char*> argv{const_cast<char*>(BACKLIGHT_BINARY)};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    REQUIRE((out_ && err_));
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      if (!around.in.empty()) ::dup2(::open(around.in.c_str(), O_RDONLY), STDIN_FILENO);
      ::dup2(around.out ? ::open(around.out, O_WRONLY) : ::fileno(out_), STDOUT_FILENO);
      ::dup2(::fileno(err_), STDERR_FILENO);
      for (const std::string& variable : around.environment)
        if (const std::size_t split = variable.find('='); split == std::string::npos)
          ::unsetenv(variable.c_str());
        else
          ::setenv(variable.substr(0, split).c_str(), variable.c_str() + split + 1, 1);
      if (around.largest_file != RLIM_INFINITY) {
        const rlimit limit{around.largest_file, around.largest_file};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        std::signal(SIGXFSZ, SIG_IGN);
      }
      if (::chdir(folder.c_str()) == 0) ::execv(argv[0], argv.data());
      ::_exit(127);
    }
  }
  ~Process() {
    if (child_ <= 0) return;  // waited for
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    std::fclose(out_), std::fclose(err_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool is_running() const {
    siginfo_t info{};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT) == 0);
    return info.si_pid == 0;
  }
  void interrupt(int signal = SIGINT) const { ::kill(child_, signal); }
  /// Waits for its end; once.
  Result wait() {
    int status = 0;
    rusage usage{};
    REQUIRE(::wait4(std::exchange(child_, 0), &status, 0, &usage) > 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), detail::text_of(out_),
            detail::text_of(err_), usage.ru_maxrss * std::int64_t{1024}};
  }

 private:
  std::FILE *out_, *err_;
  pid_t child_ = 0;
};

/// Runs the executable in a folder and waits for its end.
inline Result run(const fs::path& folder, const std::vector<std::string>& arguments,
                  const Circumstances& around = {}) {
  return Process(folder, arguments, around).wait();
}

inline const std::vector<std::string>& cifar_classes() {
  static const std::vector<std::string> names{"airplane", "automobile", "bird",  "cat",  "deer",
                                              "dog",      "frog",       "horse", "ship", "truck"};
  return names;
}

/// A good weight file of CIFAR ResNet20, not trained.
inline void write_cifar_weights(const fs::path& path, std::uint64_t seed = 1) {
  ModelInfo info = small_info();
  info.architecture = "cifar_resnet20";
  info.classes = cifar_classes();
  info.input_size = 32;
  const Graph graph = build_network("cifar_resnet20", {.input_size = 32, .classes = 10});
  write_weights(path, info, graph, initialize(graph, seed));
}

/// A folder with the weights W.h5 and the photograph photo.png, in which commands run. It goes with the
/// object.
class Desk {
 public:
  Desk() {
    write_cifar_weights(path("W.h5"));
    add_fixture("tall_47x61.png", "photo.png");
  }
  fs::path path(const std::string& name) const { return folder_ / name; }
  void add_fixture(const std::string& fixture, const std::string& name) const {
    fs::copy_file(fs::path(FIXTURES) / "images" / fixture, path(name));
  }

  Result run(const std::vector<std::string>& arguments, const Circumstances& around = {}) const {
    return test::run(folder_ / "", arguments, around);
  }
  /// Of a command that must succeed, and say nothing on standard error.
  std::string text(const std::vector<std::string>& arguments) const {
    const Result result = run(arguments);
    CAPTURE(joined(arguments));
    CHECK(result.status == 0);
    CHECK(result.err == "");
    return result.out;
  }
  /// The same with --json: standard output is one JSON value; or, of several pictures, one in each line: then
  /// they are given as "images".
  nlohmann::json json(std::vector<std::string> arguments) const {
    arguments.push_back("--json");
    const std::string out = text(arguments);
    CAPTURE(out);
    nlohmann::json value = nlohmann::json::parse(out, nullptr, false);
    if (!value.is_discarded()) return value;
    value = {{"images", nlohmann::json::array()}};
    for (std::size_t begin = 0, end; begin < out.size(); begin = end + 1) {
      end = out.find('\n', begin);
      REQUIRE(end != std::string::npos);
      value["images"].push_back(nlohmann::json::parse(out.substr(begin, end - begin)));
    }
    return value;
  }

  /// The command must be refused: this exit status, one line on standard error that has all `parts` in it, no
  /// word on standard output, and nothing in the folder made, changed or removed.
  Result refuses(int status, const std::vector<std::string>& arguments, const std::vector<std::string>& parts,
                 const Circumstances& around = {}) const {
    const auto before = contents();
    const Result result = run(arguments, around);
    CAPTURE(joined(arguments));
    CAPTURE(result.out);
    CAPTURE(result.err);
    CHECK(result.status == status);
    CHECK(result.out == "");
    CHECK(result.err.rfind("backlight: ", 0) == 0);
    CHECK(result.err.find('\n') == result.err.size() - 1);
    CHECK(mentions(result.err, parts));
    CHECK((contents() == before));
    return result;
  }

  /// Everything in the folder: bytes by path, "/" for a folder.
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> all;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder_ / ""))
      all[entry.path()] = entry.is_regular_file() ? bytes_of(entry.path()) : "/";
    return all;
  }

 private:
  static std::string joined(const std::vector<std::string>& arguments) {
    std::string line = "backlight";
    for (const std::string& argument : arguments) line += " " + argument;
    return line;
  }

  Folder folder_;
};

}  // namespace backlight::test
