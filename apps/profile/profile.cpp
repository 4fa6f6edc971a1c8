#include "apps/profile/profile.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>
#include <thread>

namespace backlight {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

std::vector<std::string> texts(const std::vector<Operand>& operands) {
  std::vector<std::string> all;
  for (const Operand& operand : operands)
    all.push_back(operand.tensor.shape.rank() > 0 ? operand.name + " " + to_string(operand.tensor.shape)
                                                  : operand.name);
  return all;
}

/// "The layers whose maps are of one size are in the same stage" (Lin et al. 2016, arXiv 1612.03144, §3).
std::string stage_of(const Shape& shape) {
  if (shape.rank() < 4) return "1x1";
  return std::to_string(shape[2]) + "x" + std::to_string(shape[3]);
}

ProfiledCall described(const Session& session, const Call& call, const std::set<std::string>& parameters) {
  const Node& node = session.graph().node(call.node);
  ProfiledCall described{.node = node.name,
                         .kind = std::string(node.op->kind()),
                         .stage = stage_of(session.graph().value(node.output).shape),
                         .direction = call.direction == Call::Direction::backward ? "backward" : "forward",
                         .contract = call.contract,
                         .kernel = call.kernel,
                         .declined = call.declined,
                         .reads = texts(call.reads),
                         .writes = texts(call.writes),
                         .flop = call.flop,
                         .bytes = call.bytes};
  for (const Operand& operand : call.reads)
    if (parameters.count(operand.name)) described.weight_bytes += static_cast<double>(operand.bytes);
  return described;
}

std::vector<ProfiledCall> described(const Session& session) {
  std::set<std::string> parameters;
  for (const Parameter& parameter : session.graph().parameters()) parameters.insert(parameter.name);
  std::vector<ProfiledCall> calls;
  for (const std::vector<Call>* list : {&session.program().forward, &session.program().backward})
    for (const Call& call : *list) calls.push_back(described(session, call, parameters));
  return calls;
}

void count(Subject& subject, const Counters& counters, int runs, std::vector<ProfiledCall>& calls) {
  for (ProfiledCall& call : calls) call.counts.emplace();
  std::size_t next = 0;
  subject.session().around([&](const Call& call, const Workers& workers) {
    const Counts before = counters.read();
    call.run(workers);
    const Counts after = counters.read();
    Counts& sum = *calls[next++].counts;
    sum.cycles += (after.cycles - before.cycles) / runs;
    sum.instructions += (after.instructions - before.instructions) / runs;
    sum.cache_misses += (after.cache_misses - before.cache_misses) / runs;
  });
  for (int run = 0; run < runs; ++run, next = 0) subject.run();
  subject.session().around(nullptr);
}

}  // namespace

Spread spread_of(std::vector<double> seconds) {
  std::ranges::sort(seconds);
  const auto at = [&](double share) {  // between the two that are nearest
    const double place = share * static_cast<double>(seconds.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, seconds.size() - 1);
    return seconds[below] + (place - static_cast<double>(below)) * (seconds[above] - seconds[below]);
  };
  return {at(0.5), at(0.25), at(0.75)};
}

double Profile::sum() const {
  double sum = 0;
  for (const ProfiledCall& call : calls) sum += call.seconds.median;
  return sum;
}

std::vector<CallTime> time_calls(Subject& subject) {
  std::vector<CallTime> times;
  const Program& program = subject.session().program();
  times.reserve(program.forward.size() + program.backward.size());
  const Clock::time_point begin = Clock::now();
  subject.session().around([&](const Call& call, const Workers& workers) {
    const Clock::time_point start = Clock::now();
    call.run(workers);
    times.push_back({seconds_between(begin, start), seconds_between(start, Clock::now())});
  });
  subject.run();
  subject.session().around(nullptr);
  return times;
}

Profile describe(const Subject& subject, int repeat, const Counters& counters) {
  const SubjectOptions& options = subject.options();
  return {.processor = processor_name(),
          .device = std::string(to_string(options.run.device)),
          .threads = options.run.threads,
          .repeat = repeat,
          .architecture = subject.info().architecture,
          .input_size = subject.info().input_size,
          .batch = options.batch,
          .classes = subject.info().classes.size(),
          .work = std::string(to_string(options.work)),
          .rule = std::string(to_string(options.rule)),
          .kernel = options.run.kernel,
          .fold = options.run.passes.fold,
          .fuse = options.run.passes.fuse,
          .no_counters = counters.missing(),
          .memory = subject.session().memory(),
          .start_up = subject.start_up(),
          .calls = described(subject.session())};
}

Profile measure(Subject& subject, int repeat, const Counters& counters) {
  Profile profile = describe(subject, repeat, counters);
  std::vector<std::vector<CallTime>> runs;
  std::vector<double> whole, watched;
  for (int run = 0; run < repeat; ++run) {
    Clock::time_point start = Clock::now();
    subject.run();
    whole.push_back(seconds_between(start, Clock::now()));
    start = Clock::now();
    runs.push_back(time_calls(subject));
    watched.push_back(seconds_between(start, Clock::now()));
  }
  profile.whole = spread_of(whole);
  profile.watched = spread_of(watched);
  const auto typical = static_cast<std::size_t>(
      std::ranges::min_element(watched, {}, [&](double s) { return std::abs(s - profile.watched.median); }) -
      watched.begin());

  double weights = 0;
  for (std::size_t i = 0; i < profile.calls.size(); ++i) {
    ProfiledCall& call = profile.calls[i];
    std::vector<double> seconds;
    for (const std::vector<CallTime>& times : runs) seconds.push_back(times[i].seconds);
    call.seconds = spread_of(seconds);
    call.start = runs[typical][i].start;
    call.took = runs[typical][i].seconds;
    weights += call.weight_bytes;
  }
  if (counters.missing().empty()) count(subject, counters, std::min(repeat, 5), profile.calls);
  profile.ceilings =
      measure_ceilings(profile.threads, static_cast<std::size_t>(weights), profile.memory.arena);
  for (ProfiledCall& call : profile.calls)
    call.least = profile.ceilings.least_seconds(call.flop, call.weight_bytes, call.bytes - call.weight_bytes);
  return profile;
}

std::vector<Sum> sums(const Profile& profile, const std::function<std::string(const ProfiledCall&)>& name) {
  std::vector<Sum> sums;
  for (const ProfiledCall& call : profile.calls) {
    const std::string its = name(call);
    auto sum = std::ranges::find(sums, its, &Sum::name);
    if (sum == sums.end()) sum = sums.insert(sum, {.name = its});
    sum->seconds += call.seconds.median;
    sum->flop += call.flop;
    sum->bytes += call.bytes;
  }
  return sums;
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name"))
      return line.substr(std::min(line.find(':'), line.size() - 2) + 2) + ", " +
             std::to_string(std::thread::hardware_concurrency()) + " cores";
  return "unknown processor";
}

}  // namespace backlight
