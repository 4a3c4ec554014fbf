#include "sim/deploy/sent_files.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>

#include "algorithms/base/error.hpp"

namespace laconic::deploy {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string out((std::istreambuf_iterator<char>(in)), {});
  if (!in && !in.eof()) throw InputError(fmt::format("{}: cannot read", path.string()));
  return out;
}

class Sender {
 public:
  Sender(const fs::path& folder, const std::function<void(const std::string&, const std::string&)>& send)
      : folder_(folder), send_(send) {}

  void walk(json& value) {
    if (value.is_string()) return replace(value);
    if (!value.is_structured()) return;
    for (auto item = value.begin(); item != value.end(); ++item)
      if (!value.is_object() || (item.key() != "type" && item.key() != "comment")) walk(*item);
  }

 private:
  void replace(json& value) {
    const fs::path given = value.get<std::string>();
    for (const fs::path& path : {folder_ / given, given}) {
      std::error_code ignored;
      if (given.empty() || !fs::exists(path, ignored)) continue;
      const std::string name =
          fmt::format("{}/{}", count_++, fs::absolute(path).lexically_normal().filename().string());
      if (fs::is_directory(path, ignored)) {
        for (const auto& entry : fs::recursive_directory_iterator(path))
          if (entry.is_regular_file())
            send_(fmt::format("{}/{}", name, entry.path().lexically_relative(path).string()), bytes_of(entry.path()));
      } else {
        send_(name, bytes_of(path));
      }
      value = name;
      return;
    }
  }

  const fs::path& folder_;
  const std::function<void(const std::string&, const std::string&)>& send_;
  int count_ = 0;
};

}  // namespace

json send_files(json source, const fs::path& folder,
                const std::function<void(const std::string& name, const std::string& bytes)>& send) {
  Sender sender(folder, send);
  for (const char* block : {"data", "problem", "platform", "conditions"})
    if (source.contains(block)) sender.walk(source[block]);
  return source;
}

SentFiles::~SentFiles() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

void SentFiles::add(const std::string& name, std::string_view bytes) {
  if (folder_.empty()) {
    std::string made = (fs::temp_directory_path() / "laconic-sent-XXXXXX").string();
    if (!mkdtemp(made.data())) throw RunError(fmt::format("{}: cannot make the folder", made));
    folder_ = made;
  }
  const fs::path path = folder_ / name;
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  if (!out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush())
    throw RunError(fmt::format("{}: cannot write", path.string()));
}

}  // namespace laconic::deploy
