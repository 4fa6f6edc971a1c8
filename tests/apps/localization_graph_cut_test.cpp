// The minimum cut against every labelling there is, and the largest component.
#include "apps/localization/graph_cut.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "apps/localization/components.h"

using namespace backlight;
using Labels = std::vector<std::uint8_t>;

namespace {

double energy(unsigned labelling, const std::vector<double>& foreground,
              const std::vector<double>& background, const std::vector<Link>& links) {
  double sum = 0;
  for (std::size_t p = 0; p < foreground.size(); ++p)
    sum += labelling >> p & 1 ? foreground[p] : background[p];
  for (const Link& link : links)
    sum += (labelling >> link.a & 1) != (labelling >> link.b & 1) ? link.weight : 0;
  return sum;
}

/// Of all labellings of least energy, the pixels that are in the foreground in each.
Labels by_trying_all(const std::vector<double>& foreground, const std::vector<double>& background,
                     const std::vector<Link>& links) {
  double least = INFINITY;
  unsigned common = 0;
  for (unsigned labelling = 0; labelling < 1u << foreground.size(); ++labelling) {
    const double e = energy(labelling, foreground, background, links);
    if (e < least) least = e, common = labelling;
    if (e == least) common &= labelling;
  }
  Labels labels;
  for (std::size_t p = 0; p < foreground.size(); ++p) labels.push_back(common >> p & 1);
  return labels;
}

/// "##. " … as a mask of rows of one width.
Labels mask_of(const std::string& picture, std::uint8_t ink) {
  Labels mask;
  for (const char c : picture) mask.push_back(c == '#' ? ink : 0);
  return mask;
}

}  // namespace

TEST_CASE("three pixels in a row are cut where it is cheapest") {
  // Pixel 0 wants the foreground by 5, pixel 2 the background by 5; pixel 1 leans to the background by 1.
  const std::vector<double> foreground{0, 1, 5}, background{5, 0, 0};
  CHECK(minimum_cut(foreground, background, std::vector<Link>{{0, 1, 3}, {1, 2, 1}}) ==
        Labels{1, 1, 0});  // 1 + 1
  CHECK(minimum_cut(foreground, background, std::vector<Link>{{0, 1, 3}, {1, 2, 4}}) ==
        Labels{1, 0, 0});  // 3
  CHECK(minimum_cut(foreground, background, std::vector<Link>{{0, 1, 9}, {1, 2, 9}}) ==
        Labels{0, 0, 0});  // 5 < 6
  CHECK(minimum_cut(foreground, background, {}) == Labels{1, 0, 0});
}

TEST_CASE("the cut is the least of all labellings, the smallest foreground of equals") {
  std::mt19937 random(3);
  const auto below = [&](unsigned n) { return static_cast<int>(random() % n); };
  int mixed = 0;
  for (int round = 0; round < 200; ++round) {
    const int pixels = 1 + below(10);
    std::vector<double> foreground, background;
    for (int p = 0; p < pixels; ++p) foreground.push_back(below(9) - 4), background.push_back(below(9) - 4);
    std::vector<Link> links;
    for (int i = below(20); i > 0 && pixels > 1; --i) {
      const int a = below(static_cast<unsigned>(pixels)), b = below(static_cast<unsigned>(pixels));
      if (a != b) links.push_back({a, b, below(8) * 0.5});  // some twice, some of weight 0
    }
    const Labels labels = minimum_cut(foreground, background, links);
    CHECK(labels == by_trying_all(foreground, background, links));
    const auto ones = std::count(labels.begin(), labels.end(), 1);
    mixed += ones > 0 && ones < pixels && !links.empty();
  }
  CHECK(mixed > 50);
}

TEST_CASE("where nothing speaks for the foreground, it is empty") {
  CHECK(minimum_cut({}, {}, {}) == Labels{});
  CHECK(minimum_cut(std::vector<double>{2, 2}, std::vector<double>{2, 2}, std::vector<Link>{{0, 1, 1}}) ==
        Labels{0, 0});
  CHECK(minimum_cut(std::vector<double>{1e300}, std::vector<double>{-1e300}, {}) == Labels{0});
  CHECK(minimum_cut(std::vector<double>{-1e300}, std::vector<double>{1e300}, {}) == Labels{1});
}

TEST_CASE("the largest component stays, corners joined") {
  CHECK(largest_component(mask_of("##..."
                                  "#...#"
                                  "...#."
                                  "..##.",
                                  1),
                          5) == mask_of("....."
                                        "....#"
                                        "...#."
                                        "..##.",
                                        255));
  CHECK(largest_component(mask_of("#...#"
                                  "#...#",
                                  200),
                          5) == mask_of("#...."
                                        "#....",
                                        255));  // the first of equals; rows do not run on
  CHECK(largest_component(mask_of("#.#.#.", 1), 1) == mask_of("#.....", 255));
  CHECK(largest_component(mask_of("....", 1), 2) == mask_of("....", 255));
}
