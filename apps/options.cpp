#include "apps/options.h"

#include <set>
#include <sstream>
#include <thread>

#include "engine/error.h"

namespace backlight {

RunOptions CommonOptions::run() const {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return {device_from_name(device), Precision::float32, threads > 0 ? threads : cores, kernel};
}

void add_common_options(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--weights,-w", options.weights,
                  "weights in Backlight's HDF5 format (weights/convert.py makes them)")
      ->required()
      ->type_name("W.h5");
  command.add_option("--threads", options.threads, "worker threads; 0: one per core")
      ->check(CLI::Range(0, 1024));
  command.add_option("--device", options.device, "cpu, or simt: the CUDA kernels run on the processor");
  command.add_option("--kernel", options.kernel, "prefer the implementation of this name, e.g. ref");
  command.add_flag("--json", options.json, "print the result as JSON on standard output");
}

void add_class_option(CLI::App& command, std::string& name) {
  command.add_option("--class,-c", name, "class, by name or index; default: the one with the highest logit")
      ->type_name("NAME|INDEX");
}

void add_rule_option(CLI::App& command, std::string& rule) {
  command.add_option("--rule", rule, "what every ReLU sends back: gradient, guided or deconvnet")
      ->capture_default_str();
}

CLI::Validator between(double low, double high) {
  const auto text = [](double number) {
    std::ostringstream stream;
    stream << number;
    return stream.str();
  };
  const std::string range = text(low) + " to " + text(high);
  const auto refusal = [=](const std::string& given) {
    double number = 0;
    const bool good = CLI::detail::lexical_cast(given, number) && number >= low && number <= high;
    return good ? std::string() : given + ": a number from " + range + " is expected";
  };
  return {refusal, range, "between"};
}

std::vector<std::filesystem::path> output_paths(const std::vector<std::string>& inputs,
                                                const std::filesystem::path& out,
                                                const std::string& extension) {
  if (inputs.size() == 1 && !std::filesystem::is_directory(out) && out.has_extension()) return {out};
  if (inputs.size() > 1 && out.has_extension() && !std::filesystem::is_directory(out))
    throw UsageError("--out " + out.string() + ": several pictures need a folder, not a file");
  std::filesystem::create_directories(out);
  std::set<std::string> taken;
  std::vector<std::filesystem::path> paths;
  for (const std::string& input : inputs) {
    const std::string stem = std::filesystem::path(input).stem().string();
    std::string name = stem;
    for (int number = 2; !taken.insert(name).second; ++number) name = stem + "-" + std::to_string(number);
    paths.push_back(out / (name + extension));
  }
  return paths;
}

}  // namespace backlight
