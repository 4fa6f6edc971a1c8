#include "weights/hdf5/read_elsewhere.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include "engine/error.h"
#include "weights/hdf5/channel.h"
#include "weights/hdf5/sandbox.h"
#include "weights/reader_process.h"
#include "weights/text.h"

namespace backlight::hdf5 {
namespace {

// A request for a file goes to the process that ReaderProcess made, with one end of a new channel. That
// process copies itself; the copy opens the file, answers what it holds, and then waits for requests to read.

std::optional<Channel> keeper;  // of the one that makes copies

struct ReadRequest {
  std::uint32_t object;
  Element as;
  Rows rows;
  std::uint64_t bytes;
};
struct Answer {
  bool good;            // otherwise the bytes say what is wrong
  std::uint64_t bytes;  // that follow
};

/// Seconds of computing after which a reader is given up: nothing in a sound file takes as long.
time_t patience(std::uint64_t bytes) { return 3 + static_cast<time_t>(bytes >> 22); }

// In the reader's process.

/// Answers with what `bytes` gives, or with why it gives nothing. False where nobody listens.
bool answer(const Channel& to, std::uint64_t size, const std::function<std::string()>& bytes) {
  const itimerval limit{{}, {patience(size), 0}};
  ::setitimer(ITIMER_PROF, &limit, nullptr);
  Answer answer{true, 0};
  std::string text;
  try {
    text = bytes();
  } catch (const std::bad_alloc&) {
    answer.good = false, text = "damaged HDF5 file, or one that needs more memory than there is";
  } catch (const std::exception& error) {
    answer.good = false, text = error.what();
  }
  answer.bytes = text.size();
  return to.send({reinterpret_cast<const char*>(&answer), sizeof answer}) &&
         to.send_all(std::as_bytes(std::span(text)));
}

void serve_file(const Channel& to, const std::string& path, const std::string& where) {
  enter_sandbox();
  std::unique_ptr<Reader> reader;
  const bool heard = answer(to, 0, [&] {
    reader = read_here(path, where);
    return to_bytes(reader->contents());
  });
  if (!heard || !reader) return;
  while (const auto message = to.receive()) {
    ReadRequest request;
    if (message->bytes.size() != sizeof request) return;
    std::memcpy(&request, message->bytes.data(), sizeof request);
    const auto read = [&] {
      std::string bytes(request.bytes, '\0');
      reader->read(reader->contents().objects.at(request.object), request.rows, request.as,
                   std::as_writable_bytes(std::span(bytes)));
      return bytes;
    };
    if (!answer(to, request.bytes, read)) return;
  }
}

[[noreturn]] void keep(const Channel& channel) {
  ::signal(SIGCHLD, SIG_IGN);  // the copies are not waited for
  while (const auto message = channel.receive()) {
    if (::fork() != 0) continue;
    const std::size_t end = message->bytes.find('\0');
    serve_file(Channel(Descriptor(::dup(message->descriptor))), message->bytes.substr(0, end),
               message->bytes.substr(end + 1));
    ::_exit(0);
  }
  ::_exit(0);
}

// In the program.

class RemoteReader : public Reader {
 public:
  RemoteReader(Channel channel, const std::string& where) : channel_(std::move(channel)), where_(where) {
    std::string bytes(receive(where_), '\0');
    take(std::as_writable_bytes(std::span(bytes)), where_);
    try {
      contents_ = contents_from(bytes);
    } catch (const Error& error) {
      throw Error(where_ + ": " + error.what());
    }
  }

  const Contents& contents() const override { return contents_; }

  void read(const Object& object, Rows rows, Element as, std::span<std::byte> into) const override {
    const std::string where = where_ + ": dataset '" + printable(object.path) + "'";
    ReadRequest request{};
    request.object = static_cast<std::uint32_t>(&object - contents_.objects.data());
    request.as = as;
    request.rows = rows;
    request.bytes = into.size();
    if (!channel_.send({reinterpret_cast<const char*>(&request), sizeof request}) ||
        receive(where) != into.size())
      refuse(where);
    take(into, where);
  }

 private:
  [[noreturn]] static void refuse(const std::string& where) {
    throw Error(where + ": damaged HDF5 file: it ended the process that read it");
  }

  /// The size of the next answer. Throws Error where it says that something is wrong, or there is none.
  std::uint64_t receive(const std::string& where) const {
    constexpr std::uint64_t most_text = 4096, most_bytes = std::uint64_t{1} << 40;
    const auto message = channel_.receive();
    Answer answer;
    if (!message || message->bytes.size() != sizeof answer) refuse(where);
    std::memcpy(&answer, message->bytes.data(), sizeof answer);
    if (answer.bytes > (answer.good ? most_bytes : most_text)) refuse(where);
    if (answer.good) return answer.bytes;
    std::string text(answer.bytes, '\0');
    take(std::as_writable_bytes(std::span(text)), where);
    throw Error(printable(text));
  }

  void take(std::span<std::byte> into, const std::string& where) const {
    if (!channel_.receive_all(into)) refuse(where);
  }

  Channel channel_;
  std::string where_;
  Contents contents_;
};

}  // namespace

bool can_read_elsewhere() { return keeper.has_value(); }

std::unique_ptr<Reader> read_elsewhere(const std::filesystem::path& path, const std::string& where) {
  auto [ours, theirs] = Channel::make_pair();
  const std::string path_bytes = std::filesystem::absolute(path).string();
  if (!keeper->send(path_bytes + '\0' + where, theirs.descriptor()))
    throw Error(where + ": cannot be read: the process that reads HDF5 files has ended");
  theirs = Channel(Descriptor());
  return std::make_unique<RemoteReader>(std::move(ours), where);
}

}  // namespace backlight::hdf5

namespace backlight {

ReaderProcess::ReaderProcess() {
  auto [ours, theirs] = hdf5::Channel::make_pair();
  const pid_t child = ::fork();
  if (child == 0) {
    ours = hdf5::Channel(hdf5::Descriptor());
    // It must not hold open what somebody reads from the program until its end.
    const hdf5::Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, standard);
    hdf5::keep(theirs);
  }
  if (child > 0) hdf5::keeper = std::move(ours);
}

ReaderProcess::~ReaderProcess() { hdf5::keeper.reset(); }

}  // namespace backlight
