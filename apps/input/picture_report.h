#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "apps/input/picture_list.h"
#include "apps/progress.h"

namespace backlight {

/// What a command says of its pictures, each as it is ready. For people: its lines. As JSON: one value
/// {…, "images": [result]} for one picture; for several a line for each, the result and what is said of all.
///
/// A picture that fails is told on standard error (and as JSON, a line of "path" and "error"), and the others
/// go on; unless it is the only one, or `fail_fast`: then it is thrown as Error. A bar tells how far it is,
/// where standard error is a terminal and standard output is none.
class PictureReport {
 public:
  struct Options {
    bool json = false, fail_fast = false;
    bool on_standard_error = false;  // as standard output is the result's
  };
  /// `of_all`: what JSON says of all pictures. The list must outlive the object.
  PictureReport(const PictureList& list, const Options& options,
                nlohmann::json of_all = nlohmann::json::object());

  /// Lines for people, of no picture.
  void say(const std::string& lines) const;
  void add(nlohmann::json result, const std::string& lines);
  void fail(std::size_t place, const std::string& why);
  /// A picture whose results are there.
  void skip();
  /// To be called at the end. Throws Error that says how many failed, where some did.
  void finish();

 private:
  const PictureList& list_;
  Options options_;
  nlohmann::json of_all_;
  std::size_t failed_ = 0, skipped_ = 0;
  std::optional<Progress> bar_;
};

}  // namespace backlight
