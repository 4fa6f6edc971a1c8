#include "apps/verify_training.h"

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/json_text.h"
#include "weights/verification/training_verification.h"

namespace backlight {
namespace {

const char* verdict(bool off) { return off ? "differs" : "pass"; }

void print_table(const TrainingDump& dump, const TrainingVerification& v) {
  std::printf("%s trained by %s, batches of %lld, images %s, float64\n", dump.architecture.c_str(),
              dump.producer.c_str(), static_cast<long long>(dump.batch), to_string(dump.shape).c_str());
  std::printf("relative distance to the dump; bars: gradients and statistics %.0e, losses %.0e\n\n",
              v.gradient_bar, v.loss_bar);
  std::printf("%-30s %-17s %-14s %8s  %s\n", "after the first batch", "", "", "distance", "verdict");
  for (const VerifiedParameter& row : v.parameters)
    std::printf("%-30s %-17s %-14s %8.1e  %s%s\n", row.name.c_str(),
                row.statistic ? "running statistic" : "gradient", to_string(row.shape).c_str(), row.distance,
                verdict(v.off(row)), row.whole ? "" : " (sample)");
  std::printf("\n%-8s %5s %12s %12s  %8s %7s  %s\n", "losses", "steps", "first", "last", "worst", "at step",
              "verdict");
  for (const VerifiedRun& run : v.runs)
    std::printf("%-8s %5zu %12.8f %12.8f  %8.1e %7zu  %s\n",
                std::string(to_string(run.dump.optimizer.method)).c_str(), run.losses.size(),
                run.losses.front(), run.losses.back(), run.distance, run.worst + 1, verdict(v.off(run)));
  const VerifiedParameter& worst = v.worst_parameter();
  std::printf("\nworst: %.1e at %s; losses %.1e\n%s\n", worst.distance, worst.name.c_str(),
              v.worst_run().distance,
              v.pass()       ? "pass: training agrees"
              : v.off(worst) ? ("differs: '" + worst.name + "' is off after the first batch").c_str()
                             : "differs: gradients agree, the losses do not: look at the optimizer");
}

void print_report(const TrainingVerification& v) {
  nlohmann::json parameters = nlohmann::json::array(), runs = nlohmann::json::array();
  for (const VerifiedParameter& row : v.parameters)
    parameters.push_back({{"name", row.name},
                          {"kind", row.statistic ? "statistic" : "gradient"},
                          {"whole", row.whole},
                          {"distance", row.distance},
                          {"verdict", verdict(v.off(row))}});
  for (const VerifiedRun& run : v.runs)
    runs.push_back({{"optimizer", to_string(run.dump.optimizer.method)},
                    {"losses", run.losses},
                    {"dump", run.dump.losses},
                    {"worst_step", run.worst},
                    {"distance", run.distance},
                    {"verdict", verdict(v.off(run))}});
  print_json({{"verdict", verdict(!v.pass())},
              {"bars", {{"gradients", v.gradient_bar}, {"losses", v.loss_bar}}},
              {"parameters", std::move(parameters)},
              {"runs", std::move(runs)}});
}

}  // namespace

bool verify_training(const std::string& path, const SessionOptions& options, bool json) {
  const TrainingDump dump = read_training_dump(path);
  const TrainingVerification result = verify(dump, options);
  if (json)
    print_report(result);
  else
    print_table(dump, result);
  return result.pass();
}

}  // namespace backlight
