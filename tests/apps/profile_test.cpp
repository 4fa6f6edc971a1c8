// The parts of `backlight profile`, on profiles made by hand.
#include <nlohmann/json.hpp>

#include "apps/profile/comparison.h"
#include "apps/profile/profile_json.h"
#include "apps/profile/roofline.h"
#include "apps/profile/table.h"
#include "apps/profile/trace.h"
#include "engine/error.h"
#include "tests/weights/h5_fixtures.h"

using namespace backlight;
using namespace backlight::test;

namespace {

ProfiledCall call(const std::string& node, const std::string& direction, double milliseconds) {
  ProfiledCall call{.node = node,
                    .kind = "conv",
                    .stage = "8x8",
                    .direction = direction,
                    .contract = direction == "forward" ? "conv_forward" : "conv_backward_data",
                    .kernel = "blocked"};
  call.reads = {"image 1x3x8x8"};
  call.flop = 2e6;
  call.bytes = 1e5;
  call.weight_bytes = 4e4;
  call.seconds = {1e-3 * milliseconds, 0.9e-3 * milliseconds, 1.1e-3 * milliseconds};
  call.took = call.seconds.median;
  call.least = 1e-4;
  return call;
}

Profile small_profile() {
  Profile profile{.version = "1", .processor = "a processor", .device = "cpu"};
  profile.architecture = "net";
  profile.input_size = 8;
  profile.classes = 3;
  profile.work = "forward and image gradient";
  profile.rule = "gradient";
  profile.ceilings.compute = {{"AVX2", 1, 4e9}, {"SSE4", 1, 1e9}};
  profile.ceilings.memory = {"memory", 1000, 1e9};
  profile.ceilings.weights = {"weights", 1000, 2e9};
  profile.ceilings.activations = {"activations", 1000, 3e9};
  profile.start_up = {{"read", 0, 0.5}, {"first run", 0.5, 0.25}};
  profile.calls = {call("conv1", "forward", 2), call("conv2", "forward", 4), call("conv2", "backward", 6),
                   call("conv1", "backward", 8)};
  for (std::size_t i = 1; i < profile.calls.size(); ++i)
    profile.calls[i].start = profile.calls[i - 1].start + profile.calls[i - 1].took;
  profile.whole = {0.0205, 0.020, 0.021};
  profile.watched = {0.0206, 0.020, 0.021};
  return profile;
}

}  // namespace

TEST_CASE("profile: a spread is the median and the quartiles around it") {
  const Spread odd = spread_of({5, 1, 4, 2, 3});
  CHECK(odd.median == 3);
  CHECK(odd.low == 2);
  CHECK(odd.high == 4);
  CHECK(odd.relative() == doctest::Approx(1.0 / 3));
  const Spread even = spread_of({4, 1, 2, 3});
  CHECK(even.median == 2.5);
  CHECK(even.low == 1.75);
  CHECK(even.high == 3.25);
  CHECK(spread_of({7}).high == 7);
}

TEST_CASE("profile: the least time is that of the arithmetic or of the bytes, whichever is longer") {
  const Ceilings ceilings = small_profile().ceilings;
  CHECK(ceilings.peak() == 4e9);
  CHECK(ceilings.least_seconds(8e9, 2e9, 0) == 2);
  CHECK(ceilings.least_seconds(4e9, 2e9, 3e9) == 2);  // a second for the weights, one for the rest
  CHECK(ceilings.least_seconds(0, 0, 6e9) == 2);
}

TEST_CASE("profile: what is measured of this machine is possible") {
  const Ceilings ceilings = measure_ceilings(2, 1 << 20, 1 << 20);
  REQUIRE(ceilings.compute.size() >= 2);
  for (const Ceilings::Compute& c : ceilings.compute) {
    CHECK(c.flop_per_second > 1e8);
    CHECK(c.flop_per_second < 1e13);
  }
  for (const Ceilings::Bandwidth& b : {ceilings.memory, ceilings.weights, ceilings.activations}) {
    CHECK(b.bytes_per_second > 1e8);
    CHECK(b.bytes_per_second < 1e13);
  }
  CHECK(ceilings.memory.bytes > ceilings.weights.bytes);
}

TEST_CASE("profile: every instruction set multiplies and adds the same") {
  for (const PeakLoop& loop : peak_loops()) {
    CAPTURE(loop.instructions);
    CHECK(loop.run(100) == 24.0f);  // twelve chains that have come to 2
    CHECK(loop.flop_per_step >= 24);
  }
}

TEST_CASE("profile: counters count, or say why not") {
  const Counters counters;
  if (!counters.missing().empty()) {
    CHECK(counters.missing().find('\n') == std::string::npos);
    return;
  }
  const auto instructions = [&](long steps) {
    const Counts before = counters.read();
    (void)peak_loops().back().run(steps);
    return counters.read().instructions - before.instructions;
  };
  CHECK(instructions(1'000'000) > 10 * instructions(10'000));
}

TEST_CASE("profile: calls are summed by what is asked") {
  const Profile profile = small_profile();
  const std::vector<Sum> nodes = sums(profile, [](const ProfiledCall& c) { return c.node; });
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[0].name == "conv1");
  CHECK(nodes[0].seconds == doctest::Approx(0.010));
  CHECK(nodes[1].flop == 4e6);
  CHECK(profile.sum() == doctest::Approx(0.020));
  CHECK(ordered(profile, Order::time) == std::vector<std::size_t>{3, 2, 1, 0});
}

TEST_CASE("profile: what is written as JSON is read again") {
  const Folder folder;
  const Profile profile = small_profile();
  const auto path = folder / "p.json";
  write_bytes(path, to_json(profile).dump());
  const Profile again = read_profile(path);
  CHECK(to_json(again) == to_json(profile));
  CHECK(profile_text(again, Order::program) == profile_text(profile, Order::program));

  const auto refused = [&](nlohmann::json changed, const char* why) {
    write_bytes(path, changed.dump());
    CHECK_THROWS_WITH_AS(read_profile(path), doctest::Contains(why), Error);
  };
  nlohmann::json good = to_json(profile), bad = good;
  bad["calls"][0].erase("flop");
  refused(bad, "damaged");
  bad = good;
  bad["calls"][1]["seconds"]["median"] = -1;
  refused(bad, "damaged");
  bad = good;
  bad["calls"] = 7;
  refused(bad, "damaged");
  bad = good;
  bad["format_version"] = 2;
  refused(bad, "another version");
  refused(nlohmann::json::array(), "no profile");
  refused({{"format", 1}}, "no profile");
}

TEST_CASE("profile: faster and slower are what lies beyond the spread") {
  const Profile before = small_profile();
  Profile now = before;
  now.calls[0].seconds = {1e-3, 0.9e-3, 1.1e-3};      // faster
  now.calls[1].seconds = {4.5e-3, 4.3e-3, 4.7e-3};    // within: 4.4 was seen before
  now.calls[2].seconds = {9e-3, 8e-3, 10e-3};         // slower
  now.calls[3].contract = "conv_backward_data_anew";  // another call
  const Comparison comparison = compare(now, before, "old.json");
  REQUIRE(comparison.calls.size() == 3);
  CHECK(comparison.calls[0].faster());
  CHECK(!comparison.calls[1].faster());
  CHECK(!comparison.calls[1].slower());
  CHECK(comparison.calls[2].slower());
  REQUIRE(comparison.gone.size() == 1);
  CHECK(comparison.gone[0].node == "conv1");
  REQUIRE(comparison.added.size() == 1);
  const std::string text = comparison_text(comparison, "old.json");
  CHECK(mentions(text, {"faster", "slower", "only in old.json", "new", "no difference beyond the spread"}));

  const auto refused = [&](auto change, const char* why) {
    Profile other = before;
    change(other);
    CHECK_THROWS_WITH_AS(compare(before, other, "old.json"), doctest::Contains(why), Error);
  };
  refused([](Profile& p) { p.architecture = "other"; }, "old.json: a profile of other with 3 classes");
  refused([](Profile& p) { p.batch = 4; }, "a batch of 4");
  refused([](Profile& p) { p.work = "forward"; }, "a profile of forward, and");
  refused([](Profile& p) { p.processor = "another"; }, "another");
  refused([](Profile& p) { p.device = "simt"; }, "device simt");
}

TEST_CASE("profile: two calls of one node and contract are held against each other in order") {
  Profile before = small_profile();
  before.calls = {call("a", "forward", 1), call("a", "forward", 5)};
  const Comparison comparison = compare(before, before, "old.json");
  REQUIRE(comparison.calls.size() == 2);
  CHECK(comparison.calls[1].before.median == doctest::Approx(5e-3));
  CHECK(comparison.gone.empty());
}

TEST_CASE("profile: a trace has start-up, then each call within its direction") {
  const nlohmann::json trace = trace_json(small_profile());
  double forward_end = 0, last = 0;
  int calls = 0;
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] == "M") continue;
    CHECK(event["ph"] == "X");
    const double start = event["ts"], end = start + event["dur"].get<double>();
    if (event["cat"] == "start-up") last = end;
    if (event["cat"] == "direction") CHECK(start >= last - 1e-6);
    if (event["name"] == "forward") forward_end = end;
    if (event["cat"] == "forward" || event["cat"] == "backward") {
      ++calls;
      CHECK((event["cat"] == "forward" ? end <= forward_end + 1e-6 : start >= forward_end - 1e-6));
      CHECK(event["args"]["kernel"] == "blocked");
    }
  }
  CHECK(last == 0.75e6);
  CHECK(forward_end == doctest::Approx(0.75e6 + 6e3));
  CHECK(calls == 4);
}

TEST_CASE("profile: the roofline shows forward and backward in their colours, and the bar their shares") {
  const Image image = roofline_picture(small_profile());
  CHECK(image.width == 1280);
  CHECK(image.height == 960);
  const auto is = [&](int x, int y, int r, int g, int b) {
    const std::uint8_t* pixel = image.at(x, y);
    return pixel[0] == r && pixel[1] == g && pixel[2] == b;
  };
  int forward = 0, backward = 0;
  for (int x = 0; x < image.width; ++x) {  // near the lower edge of the bar, where no number is
    forward += is(x, 960 - 52, 0x00, 0x72, 0xb2);
    backward += is(x, 960 - 52, 0xd5, 0x5e, 0x00);
  }
  CHECK(forward + backward > 1100);
  CHECK(backward / static_cast<double>(forward) == doctest::Approx(14.0 / 6).epsilon(0.02));

  Profile idle = small_profile();
  for (ProfiledCall& c : idle.calls) c.flop = 0;
  CHECK_THROWS_AS(roofline_picture(idle), Error);
}
