#include "sim/scenario/named_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>

#include "algorithms/base/digest.hpp"
#include "algorithms/base/error.hpp"
#include "algorithms/base/find_file.hpp"
#include "algorithms/base/params.hpp"

namespace laconic::scenario {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

std::string content_digest(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  Digest digest;
  std::vector<char> bytes(1 << 16);
  while (in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) || in.gcount() > 0)
    digest.add(bytes.data(), static_cast<std::size_t>(in.gcount()));
  return digest.hex();
}

std::string listing_digest(const fs::path& place) {
  std::error_code error;
  std::vector<std::string> found;
  constexpr auto follow = fs::directory_options::follow_directory_symlink;
  for (fs::recursive_directory_iterator at(place, follow, error), end; !error && at != end; at.increment(error)) {
    if (at.depth() > 16) at.disable_recursion_pending();
    if (!at->is_regular_file(error)) continue;
    found.push_back(fmt::format("{} {} {}\n", at->path().lexically_relative(place).string(), at->file_size(error),
                                at->last_write_time(error).time_since_epoch().count()));
  }
  std::sort(found.begin(), found.end());
  return digest_of(fmt::format("{}", fmt::join(found, "")));
}

}  // namespace

NamedFiles::Stamp NamedFiles::stamp_of(const fs::path& path) {
  struct stat told {};
  if (stat(path.c_str(), &told) != 0) return {};
  return {{static_cast<long>(told.st_dev), static_cast<long>(told.st_ino), told.st_size, told.st_mtim.tv_sec,
           told.st_mtim.tv_nsec, told.st_ctim.tv_sec, told.st_ctim.tv_nsec}};
}

std::string NamedFiles::in(const json& value, const fs::path& folder, int depth) {
  std::string out;
  if (value.is_structured())
    for (const auto& inner : value) out += in(inner, folder, depth);
  if (value.is_object() && value.contains("path") && value["path"].is_string()) {
    const std::string name = value["path"];
    out += once(folder, name + '/', [&] { return list(name, folder); });
  }
  if (value.is_string()) {
    const std::string name = value;
    out = once(folder, name, [&] { return look(name, folder, depth); });
  }
  return out;
}

// What look() returns; files that it came by are taken then and whenever their name comes again.
template <class Look>
std::string NamedFiles::once(const fs::path& folder, const std::string& name, const Look& look) {
  const auto found = known_.find({folder, name});
  if (found == known_.end()) {
    const auto before = std::exchange(taken_, {});
    const std::string digests = look();
    known_[{folder, name}] = {digests, taken_};
    taken_.insert(before.begin(), before.end());
    return digests;
  }
  taken_.insert(found->second.files.begin(), found->second.files.end());
  return found->second.digests;
}

std::string NamedFiles::look(const std::string& name, const fs::path& folder, int depth) {
  const json holder{{"file", name}};
  Params named(holder, "", "");
  try {
    const fs::path file = find_file(named, "file", "", folder);
    if (!fs::is_regular_file(file)) return "";
    const Stamp stamp = stamp_of(file);  // first: what is written while it is read is noticed then
    files_.push_back({file, stamp, content_digest(file)});
    taken_.insert(files_.size() - 1);
    std::string out = files_.back().digest + ' ';
    const bool names_others = file.extension() == ".json" || file.extension() == ".xml";
    if (depth >= 2 || !names_others) return out;
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (file.extension() == ".json") out += this->in(json::parse(text), file.parent_path(), depth + 1);
    if (file.extension() == ".xml") out += quoted_names(text, file.parent_path(), depth + 1);
    return out;
  } catch (const std::exception&) {
    return "";  // no file's name
  }
}

std::string NamedFiles::list(const std::string& name, const fs::path& folder) {
  const auto found = locate(name, folder);
  if (std::error_code error; !found || !fs::is_directory(*found, error)) return "";
  files_.push_back({*found, {}, listing_digest(*found)});
  taken_.insert(files_.size() - 1);
  return files_.back().digest + ' ';
}

// Profiles, which XML names in attributes.
std::string NamedFiles::quoted_names(const std::string& text, const fs::path& folder, int depth) {
  std::string out;
  static const std::regex attribute(R"x(file\s*=\s*("([^"]*)"|'([^']*)'))x");
  for (std::sregex_iterator found(text.begin(), text.end(), attribute), end; found != end; ++found) {
    const std::string name = found->str(2) + found->str(3);
    out += once(folder, name, [&] { return look(name, folder, depth); });
  }
  return out;
}

NamedFiles::Numbers NamedFiles::taken() {
  Numbers out(taken_.begin(), taken_.end());
  taken_.clear();
  return out;
}

std::optional<fs::path> NamedFiles::changed(const Numbers& files) const {
  for (const auto i : files) {
    const File& file = files_[i];
    const bool is_list = file.stamp == Stamp();
    if (is_list ? listing_digest(file.path) != file.digest
                : stamp_of(file.path) != file.stamp && content_digest(file.path) != file.digest)
      return file.path;
  }
  return {};
}

void NamedFiles::check_same(const Numbers& files) const {
  if (const auto file = changed(files))
    throw RunError(fmt::format("{}: has changed since this began to run: the same command again takes it as it is then",
                               file->string()));
}

}  // namespace laconic::scenario
