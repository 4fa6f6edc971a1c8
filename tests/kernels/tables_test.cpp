// Every table of every device: what the planner and the tests rely on.
#include <set>

#include "kernels/ref.h"
#include "sweep.h"

using namespace backlight;

namespace {

template <class Contract>
void check_table(Table<Contract> table, const char* device) {
  std::set<std::string_view> names;
  for (const auto& entry : table) {
    INFO(device, "/", std::string(Contract::name), "/", std::string(entry.name));
    CHECK(!entry.name.empty());
    CHECK(names.insert(entry.name).second);
    if (!entry.accepts({})) continue;
    const Bound<Contract> bound = entry.bind({}, {});
    CHECK((bound.run != nullptr));
    CHECK((bound.prepare == nullptr) == (bound.prepared == 0));
  }
}

template <class Contract>
void check_contract() {
  const Table<Contract> processor = cpu::table<Contract>();
  check_table(processor, "cpu");
  check_table(simt::table<Contract>(), "simt");
  INFO(std::string(Contract::name));
  REQUIRE(!processor.empty());
  const auto& last = processor.back();
  CHECK(last.name == "ref");
  REQUIRE(last.accepts({}));
  const Bound<Contract> bound = last.bind({}, {});
  CHECK(bound.prepared + bound.scratch + bound.shared == 0);
  CHECK(choose(processor, typename Contract::Sizes{}, "ref") == &last);
}

}  // namespace

TEST_CASE_TEMPLATE("tables: every contract has a reference, which takes everything as it is", T, float,
                   double) {
#define CHECK_CONTRACT(Contract) check_contract<Contract<T>>();
  BACKLIGHT_FOR_EACH_CONTRACT(CHECK_CONTRACT)
#undef CHECK_CONTRACT
}

TEST_CASE("tables: the first entry that accepts is chosen, and a forced one before all") {
  using Contract = Add<float>;
  const auto small = [](const ElementwiseSizes& s) { return s.count < 10; };
  const Implementation<Contract> entries[] = {
      {"small", ref::add<float>, small}, {"any", ref::add<float>}, {"ref", ref::add<float>}};
  const Table<Contract> table = entries;
  CHECK(choose(table, {5})->name == "small");
  CHECK(choose(table, {50})->name == "any");
  CHECK(choose(table, {5}, "ref")->name == "ref");
  CHECK(choose(table, {50}, "small")->name == "any");  // it cannot, so forcing it does nothing
  CHECK(choose(table.first(1), {50}) == nullptr);
}

TEST_CASE("the choice passes over what does not pay, and over what is not plain where that is asked for") {
  using Contract = Add<float>;
  const auto bind = [](const ElementwiseSizes&, const Machine&) { return Bound<Contract>{}; };
  const auto large = [](const ElementwiseSizes& s) { return s.count >= 100; };
  const Implementation<Contract> entries[] = {{"transformed", bind, nullptr, {.plain = false}, large},
                                              {"ref", ref::add<float>}};
  const Table<Contract> table = entries;
  CHECK(choose(table, {100})->name == "transformed");
  CHECK(choose(table, {5})->name == "ref");
  CHECK(choose(table, {5}, "transformed")->name == "transformed");  // it can, and it was asked for
  CHECK(choose(table, {100}, "", true)->name == "ref");
  CHECK(choose(table, {100}, "transformed", true)->name == "ref");
}
