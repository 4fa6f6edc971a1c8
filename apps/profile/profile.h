#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apps/profile/ceilings.h"
#include "apps/profile/counters.h"
#include "apps/profile/subject.h"

namespace backlight {

/// Seconds, of several runs: the median and the quartiles around it.
struct Spread {
  double median = 0, low = 0, high = 0;
  /// Half the distance of the quartiles, as a share of the median.
  double relative() const { return median > 0 ? (high - low) / 2 / median : 0; }
};
/// Of at least one number.
Spread spread_of(std::vector<double> seconds);

/// A call of the program, and what it took.
struct ProfiledCall {
  std::string node, kind;  // "layer1.0.conv1", "conv"
  std::string stage;       // height and width of what the node makes: the layers of one size are one stage
  std::string direction;   // "forward", "backward"
  std::string contract, kernel;
  std::vector<std::string> declined = {}, reads = {}, writes = {};  // operands as "name NxCxHxW"
  double flop = 0, bytes = 0;
  double weight_bytes = 0;  // of `bytes`, those of the parameters that it reads
  Spread seconds = {};
  double least = 0;                   // seconds, at the ceilings
  double start = 0, took = 0;         // in the run that stands for all: seconds since it began
  std::optional<Counts> counts = {};  // of one run
};

struct Profile {
  std::string version = {}, processor, device;
  int threads = 1, repeat = 1;
  std::string architecture = {};
  std::int64_t input_size = 0, batch = 1;
  std::size_t classes = 0;
  std::string work = {}, rule = {}, kernel = {};  // kernel: as asked for with --kernel
  bool fold = true, fuse = true;
  std::string no_counters = {};  // why there are none; empty: there are

  Ceilings ceilings = {};
  MemoryUse memory = {};
  std::vector<StartUpStep> start_up = {};
  std::vector<ProfiledCall> calls = {};  // in the order of the program
  Spread whole = {};                     // a run with nobody watching
  Spread watched = {};                   // a run whose calls are timed, in turn with the others

  /// Of the medians of all calls.
  double sum() const;
};

/// The calls' times of one run, in the order of the program.
struct CallTime {
  double start = 0, seconds = 0;
};
/// Runs the subject once and times every call.
std::vector<CallTime> time_calls(Subject& subject);

/// All of a profile that is known before anything is measured.
Profile describe(const Subject& subject, int repeat, const Counters& counters);
/// Runs the subject 2 · repeat times, every second run with its calls timed; then for the counters, where
/// there are any.
Profile measure(Subject& subject, int repeat, const Counters& counters);

/// Part of a profile's time: of all calls of one kind, stage or direction.
struct Sum {
  std::string name;
  double seconds = 0, flop = 0, bytes = 0;
};
/// The calls summed by what `name` says of them, in the order in which the names come first.
std::vector<Sum> sums(const Profile& profile, const std::function<std::string(const ProfiledCall&)>& name);

/// "Intel(R) Xeon(R) Processor", as the system calls it.
std::string processor_name();

}  // namespace backlight
