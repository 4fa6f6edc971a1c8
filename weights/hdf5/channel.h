#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace backlight::hdf5 {

/// A file descriptor, closed at the end of its life.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();
  operator int() const { return number_; }

 private:
  int number_;
};

/// One end of a connection between two processes: messages of up to 64 KiB, each with a descriptor or none.
class Channel {
 public:
  struct Message {
    std::string bytes;
    Descriptor descriptor = Descriptor();
  };

  explicit Channel(Descriptor socket) : socket_(std::move(socket)) {}
  /// Two ends. Throws Error where the system gives none.
  static std::pair<Channel, Channel> make_pair();

  /// False where the other process has ended.
  bool send(std::string_view bytes, int descriptor = -1) const;
  /// The next message; none where the other process has ended.
  std::optional<Message> receive() const;
  /// Bytes of any number, in as many messages. False where the other process ends before.
  bool send_all(std::span<const std::byte> bytes) const;
  bool receive_all(std::span<std::byte> into) const;
  int descriptor() const { return socket_; }

 private:
  Descriptor socket_;
};

}  // namespace backlight::hdf5
