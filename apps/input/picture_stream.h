#pragma once

#include <functional>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "apps/input/inputs.h"
#include "apps/model.h"

namespace backlight {

/// Photographs, some at a time: while those are worked on, the next are read. So memory does not grow with
/// their number.
class PictureStream {
 public:
  /// Told of a picture that cannot be read: its place in the list, and why. It may throw.
  using Failed = std::function<void(std::size_t place, const std::string& why)>;

  /// Those of the list whose places are given, as many at a time as a Runner takes. The model and the list
  /// must outlive the object.
  PictureStream(const Model& model, const std::vector<std::string>& list, std::vector<std::size_t> places,
                int threads, Failed failed);

  /// The next that can be read; none at the end.
  std::optional<Inputs> next();

 private:
  struct Batch {
    Inputs inputs;
    std::vector<std::pair<std::size_t, std::string>> failures;
  };
  std::future<Batch> read(std::size_t first) const;

  const Model& model_;
  const std::vector<std::string>& list_;
  std::vector<std::size_t> places_;
  std::size_t first_ = 0;
  int threads_;
  Failed failed_;
  std::future<Batch> ahead_;
};

}  // namespace backlight
