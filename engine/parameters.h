#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "engine/tensor.h"
#include "kernels/implementation.h"

namespace backlight {

class Parameters;

/// A parameter as one kernel wants it. It belongs to the parameters: sessions of other batch sizes share it.
class PreparedParameter {
 public:
  /// Makes `count` elements of `weights`, of the precision and on the device of both.
  using Prepare = std::function<void(const Tensor& weights, std::byte* prepared, const Workers&)>;

  /// Null before the first refresh.
  const std::byte* data() const { return buffer_.data(); }
  std::size_t bytes() const { return bytes_; }
  const std::string& parameter() const { return parameter_; }
  bool stale() const { return made_of_ != *version_; }

 private:
  friend class Parameters;
  std::string parameter_;
  Prepare prepare_;
  std::size_t bytes_ = 0;
  Buffer buffer_;
  const std::uint64_t* version_ = nullptr;  // of the parameter
  std::uint64_t made_of_ = 0;               // the version that it was made of; 0: none
};

/// Named tensors that a network learned, in the framework's layout and under its state-dict names. They may
/// be shared by several sessions. A tensor that has a source takes memory only where somebody wants it as it
/// is: what kernels pack is packed from a copy that goes again.
class Parameters {
 public:
  /// Writes all elements of a parameter into host memory of its shape and precision. Throws Error where it
  /// cannot. It may be asked more than once, and gives the same each time.
  using Source = std::function<void(const Tensor& into)>;

  explicit Parameters(Precision precision = Precision::float32, Device device = Device::cpu)
      : precision_(precision), device_(device), shared_(std::make_unique<Shared>()) {}

  /// Makes room for a tensor, not initialised. Throws Error where the name is taken or memory runs out.
  Tensor add(const std::string& name, const Shape& shape);
  /// A tensor that is made when it is wanted. Throws Error where the name is taken.
  void add(const std::string& name, const Shape& shape, Source source);

  // All that follows throws Error where there is none of that name, and what the source throws.

  /// The tensor, made if it was not yet. It stays, and is the same from now on.
  Tensor at(const std::string& name) const;
  /// Its memory, which stays. What a source makes is in it only after the next refresh() or at().
  Tensor place(const std::string& name) const;
  /// Copies its elements into host memory of its shape and precision. Nothing stays.
  void read(const std::string& name, const Tensor& into) const;
  /// Its elements, converted. Nothing stays.
  std::vector<double> values(const std::string& name) const;
  const Shape& shape(const std::string& name) const { return entry(name).shape; }

  bool contains(const std::string& name) const { return entries_.count(name) != 0; }
  std::size_t size() const { return entries_.size(); }
  /// In alphabetical order.
  std::vector<std::string> names() const;
  Precision precision() const { return precision_; }
  Device device() const { return device_; }
  /// Of the memory that tensors have, packed ones not counted.
  std::size_t bytes() const;
  /// What of that a source has yet to fill.
  std::size_t bytes_to_come() const;

  /// Say it after the elements of a parameter were changed: what kernels have packed of it is packed again
  /// before a session runs next.
  void changed(const std::string& name);
  /// Of all of them.
  void changed();

  /// `count` elements that a kernel called `kernel` makes of a parameter: the same object for the same
  /// question. Nothing is made yet.
  PreparedParameter& prepared(const std::string& name, const std::string& kernel, std::size_t count,
                              const PreparedParameter::Prepare& prepare) const;
  /// Fills every place that is still to be filled, and makes what is stale: each source is asked once.
  void refresh(std::span<PreparedParameter* const> prepared, const Workers& workers) const;

 private:
  struct Entry {
    Shape shape;
    Source source = {};          // none: it was made where it is
    mutable Buffer buffer = {};  // empty: nobody wants it as it is
    mutable bool made = false;
    std::uint64_t version = 1;
  };
  struct Shared {
    std::mutex mutex;
    std::map<std::string, PreparedParameter> prepared;
  };
  Entry& insert(const std::string& name, const Shape& shape);
  const Entry& entry(const std::string& name) const;
  Tensor tensor(const Entry& entry, const Buffer& buffer) const {
    return {buffer.data(), entry.shape, precision_, device_};
  }
  std::size_t bytes_of(const Entry& entry) const {
    return static_cast<std::size_t>(entry.shape.elements()) * element_bytes(precision_);
  }
  // With the mutex held.
  void reserve(const Entry& entry) const;
  void make(const Entry& entry) const;
  void fill(const Entry& entry, const Tensor& into) const;

  std::map<std::string, Entry> entries_;
  Precision precision_;
  Device device_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace backlight
