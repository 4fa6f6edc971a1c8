#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apps/model.h"

namespace backlight {

/// What is computed in a run.
enum class Work {
  forward,
  image_gradient,     // and the gradient of a logit at the pixels
  parameter_gradient  // forward and backward of a step of training: nothing folded or fused
};
std::string_view to_string(Work work);

struct SubjectOptions {
  std::string weights;       // a weight file; empty: Backlight's own network
  std::string architecture;  // with random weights, in place of a file; empty: none
  int input_size = 0;        // of the architecture; 0: that of its paper
  RunOptions run;
  std::int64_t batch = 1;
  ReluRule rule = ReluRule::gradient;
  Work work = Work::image_gradient;
};

/// One step on the way to the first result, and when it was done, in seconds since the first one began.
struct StartUpStep {
  std::string name;
  double start = 0, seconds = 0;
};

/// A network that is ready to be run again and again, on a picture of noise: what is computed does not depend
/// on what is seen.
class Subject {
 public:
  /// Throws what loading the network and making the session throws.
  explicit Subject(const SubjectOptions& options);

  void run();

  Session& session() { return *session_; }
  const Session& session() const { return *session_; }
  const SubjectOptions& options() const { return options_; }
  const ModelInfo& info() const { return info_; }
  /// Up to and with the first run.
  const std::vector<StartUpStep>& start_up() const { return start_up_; }

 private:
  void set_inputs();

  SubjectOptions options_;
  ModelInfo info_;
  std::vector<StartUpStep> start_up_;
  std::unique_ptr<Session> session_;
  std::vector<float> seed_;
};

}  // namespace backlight
