#include "sim/sweep/finished_runs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <sstream>

#include "algorithms/base/digest.hpp"
#include "algorithms/base/error.hpp"

namespace laconic::sweep {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_write(const fs::path& path, int why) {
  throw RunError(fmt::format("{}: cannot write: {}", path.string(), std::strerror(why)));
}

}  // namespace

// What processes that write into one file have in common. The mutex is given free by the death of its holder, and `end`
// moves only behind what is whole: what the dead has left there is written over.
struct FinishedRuns::Shared {
  pthread_mutex_t mutex;
  off_t end = 0;

  Shared() {
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&mutex, &kind);
    pthread_mutexattr_destroy(&kind);
  }
  class Lock {
   public:
    explicit Lock(Shared& shared) : shared_(shared) {
      if (pthread_mutex_lock(&shared.mutex) == EOWNERDEAD) pthread_mutex_consistent(&shared.mutex);
    }
    ~Lock() { pthread_mutex_unlock(&shared_.mutex); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    Shared& shared_;
  };
};

FinishedRuns::FinishedRuns(fs::path folder, std::string extension, ShardName name)
    : folder_(std::move(folder)), extension_(std::move(extension)), name_(std::move(name)) {}

FinishedRuns::~FinishedRuns() { end(); }

void FinishedRuns::look(bool all) {
  files_.clear();
  places_.clear();
  reading_.close();
  const std::string cut = name_.cut + '-', own = fmt::format("{}{}-", cut, name_.shard);
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const std::string file = at->path().filename().string();
    const bool others = !name_.cut.empty() && file.starts_with(cut) && !file.starts_with(own);
    if (at->path().extension() == extension_ && (all || !others) && fs::is_regular_file(at->symlink_status(error)))
      files_.push_back(at->path());
  }
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const std::size_t size = fs::file_size(files_[i], error);
    if (!error) look_into(i, 0, size);
  }
}

void FinishedRuns::look_into(std::size_t file, std::size_t first, std::size_t end) {
  std::ifstream in(files_[file], std::ios::binary);
  in.seekg(static_cast<std::streamoff>(first));
  std::string head, name, digest, text;
  while (first < end && std::getline(in, head)) {
    first += head.size() + 1;
    std::size_t size = 0;
    std::istringstream words(head);
    if (!(words >> name >> size >> digest) || first > end || size > end - first) return;
    text.resize(size);
    if (!in.read(text.data(), static_cast<std::streamsize>(size))) return;
    if (digest_of(text) == digest) places_[name] = {file, first, size};
    first += size;
  }
}

std::optional<std::string> FinishedRuns::read(const std::string& name) {
  const auto found = places_.find(name);
  if (found == places_.end()) return {};
  const auto [file, first, size] = found->second;
  if (!reading_.is_open() || being_read_ != file) {
    reading_ = std::ifstream(files_[file], std::ios::binary);
    being_read_ = file;
  }
  std::string text(size, '\0');
  reading_.clear();
  reading_.seekg(static_cast<std::streamoff>(first));
  if (!reading_.read(text.data(), static_cast<std::streamsize>(size))) return {};
  return text;
}

void FinishedRuns::begin() {
  if (own_ >= 0) return;
  void* const place = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) cannot_write(folder_, errno);
  shared_ = new (place) Shared;
  owner_ = getpid();
  const std::string whose = name_.cut.empty() ? "" : fmt::format("{}-{}-", name_.cut, name_.shard);
  for (int i = 0; own_ < 0; ++i) {
    own_path_ = folder_ / fmt::format("{}{}-{}{}", whose, owner_, i, extension_);
    own_ = open(own_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (own_ < 0 && errno != EEXIST && errno != EINTR) cannot_write(own_path_, errno);
  }
}

void FinishedRuns::add(const std::string& name, std::string_view text) {
  begin();
  write_whole(fmt::format("{} {} {}\n{}", name, text.size(), digest_of(text), text));
}

void FinishedRuns::write_whole(std::string_view text) {
  const Shared::Lock lock(*shared_);
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = pwrite(own_, text.data() + sent, text.size() - sent, shared_->end + static_cast<off_t>(sent));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int why = errno;
      // A full disk gets back the room of what is torn.
      if (ftruncate(own_, shared_->end) != 0) cannot_write(own_path_, errno);
      cannot_write(own_path_, why);
    }
    sent += static_cast<std::size_t>(n);
  }
  shared_->end += static_cast<off_t>(text.size());
}

std::size_t FinishedRuns::written() const {
  if (own_ < 0) return 0;
  const Shared::Lock lock(*shared_);
  return static_cast<std::size_t>(shared_->end);
}

void FinishedRuns::look_since(std::size_t written) {
  if (own_ < 0) return;
  files_.push_back(own_path_);
  look_into(files_.size() - 1, written, this->written());
}

void FinishedRuns::end() {
  if (own_ < 0 || owner_ != getpid()) return;
  close(own_);
  own_ = -1;
  if (shared_->end == 0) unlink(own_path_.c_str());
  munmap(shared_, sizeof(Shared));
  shared_ = nullptr;
}

}  // namespace laconic::sweep
