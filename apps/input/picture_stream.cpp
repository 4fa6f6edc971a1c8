#include "apps/input/picture_stream.h"

#include <algorithm>
#include <iostream>
#include <iterator>

#include "apps/input/picture_list.h"
#include "apps/runner.h"
#include "engine/error.h"
#include "engine/parallel.h"

namespace backlight {
namespace {

Photo load(const std::string& path, const Frame& frame) {
  if (path != standard_stream) return load_photo(path, frame);
  try {
    const std::vector<std::uint8_t> bytes(std::istreambuf_iterator<char>(std::cin), {});
    return decode_photo(bytes, frame);
  } catch (const std::exception& error) {
    throw Error(std::string("cannot read the image from standard input: ") + error.what());
  }
}

}  // namespace

PictureStream::PictureStream(const Model& model, const std::vector<std::string>& list,
                             std::vector<std::size_t> places, int threads, Failed failed)
    : model_(model),
      list_(list),
      places_(std::move(places)),
      threads_(threads),
      failed_(std::move(failed)),
      ahead_(read(0)) {}

std::future<PictureStream::Batch> PictureStream::read(std::size_t first) const {
  const std::vector<std::size_t> places(
      places_.begin() + static_cast<std::ptrdiff_t>(first),
      places_.begin() + static_cast<std::ptrdiff_t>(std::min(first + Runner::most_at_once, places_.size())));
  return std::async(std::launch::async, [&model = model_, &list = list_, places, threads = threads_] {
    struct One {
      Framing framing;
      Image prepared;
      std::string failure;
    };
    std::vector<One> all(places.size());
    for_each_in_parallel(places.size(), threads, [&](std::size_t i) {
      const std::string& path = list[places[i]];
      try {
        const Photo photo = load(path, model.frame());
        all[i].framing = photo.framing;
        all[i].prepared = photo.cropped();
      } catch (const std::bad_alloc&) {
        all[i].failure = "cannot read the image " + path + ": out of memory";
      } catch (const std::exception& error) {
        all[i].failure = error.what();
      }
    });
    Batch batch;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!all[i].failure.empty()) {
        batch.failures.emplace_back(places[i], all[i].failure);
        continue;
      }
      batch.inputs.places.push_back(places[i]);
      batch.inputs.framings.push_back(all[i].framing);
      const std::vector<float> chw = to_chw(all[i].prepared);
      batch.inputs.elements.insert(batch.inputs.elements.end(), chw.begin(), chw.end());
      batch.inputs.prepared.push_back(std::move(all[i].prepared));
    }
    return batch;
  });
}

std::optional<Inputs> PictureStream::next() {
  while (first_ < places_.size()) {
    Batch batch = ahead_.get();
    first_ += Runner::most_at_once;
    if (first_ < places_.size()) ahead_ = read(first_);
    for (const auto& [place, why] : batch.failures) failed_(place, why);
    if (!batch.inputs.places.empty()) return std::move(batch.inputs);
  }
  return {};
}

}  // namespace backlight
