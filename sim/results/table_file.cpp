#include "sim/results/table_file.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <system_error>

#include "algorithms/base/error.hpp"
#include "algorithms/base/params.hpp"

namespace laconic::results {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_size = 256 * 1024;
// On rows of 17 digits: 60 MB/s and a 3.1th of the size; level 6 is half as fast and saves 3 % more.
constexpr int level = 4;
constexpr std::string_view gzip_head{"\x1f\x8b\x08\0\0\0\0\0\0\xff", 10};  // no name, no time, no system
constexpr std::string_view last_block{"\x03\0", 2};

// Deflated to a byte's border and not ended, so that another piece can follow.
std::string deflated(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  std::string out;
  std::size_t size = 0;
  constexpr std::size_t most = std::size_t{1} << 30;  // zlib counts in 32 bits
  do {
    const std::size_t given = std::min(text.size(), most);
    stream.next_in = (Bytef*)(text.data());  // which zlib only reads
    stream.avail_in = static_cast<uInt>(given);
    text.remove_prefix(given);
    do {
      out.resize(size + std::max<std::size_t>(given / 2, 4096));
      const std::size_t room = std::min(out.size() - size, most);
      stream.next_out = (Bytef*)(out.data() + size);
      stream.avail_out = static_cast<uInt>(room);
      deflate(&stream, text.empty() ? Z_SYNC_FLUSH : Z_NO_FLUSH);
      size += room - stream.avail_out;
    } while (stream.avail_out == 0);
  } while (!text.empty());
  deflateEnd(&stream);
  out.resize(size);
  return out;
}

std::string little_endian(std::uint32_t n) {
  std::string out;
  for (int i = 0; i < 4; ++i, n >>= 8) out += static_cast<char>(n & 255);
  return out;
}

std::string ending(TableFormat format) { return std::string(".") + format_names[static_cast<int>(format)]; }

}  // namespace

void TableFacts::add(const TableFacts& next) {
  lines += next.lines;
  bytes += next.bytes;
  crc = static_cast<std::uint32_t>(crc32_combine(crc, next.crc, static_cast<z_off_t>(next.bytes)));
}

TableFacts facts_of(std::string_view text) {
  return {static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')), text.size(),
          static_cast<std::uint32_t>(crc32_z(0, (const Bytef*)(text.data()), text.size()))};
}

TablePiece piece_of(std::string_view text, TableFormat format) {
  return {format == TableFormat::csv || text.empty() ? std::string(text) : deflated(text), facts_of(text)};
}

TableFile::TableFile(const fs::path& folder, const std::string& name, TableFormat format)
    : folder_(folder), name_(name), format_(format), file_(folder / (name + ending(format))) {
  if (format_ == TableFormat::csv_gz) file_.write(gzip_head);
  mark();
}

void TableFile::write(std::string_view text) {
  pending_ += text;
  while (pending_.size() >= piece_size) {
    const std::string piece = pending_.substr(0, piece_size);
    pending_.erase(0, piece_size);
    cut(piece);
  }
}

void TableFile::cut(std::string_view text) {
  if (text.empty()) return;
  const TablePiece piece = piece_of(text, format_);
  last_ = text;
  store(piece);
}

void TableFile::append(const TablePiece& piece) {
  cut(std::exchange(pending_, {}));
  last_ = format_ == TableFormat::csv ? piece.stored : "";
  store(piece);
}

// The file keeps what it could not write, so that the piece counts at once.
void TableFile::store(const TablePiece& piece) {
  facts_.add(piece.facts);
  file_.write(piece.stored);
  file_.flush();
  mark();
}

void TableFile::mark() {
  last_.clear();
  size_before_ = file_.size();
  facts_before_ = facts_;
}

void TableFile::flush() {
  file_.flush();
  if (!last_.empty()) mark();
  cut(std::exchange(pending_, {}));
}

void TableFile::keep_whole_rows() {
  pending_.clear();
  std::size_t end = size_before_;
  if (format_ == TableFormat::csv) end = std::max(end, file_.lines());
  file_.cut(end);
  facts_ = facts_before_;
  facts_.add(facts_of(std::string_view(last_).substr(0, end - size_before_)));
  mark();
}

void TableFile::commit() {
  cut(std::exchange(pending_, {}));
  if (format_ == TableFormat::csv_gz) {
    file_.write(last_block);
    file_.write(little_endian(facts_.crc) + little_endian(static_cast<std::uint32_t>(facts_.bytes)));
  }
  file_.commit();
  const auto other = format_ == TableFormat::csv ? TableFormat::csv_gz : TableFormat::csv;
  std::error_code ignored;
  fs::remove(folder_ / (name_ + ending(other)), ignored);
}

nlohmann::ordered_json TableFile::told() const {
  return {{name_ + ending(format_),
           {{"rows", facts_.lines - 1}, {"bytes", facts_.bytes}, {"crc32", fmt::format("{:08x}", facts_.crc)}}}};
}

std::optional<TableFacts> promised(const nlohmann::json& told, const std::string& file) {
  const auto files = told.find("files");
  if (files == told.end()) return {};
  const auto refuse = [](const std::string& pointer, const char* allowed, const nlohmann::json& given) {
    throw InputError(fmt::format("{}: expected {}, got {}", pointer, allowed, shown(given)));
  };
  if (!files->is_object()) refuse("/files", "an object", *files);
  for (const std::string& name : {file, file + ".gz"}) {
    const auto found = files->find(name);
    if (found == files->end()) continue;
    const std::string pointer = "/files/" + name;
    if (!found->is_object()) refuse(pointer, "an object", *found);
    for (const char* key : {"rows", "bytes"})
      if (!found->contains(key) || !(*found)[key].is_number_unsigned())
        refuse(pointer + '/' + key, "a whole number", found->value(key, nlohmann::json()));
    const nlohmann::json crc = found->value("crc32", nlohmann::json());
    const std::string digits = crc.is_string() ? crc.get<std::string>() : "";
    TableFacts out{(*found)["rows"].get<std::uint64_t>() + 1, (*found)["bytes"].get<std::uint64_t>(), 0};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.crc, 16);
    if (digits.size() != 8 || error != std::errc{} || end != digits.data() + 8)
      refuse(pointer + "/crc32", "8 hexadecimal digits", crc);
    return out;
  }
  return {};
}

}  // namespace laconic::results
