#include "weights/hdf5/channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "engine/error.h"

namespace backlight::hdf5 {
namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 10;

/// A message of the socket, and room for a descriptor beside it (unix(7), SCM_RIGHTS).
struct Envelope {
  iovec part;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header = {};

  Envelope(void* bytes, std::size_t size, bool with_descriptor) : part{bytes, size} {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (!with_descriptor) return;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
};

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

std::pair<Channel, Channel> Channel::make_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    throw Error("no connection to another process: " + std::generic_category().message(errno));
  return {Channel(Descriptor(ends[0])), Channel(Descriptor(ends[1]))};
}

bool Channel::send(std::string_view bytes, int descriptor) const {
  Envelope envelope(const_cast<char*>(bytes.data()), bytes.size(), descriptor >= 0);
  if (descriptor >= 0) {
    cmsghdr* const rights = CMSG_FIRSTHDR(&envelope.header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  }
  ssize_t sent;
  do sent = ::sendmsg(socket_, &envelope.header, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(bytes.size());
}

std::optional<Channel::Message> Channel::receive() const {
  Message message{std::string(most_bytes, '\0')};
  Envelope envelope(message.bytes.data(), message.bytes.size(), true);
  ssize_t received;
  do received = ::recvmsg(socket_, &envelope.header, MSG_CMSG_CLOEXEC);
  while (received < 0 && errno == EINTR);
  if (received <= 0) return {};
  message.bytes.resize(static_cast<std::size_t>(received));
  const cmsghdr* const rights = CMSG_FIRSTHDR(&envelope.header);
  if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(rights), sizeof descriptor);
    message.descriptor = Descriptor(descriptor);
  }
  return message;
}

bool Channel::send_all(std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const std::size_t count = std::min(bytes.size(), most_bytes);
    if (!send({reinterpret_cast<const char*>(bytes.data()), count})) return false;
    bytes = bytes.subspan(count);
  }
  return true;
}

bool Channel::receive_all(std::span<std::byte> into) const {
  while (!into.empty()) {
    const ssize_t count = ::recv(socket_, into.data(), into.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace backlight::hdf5
