#include "apps/profile/time_line.h"

#include <algorithm>

#include "apps/drawing/palette.h"
#include "apps/formatted.h"

namespace backlight {
namespace {

constexpr double dot = 1.5;
constexpr Colour white{255, 255, 255};

/// From where to where the calls go one after the other for which `name` says the same.
struct Stretch {
  std::string name;
  double start, seconds;
};
template <class Name>
std::vector<Stretch> stretches(const Profile& profile, Name name) {
  std::vector<Stretch> all;
  double start = 0;
  for (const ProfiledCall& call : profile.calls) {
    if (all.empty() || all.back().name != name(call)) all.push_back({name(call), start, 0});
    all.back().seconds += call.seconds.median;
    start += call.seconds.median;
  }
  return all;
}

void write_centred(Image& image, const std::string& text, double middle, double y, double size,
                   Colour colour) {
  write_text(image, text, {middle - text_width(text, size) / 2, y}, size, colour);
}

}  // namespace

Group group_of(const ProfiledCall& call) {
  const bool back = call.direction == "backward";
  if (call.kind == "conv") return {back ? "convolution, backward" : "convolution, forward", palette[back]};
  if (call.kind == "linear") return {back ? "linear, backward" : "linear, forward", palette[back ? 4 : 5]};
  if (call.kind.ends_with("pool")) return {"pooling", palette[2]};
  return {"other", palette[3]};
}

std::vector<Group> groups(const Profile& profile) {
  std::vector<Group> all;
  for (const ProfiledCall& call : profile.calls)
    if (std::ranges::find(all, group_of(call)) == all.end()) all.push_back(group_of(call));
  std::ranges::sort(all, {}, &Group::name);
  return all;
}

void draw_time_line(Image& image, const Profile& profile, const Box& box) {
  const double sum = profile.sum();
  const auto place = [&](double seconds) { return box.left + seconds / sum * (box.right - box.left); };
  double start = 0;
  for (std::size_t i = 0; i < profile.calls.size(); ++i) {
    const ProfiledCall& call = profile.calls[i];
    const double left = place(start), right = place(start + call.seconds.median);
    start += call.seconds.median;
    const double gap = right - left > 4 ? 1 : 0;  // between neighbours that are wide enough to spare it
    fill(image, {left, box.top, right - gap, box.bottom}, group_of(call).colour);
    const std::string number = std::to_string(i + 1);
    if (text_width(number, dot) + 6 < right - left)
      write_centred(image, number, (left + right) / 2, (box.top + box.bottom) / 2 + 3.5 * dot, dot, white);
  }
  for (const Stretch& s : stretches(profile, [](const ProfiledCall& c) { return c.direction; }))
    write_text(image, formatted("%s %.1f ms", s.name.c_str(), 1e3 * s.seconds), {place(s.start), box.top - 8},
               dot, text_colour);
  for (const Stretch& s : stretches(profile, [](const ProfiledCall& c) { return c.stage; })) {
    const double left = place(s.start) + 1, right = place(s.start + s.seconds) - 2, y = box.bottom + 6;
    if (right - left < 3) continue;
    fill(image, {left, y, right, y + 1.5}, axis_colour);
    if (text_width(s.name, 1.3) < right - left)
      write_centred(image, s.name, (left + right) / 2, y + 18, 1.3, faint_text);
  }
}

}  // namespace backlight
