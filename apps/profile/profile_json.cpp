#include "apps/profile/profile_json.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "apps/json_text.h"
#include "engine/error.h"

namespace backlight {
namespace {

using nlohmann::json;

constexpr int format_version = 1;

/// A field in both directions: what is written is what is read.
class Writer {
 public:
  template <class T>
  void operator()(const char* name, const T& value) {
    out[name] = value;
  }
  template <class T, class Each>
  void list(const char* name, const std::vector<T>& values, Each each) {
    out[name] = json::array();
    for (const T& value : values) {
      Writer one;
      each(one, value);
      out[name].push_back(std::move(one.out));
    }
  }
  template <class T, class Each>
  void group(const char* name, const T& value, Each each) {
    Writer one;
    each(one, value);
    out[name] = std::move(one.out);
  }
  json out = json::object();
};

class Reader {
 public:
  explicit Reader(const json& from) : in(from) {}
  template <class T>
  void operator()(const char* name, T& value) {
    value = in.at(name).get<T>();
    if constexpr (std::is_floating_point_v<T>)
      if (!(value >= 0) || std::isinf(value)) throw Error(std::string(name) + " is no length");
  }
  template <class T, class Each>
  void list(const char* name, std::vector<T>& values, Each each) {
    for (const json& item : in.at(name)) {
      Reader one(item);
      each(one, values.emplace_back());
    }
  }
  template <class T, class Each>
  void group(const char* name, T& value, Each each) {
    Reader one(in.at(name));
    each(one, value);
  }
  const json& in;
};

constexpr auto spread = [](auto& field, auto& s) {
  field("median", s.median);
  field("low", s.low);
  field("high", s.high);
};
constexpr auto bandwidth = [](auto& field, auto& b) {
  field("name", b.name);
  field("bytes", b.bytes);
  field("bytes_per_second", b.bytes_per_second);
};
constexpr auto compute = [](auto& field, auto& c) {
  field("instructions", c.instructions);
  field("threads", c.threads);
  field("flop_per_second", c.flop_per_second);
};
constexpr auto ceilings = [](auto& field, auto& c) {
  field.list("compute", c.compute, compute);
  field.group("memory", c.memory, bandwidth);
  field.group("weights", c.weights, bandwidth);
  field.group("activations", c.activations, bandwidth);
};
constexpr auto memory = [](auto& field, auto& m) {
  field("weights", m.weights);
  field("prepared", m.prepared);
  field("arena", m.arena);
  field("scratch", m.scratch);
};
constexpr auto step = [](auto& field, auto& s) {
  field("name", s.name);
  field("start", s.start);
  field("seconds", s.seconds);
};
constexpr auto call = [](auto& field, auto& c) {
  field("node", c.node);
  field("kind", c.kind);
  field("stage", c.stage);
  field("direction", c.direction);
  field("contract", c.contract);
  field("kernel", c.kernel);
  field("declined", c.declined);
  field("reads", c.reads);
  field("writes", c.writes);
  field("flop", c.flop);
  field("bytes", c.bytes);
  field("weight_bytes", c.weight_bytes);
  field.group("seconds", c.seconds, spread);
  field("least_seconds", c.least);
  field("start", c.start);
  field("took", c.took);
};
constexpr auto whole = [](auto& field, auto& p) {
  field("version", p.version);
  field("processor", p.processor);
  field("device", p.device);
  field("threads", p.threads);
  field("repeat", p.repeat);
  field("architecture", p.architecture);
  field("input_size", p.input_size);
  field("classes", p.classes);
  field("batch", p.batch);
  field("work", p.work);
  field("rule", p.rule);
  field("kernel", p.kernel);
  field("fold", p.fold);
  field("fuse", p.fuse);
  field("no_counters", p.no_counters);
  field.group("ceilings", p.ceilings, ceilings);
  field.group("memory", p.memory, memory);
  field.list("start_up", p.start_up, step);
  field.list("calls", p.calls, call);
  field.group("whole", p.whole, spread);
  field.group("watched", p.watched, spread);
};

json sums_json(const Profile& profile, const std::function<std::string(const ProfiledCall&)>& name) {
  json all = json::array();
  for (const Sum& sum : sums(profile, name))
    all.push_back({{"name", sum.name}, {"seconds", sum.seconds}, {"flop", sum.flop}, {"bytes", sum.bytes}});
  return all;
}

}  // namespace

json to_json(const Profile& profile) {
  Writer writer;
  whole(writer, profile);
  json& out = writer.out;
  out["format"] = "backlight profile";
  out["format_version"] = format_version;
  for (std::size_t i = 0; i < profile.calls.size(); ++i) {
    const ProfiledCall& c = profile.calls[i];
    if (c.counts)
      out["calls"][i]["counters"] = {{"cycles", c.counts->cycles},
                                     {"instructions", c.counts->instructions},
                                     {"cache_misses", c.counts->cache_misses}};
  }
  out["sums"] = {{"kind", sums_json(profile, [](const ProfiledCall& c) { return c.kind; })},
                 {"stage", sums_json(profile, [](const ProfiledCall& c) { return c.stage; })},
                 {"direction", sums_json(profile, [](const ProfiledCall& c) { return c.direction; })}};
  out["sum_seconds"] = profile.sum();
  return std::move(out);
}

Profile read_profile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) throw Error(path.string() + ": there is no such file");
  const json in = parse_json(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!in.is_object() || in.value("format", json()) != "backlight profile")
    throw Error(path.string() + ": no profile; backlight profile --json writes one");
  if (in.value("format_version", json()) != format_version)
    throw Error(path.string() + ": a profile of another version of Backlight; make it anew");
  Profile profile;
  try {
    Reader reader(in);
    whole(reader, profile);
  } catch (const std::exception&) {
    throw Error(path.string() + ": a damaged profile; make it anew with backlight profile --json");
  }
  return profile;
}

}  // namespace backlight
