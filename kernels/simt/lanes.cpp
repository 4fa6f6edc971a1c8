#include "kernels/simt/lanes.h"

namespace backlight::simt {

std::string place(const Meeting& meeting) {
  const std::string path = meeting.file;
  return std::string(meeting.operation) + " at " + path.substr(path.rfind('/') + 1) + ":" +
         std::to_string(meeting.line);
}

void Lanes::resize(dim3 block) {
  lanes_.assign(std::size_t{block.x} * block.y * block.z, {});
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto linear = static_cast<unsigned>(i);
    lanes_[i].thread = {linear % block.x, linear / block.x % block.y, linear / (block.x * block.y)};
  }
}

void Lanes::start_block() {
  for (Lane& lane : lanes_) lane.state = Lane::State::fresh;
}

void Lanes::wait(unsigned lane, const Meeting& meeting, std::uint64_t value) {
  if (meeting.lanes && !(meeting.lanes >> lane % warp_size & 1))
    throw Error(place(meeting) + " is called by a lane that its mask leaves out");
  lanes_[lane].meeting = meeting;
  lanes_[lane].brought = value;
  lanes_[lane].state = Lane::State::waiting;
}

std::uint64_t Lanes::value(unsigned current, unsigned lane) const {
  const std::size_t source = current / warp_size * warp_size + lane;
  const bool takes_part = lanes_[current].meeting.lanes >> lane & 1 && source < lanes_.size();
  return takes_part ? lanes_[source].seen : ~std::uint64_t{0};
}

unsigned Lanes::votes(unsigned current) const {
  unsigned votes = 0;
  for (unsigned lane = 0; lane < warp_size; ++lane)
    votes |= static_cast<unsigned>(value(current, lane) == 1) << lane;
  return votes;
}

bool Lanes::release() {
  if (release_warps()) return true;
  const auto waits = [](const Lane& lane) { return lane.state == Lane::State::waiting; };
  const auto first = std::find_if(lanes_.begin(), lanes_.end(), waits);
  if (first == lanes_.end()) return false;
  const Meeting meeting = first->meeting;
  const auto reached =
      static_cast<std::size_t>(std::count_if(lanes_.begin(), lanes_.end(), [&](const Lane& lane) {
        return waits(lane) && lane.meeting == meeting;
      }));
  if (meeting.lanes || reached < lanes_.size()) report_divergence(meeting, reached);
  for (Lane& lane : lanes_) lane.state = Lane::State::ready;
  return true;
}

/// The warp operations: a group of lanes goes on when all that its mask names (and that exist) are at the
/// same one.
bool Lanes::release_warps() {
  bool any = false;
  for (std::size_t warp = 0; warp < lanes_.size(); warp += warp_size)
    for (std::size_t i = warp; i < warp_end(warp); ++i) {
      if (lanes_[i].state != Lane::State::waiting || !lanes_[i].meeting.lanes) continue;
      const Meeting meeting = lanes_[i].meeting;
      const auto named = [&](std::size_t lane) { return meeting.lanes >> (lane - warp) & 1; };
      bool complete = true;
      for (std::size_t lane = warp; lane < warp_end(warp); ++lane)
        if (named(lane))
          complete =
              complete && lanes_[lane].state == Lane::State::waiting && lanes_[lane].meeting == meeting;
      if (!complete) continue;
      for (std::size_t lane = warp; lane < warp_end(warp); ++lane)
        if (named(lane)) {
          lanes_[lane].state = Lane::State::ready;
          lanes_[lane].seen = lanes_[lane].brought;
        }
      any = true;
    }
  return any;
}

void Lanes::report_divergence(const Meeting& meeting, std::size_t reached) const {
  const auto ended = static_cast<std::size_t>(std::count_if(
      lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.state == Lane::State::done; }));
  const dim3 block = coordinates.block;
  const auto text = [](auto number) { return std::to_string(number); };
  throw Error("divergent " + place(meeting) + " in block (" + text(block.x) + "," + text(block.y) + "," +
              text(block.z) + "): " + text(reached) + " of " + text(lanes_.size()) + " threads reached it, " +
              text(ended) + " had ended, " + text(lanes_.size() - reached - ended) + " wait elsewhere");
}

}  // namespace backlight::simt
