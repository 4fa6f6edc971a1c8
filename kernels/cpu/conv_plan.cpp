#include "kernels/cpu/conv_plan.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "kernels/cpu/tiles.h"

namespace backlight::cpu {
namespace {

// Guided by a first-level cache of 32 KiB and a second of 512 KiB or more.
constexpr std::int64_t patch_bytes = std::int64_t{512} << 10, chunk_bytes = std::int64_t{32} << 10,
                       near_bytes = std::int64_t{256} << 10;
constexpr std::int64_t tasks_per_thread = 2;

std::int64_t up(std::int64_t n, std::int64_t step) { return (n + step - 1) / step; }

/// The rectangle of a phase's taps, and whether a pixel at either corner of the grid reads outside the image.
void find_reach(const ConvView& view, bool may_be_direct, PhasePlan& p) {
  const std::vector<Tap>& taps = p.phase.taps;
  p.top = p.left = p.bottom = p.right = 0;
  if (!taps.empty()) {
    const auto [top, bottom] =
        std::minmax_element(taps.begin(), taps.end(), [](const Tap& a, const Tap& b) { return a.dy < b.dy; });
    const auto [left, right] =
        std::minmax_element(taps.begin(), taps.end(), [](const Tap& a, const Tap& b) { return a.dx < b.dx; });
    p.top = top->dy, p.bottom = bottom->dy, p.left = left->dx, p.right = right->dx;
  }
  p.direct = may_be_direct && p.top >= 0 && p.left >= 0 &&
             (p.phase.rows - 1) * p.phase.step_y + p.bottom < view.source_height &&
             (p.phase.columns - 1) * p.phase.step_x + p.right < view.source_width;
}

/// Tiles of whole rows of the grid where these are short, and of parts of rows where they are long.
void cut_tiles(const ConvView& view, std::int64_t element_bytes, PhasePlan& p) {
  const Phase& g = p.phase;
  const std::int64_t pixels = patch_bytes / (view.depth * element_bytes);  // of a row of a copy, at most
  const std::int64_t columns =
      std::clamp<std::int64_t>((pixels - (p.right - p.left + 1)) / g.step_x + 1, 1, ConvPlan::tile_columns);
  p.column_tiles = std::max<std::int64_t>(1, up(g.columns, columns));
  p.tile_columns = std::max<std::int64_t>(1, up(g.columns, p.column_tiles));
  const std::int64_t across = (p.tile_columns - 1) * g.step_x + p.right - p.left + 1;
  const std::int64_t row_bytes = across * view.depth * element_bytes;
  std::int64_t rows = ConvPlan::tile_pixels / p.tile_columns;
  if (!p.direct) rows = std::min(rows, (patch_bytes / row_bytes - (p.bottom - p.top + 1)) / g.step_y + 1);
  rows = std::clamp<std::int64_t>(rows, 1, std::max<std::int64_t>(1, g.rows));
  p.row_tiles = g.columns > 0 ? up(g.rows, rows) : 0;
  p.tile_rows = p.row_tiles > 0 ? up(g.rows, p.row_tiles) : 1;
  p.pixel_stride = p.direct ? view.groups * view.depth : view.depth;
  p.row_stride = p.direct ? view.source_width * p.pixel_stride : across * p.pixel_stride;
}

/// Taps side by side read pixels side by side: one run, where nothing lies between the pixels. A run ends
/// where the chunk does.
void find_runs(const ConvView& view, ConvLoop loop, const VectorShape& shape, std::int64_t chunk_limit,
               PhasePlan& p) {
  const bool dense = p.pixel_stride == view.depth && loop != ConvLoop::depthwise;
  p.depth = 0;
  std::vector<Run> whole;
  const Tap* before = nullptr;
  for (const Tap& tap : p.phase.taps) {
    const std::int64_t offset = (tap.dy - p.top) * p.row_stride + (tap.dx - p.left) * p.pixel_stride;
    if (dense && before && before->dy == tap.dy && before->dx + 1 == tap.dx)
      whole.back().length += view.depth;
    else
      whole.push_back({offset, loop == ConvLoop::depthwise ? 1 : view.depth});
    before = &tap;
  }
  if (loop == ConvLoop::dots) {
    p.runs = std::move(whole);
    for (const Run& run : p.runs) p.depth += up(run.length, shape.lanes) * shape.lanes;
    p.chunks = {{0, static_cast<std::int64_t>(p.runs.size()), 0}};
    return;
  }
  std::int64_t all = 0;
  for (const Run& run : whole) all += run.length;
  const std::int64_t chunk_count = std::max<std::int64_t>(1, all / chunk_limit + (all % chunk_limit != 0));
  const std::int64_t unit = loop == ConvLoop::tiles ? tile_depth : 1;
  const std::int64_t chunk = up(up(all, chunk_count), unit) * unit;  // so that all are of one size
  p.chunks = {{0, 0, 0}};
  for (Run run : whole)
    while (run.length > 0) {
      std::int64_t room = p.chunks.back().first_k + chunk - p.depth;
      if (room == 0) {
        p.chunks.push_back({static_cast<std::int64_t>(p.runs.size()), 0, p.depth});
        room = chunk;
      }
      const std::int64_t length = std::min(run.length, room);
      p.runs.push_back({run.offset, length});
      ++p.chunks.back().count;
      p.depth += length;
      run.offset += length;
      run.length -= length;
    }
  p.depth = up(p.depth, unit) * unit;
}

}  // namespace

std::vector<std::int64_t> cut_channels(std::int64_t width, const VectorShape& shape) {
  const std::int64_t unit = std::max<std::int64_t>(1, 8 / shape.lanes), units = up(width, unit * shape.lanes);
  const std::int64_t blocks = up(units, shape.vectors / unit);
  std::vector<std::int64_t> starts;
  for (std::int64_t b = 0; b <= blocks; ++b) starts.push_back(units * b / blocks * unit);
  return starts;
}

ConvView ConvView::of(const ConvSizes& s, Pass pass) {
  if (pass == Pass::forward)
    return {s.batch,      s.groups,    s.in_height,   s.in_width,       s.group_in(),
            s.out_height, s.out_width, s.group_out(), forward_phases(s)};
  return {s.batch,     s.groups,   s.out_height, s.out_width,       s.group_out(),
          s.in_height, s.in_width, s.group_in(), backward_phases(s)};
}

ConvPlan plan_conv(ConvView view, ConvLoop loop, const VectorShape& shape, int threads) {
  if (loop == ConvLoop::depthwise) {  // to the plan it is one group, all of whose channels are read at once
    view.depth = view.width = view.groups;
    view.groups = 1;
  }
  ConvPlan plan{.view = std::move(view), .loop = loop, .shape = shape};
  const ConvView& v = plan.view;
  plan.block_starts = loop == ConvLoop::dots ? std::vector<std::int64_t>{0, 1} : cut_channels(v.width, shape);
  plan.task_groups = v.width % 8 == 0 ? 1 : v.groups;
  const bool tiles = loop == ConvLoop::tiles;
  std::int64_t block = 0;  // vectors of the widest
  for (std::int64_t b = 0; b < plan.blocks(); ++b)
    block = std::max(block, plan.block_starts[b + 1] - plan.block_starts[b]);
  const std::int64_t chunk = tiles ? ConvPlan::split_depth
                             : loop == ConvLoop::blocked
                                 ? chunk_bytes / (block * shape.lanes * shape.element_bytes)
                                 : std::numeric_limits<std::int64_t>::max();
  // Of one block, or of all groups. A block fills its last vector up; what is beyond the group is the next
  // group's, which comes after it.
  plan.sums_stride = loop == ConvLoop::dots ? v.width : block * shape.lanes;
  if (plan.task_groups > 1)
    plan.sums_stride =
        (v.groups - 1) * v.width + (loop == ConvLoop::dots ? v.width : plan.vectors() * shape.lanes);

  const bool may_be_direct = loop == ConvLoop::blocked || tiles;  // the other loops read whole vectors
  std::int64_t tasks = 0, pixels = 0, patch = 0;
  for (const Phase& phase : v.phases) {
    PhasePlan p{.phase = phase};
    find_reach(v, may_be_direct, p);
    cut_tiles(v, shape.element_bytes, p);
    find_runs(v, loop, shape, chunk, p);
    p.weights = plan.weight_elements;
    plan.weight_elements += v.groups * plan.group_weights(p);
    tasks = std::max(tasks, v.batch * (v.groups / plan.task_groups) * p.tiles());
    pixels = std::max(pixels, p.tile_rows * p.tile_columns);
    const std::int64_t down = (p.tile_rows - 1) * phase.step_y + p.bottom - p.top + 1;
    if (!p.direct) patch = std::max(patch, down * p.row_stride);
    plan.phases.push_back(std::move(p));
  }
  plan.channel_tasks =
      plan.task_groups > 1
          ? 1
          : std::min(plan.blocks(), up(tasks_per_thread * threads, std::max<std::int64_t>(1, tasks)));
  if (tiles) {
    plan.channel_tasks =
        std::max(plan.channel_tasks, up(plan.blocks() * block * shape.lanes, ConvPlan::split_channels));
    plan.sums_stride = up(plan.blocks(), plan.channel_tasks) * block * shape.lanes;
    plan.split_elements = ConvPlan::split_depth * (1 + planes * block_rows / 2);  // a line, and the parts
    pixels = up(pixels, block_rows) * block_rows;
  }
  plan.sums_elements = pixels * plan.sums_stride;
  const std::int64_t task_channels = up(plan.blocks(), plan.channel_tasks) * block * shape.lanes;
  for (PhasePlan& p : plan.phases) {
    p.pixels_first = loop == ConvLoop::blocked && plan.task_groups == 1 && p.chunks.size() == 1 &&
                     task_channels > plan.sums_stride &&
                     p.depth * task_channels * shape.element_bytes <= near_bytes;
    if (p.pixels_first) plan.sums_elements = std::max(plan.sums_elements, shape.rows * task_channels);
  }
  plan.patch_elements =
      up(patch + shape.vectors * shape.lanes, 16) * 16;  // read up to a block beyond its end
  return plan;
}

}  // namespace backlight::cpu
