#pragma once

#include <string>

#include "engine/graph.h"
#include "layers/batchnorm.h"
#include "layers/conv.h"
#include "layers/pool.h"

namespace backlight {

/// Adds layers to a graph by name: the words in which blocks and networks are written. Every function returns
/// the output.
class Builder {
 public:
  explicit Builder(Graph& graph, BatchNorm::Mode batchnorm = BatchNorm::Mode::inference)
      : graph_(graph), batchnorm_(batchnorm) {}
  const Graph& graph() const { return graph_; }

  ValueId conv(const std::string& name, ValueId x, const ConvOptions& options);
  ValueId batchnorm(const std::string& name, ValueId x);
  ValueId relu(const std::string& name, ValueId x);
  ValueId max_pool(const std::string& name, ValueId x, const PoolOptions& options);
  ValueId average_pool(const std::string& name, ValueId x, std::int64_t height, std::int64_t width);
  ValueId add(const std::string& name, ValueId a, ValueId b);
  ValueId shortcut(const std::string& name, ValueId x, std::int64_t out_channels, std::int64_t stride);
  ValueId flatten(const std::string& name, ValueId x);
  ValueId dropout(const std::string& name, ValueId x);
  ValueId linear(const std::string& name, ValueId x, std::int64_t out);

 private:
  Graph& graph_;
  BatchNorm::Mode batchnorm_;
};

}  // namespace backlight
