#include "apps/input/picture_report.h"

#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "apps/json_text.h"
#include "engine/error.h"
#include "weights/text.h"

namespace backlight {

PictureReport::PictureReport(const PictureList& list, const Options& options, nlohmann::json of_all)
    : list_(list), options_(options), of_all_(std::move(of_all)) {
  if (list.several && ::isatty(STDOUT_FILENO) == 0)
    bar_.emplace("pictures", static_cast<int>(list.paths.size()));
}

void PictureReport::say(const std::string& lines) const {
  if (options_.json) return;
  if (options_.on_standard_error)
    std::cerr << lines << std::flush;
  else
    std::cout << lines << std::flush;
}

void PictureReport::add(nlohmann::json result, const std::string& lines) {
  say(lines);
  if (options_.json) {
    std::ostream& to = options_.on_standard_error ? std::cerr : std::cout;
    if (list_.several) {
      result.update(of_all_);
      to << json_line(result) << std::endl;
    } else {
      nlohmann::json whole = of_all_;
      whole["images"] = nlohmann::json::array({std::move(result)});
      to << json_text(whole) << '\n';
    }
  }
  if (bar_) bar_->step();
}

void PictureReport::fail(std::size_t place, const std::string& why) {
  if (!list_.several || options_.fail_fast) throw Error(why);
  ++failed_;
  if (bar_) bar_->clear();
  std::cerr << "backlight: " << printable(why) << std::endl;
  if (options_.json) {
    nlohmann::json result{{"path", list_.paths[place]}, {"error", why}};
    result.update(of_all_);
    std::cout << json_line(result) << std::endl;
  }
  if (bar_) bar_->step();
}

void PictureReport::skip() {
  ++skipped_;
  if (bar_) bar_->step();
}

void PictureReport::finish() {
  bar_.reset();
  const std::string all = std::to_string(list_.paths.size());
  if (skipped_ > 0)
    std::cerr << "backlight: " << skipped_ << " of " << all << " pictures were done already" << std::endl;
  if (failed_ > 0)
    throw Error(std::to_string(list_.paths.size() - failed_) + " of " + all + " pictures; " +
                std::to_string(failed_) + " failed, listed above");
}

}  // namespace backlight
