#include "apps/model.h"
#include "kernels/log_sum_exp.h"

#include <algorithm>
#include <charconv>

namespace backlight {

Model::Model(const WeightFile& file, const RunOptions& options) {
  const Graph graph = file.network();
  *this = Model(file.info(), graph,
                std::make_shared<const Parameters>(file.parameters(graph, options.precision, options.device)),
                options);
}

Model::Model(ModelInfo info, const Graph& graph, const std::shared_ptr<const Parameters>& parameters,
             const RunOptions& options)
    : info_(std::move(info)), options_(options) {
  FoldedNetwork network = apply_passes(graph, parameters, options.passes);
  graph_ = std::move(network.graph);
  parameters_ = std::move(network.parameters);
}

Frame Model::frame() const {
  return [resize = static_cast<int>(info_.resize), crop = input_size()](int width, int height) {
    return framing(width, height, resize, crop);
  };
}

Image Model::prepare(const Image& photo) const {
  return backlight::prepare(photo, frame()(photo.width, photo.height));
}

namespace {

Differentiation walk_back(const Graph& graph, ReluRule rule, const Question& question) {
  const ValueId from = score_value(graph, question.objective), to = named_value(graph, "--at", question.at);
  if (from == to) throw UsageError("--at " + question.at + ": that is where the gradient starts");
  try {
    return differentiate(graph, from, {to}, rule);
  } catch (const UsageError&) {
    throw UsageError("--at " + question.at + ": '" + graph.value(from).name + "' does not depend on it");
  }
}

}  // namespace

std::unique_ptr<Session> Model::session(std::int64_t batch, std::optional<ReluRule> rule,
                                        const Question& question, bool keep_all) const {
  Graph graph = graph_.with_batch(batch);
  std::optional<Differentiation> differentiation;
  if (rule) differentiation = walk_back(graph, *rule, question);
  SessionOptions options = options_.session();
  options.keep_all = keep_all;
  if (rule) options.keep.push_back(graph.value(differentiation->target).name);
  return std::make_unique<Session>(std::move(graph), parameters_, std::move(differentiation), options);
}

std::string Model::describe(ReluRule rule, const Question& question) const {
  const Count relus = count_relus(graph_, walk_back(graph_, rule, question));
  return std::to_string(relus.passed) + " of " + std::to_string(relus.all) + " ReLUs " +
         (rule == ReluRule::gradient ? "with their own gradient" : std::string(to_string(rule)));
}

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

/// "tabby, tabby cat" has the names "tabby" and "tabby cat", and the whole.
bool is_called(const std::string& class_name, const std::string& wanted) {
  if (class_name == wanted) return true;
  for (std::size_t begin = 0; begin < class_name.size();) {
    const std::size_t end = std::min(class_name.find(',', begin), class_name.size());
    if (class_name.compare(begin, end - begin, wanted) == 0) return true;
    begin = class_name.find_first_not_of(", ", end);
  }
  return false;
}

}  // namespace

int Model::class_index(std::string_view name_or_index) const {
  const std::string wanted = lower(name_or_index);
  std::vector<int> called, similar;
  for (int k = 0; k < classes(); ++k) {
    const std::string name = lower(class_name(k));
    if (is_called(name, wanted))
      called.push_back(k);
    else if (!wanted.empty() && name.find(wanted) != std::string::npos)
      similar.push_back(k);
  }
  int index = 0;
  const char* end = name_or_index.data() + name_or_index.size();
  const auto parsed = std::from_chars(name_or_index.data(), end, index);
  if (called.empty() && parsed.ptr == end && !name_or_index.empty()) {
    if (parsed.ec == std::errc() && index >= 0 && index < classes()) return index;
    throw UsageError("class " + std::string(name_or_index) + ": the network has the classes 0 to " +
                     std::to_string(classes() - 1));
  }
  if (called.size() == 1) return called[0];
  std::string text = "class '" + std::string(name_or_index) + "': ";
  if (called.empty()) text += "the network has none of this name";
  const std::vector<int>& hints = called.empty() ? similar : called;
  text += called.empty() ? (hints.empty() ? "" : "; did you mean") : "the network has several of this name:";
  for (std::size_t i = 0; i < std::min<std::size_t>(hints.size(), 5); ++i)
    text += (i ? ", " : " ") + std::to_string(hints[i]) + " (" + class_name(hints[i]) + ")";
  if (hints.empty() && classes() <= 20) {
    text += "; it has";
    for (const std::string& name : info_.classes) text += " " + name;
  }
  throw UsageError(text);
}

int argmax(std::span<const float> logits) {
  return static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

std::vector<double> softmax(std::span<const float> logits) {
  std::vector<double> p(logits.begin(), logits.end());
  log_sum_exp(std::span(p));
  return p;
}

}  // namespace backlight
