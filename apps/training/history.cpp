#include "apps/training/history.h"

#include <sstream>

#include "apps/drawing/chart.h"
#include "apps/drawing/sheet.h"
#include "engine/error.h"

namespace backlight {
namespace {

constexpr const char* titles = "epoch,rate,loss,accuracy,held_out_loss,held_out_accuracy,seconds";

template <class Record, class Visit>
void for_each_column(Record& r, Visit visit) {
  visit(r.epoch), visit(r.rate), visit(r.loss), visit(r.accuracy);
  visit(r.held_out_loss), visit(r.held_out_accuracy), visit(r.seconds);
}

}  // namespace

std::string history_to_csv(const std::vector<EpochRecord>& history) {
  std::ostringstream text;
  text.precision(17);
  text << titles << '\n';
  for (const EpochRecord& record : history) {
    const char* separator = "";
    for_each_column(record, [&](const auto& value) {
      text << separator << value;
      separator = ",";
    });
    text << '\n';
  }
  return text.str();
}

std::vector<EpochRecord> history_from_csv(const std::string& text, const std::string& where) {
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || line != titles)
    throw Error(where + ": the history does not begin with " + titles);
  std::vector<EpochRecord> history;
  while (std::getline(lines, line)) {
    std::istringstream numbers(line);
    EpochRecord record;
    bool first = true;
    for_each_column(record, [&](auto& value) {
      if (!first && numbers.get() != ',') numbers.setstate(std::ios::failbit);
      numbers >> value;
      first = false;
    });
    if (!numbers || numbers.peek() != std::istringstream::traits_type::eof())
      throw Error(where + ": the history has a line that is none: " + line);
    history.push_back(record);
  }
  return history;
}

void draw_history(const std::filesystem::path& path, const std::vector<EpochRecord>& history) {
  std::vector<Series> losses{{"training", {}, {}}, {"held out", {}, {}}}, accuracies = losses;
  for (const EpochRecord& record : history) {
    const double values[][2] = {{record.loss, record.accuracy},
                                {record.held_out_loss, record.held_out_accuracy}};
    for (std::size_t i = 0; i < 2; ++i) {
      losses[i].x.push_back(record.epoch);
      losses[i].y.push_back(values[i][0]);
      accuracies[i].x.push_back(record.epoch);
      accuracies[i].y.push_back(100 * values[i][1]);
    }
  }
  write_png(path, montage({{line_chart(losses, {"loss (cross-entropy)", "epoch", ""}),
                            line_chart(accuracies, {"accuracy", "epoch", "%"})}}));
}

}  // namespace backlight
