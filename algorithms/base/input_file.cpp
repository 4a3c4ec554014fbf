#include "algorithms/base/input_file.hpp"

#include <bzlib.h>
#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <new>
#include <string_view>
#include <system_error>

#include "algorithms/base/error.hpp"

namespace laconic {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& fault) {
  throw InputError(path.string() + ": " + fault);
}

std::uint64_t unpack_bytes = 0;

[[noreturn]] void refuse_size(const fs::path& path, std::size_t limit, const char* what) {
  refuse(path, fmt::format("{} more than {:.4g} MB (--unpack allows more, e.g. --unpack 20GB)", what,
                           static_cast<double>(limit) / 1e6));
}

std::string raw_bytes(const fs::path& path) {
  const auto cannot_read = [&] { refuse(path, "cannot read: " + std::generic_category().message(errno)); };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) cannot_read();
  // The size is a hint: a pipe has none, and the kernel's own files say 0. One byte more finds the end at once.
  std::error_code no_size;
  const auto hint = fs::file_size(path, no_size);  // an error for what is no regular file
  std::string bytes;
  std::size_t size = 0;
  bytes.resize(no_size || hint == 0 ? std::size_t{1} << 16 : static_cast<std::size_t>(hint) + 1);
  while (const auto got = std::fread(bytes.data() + size, 1, bytes.size() - size, file.get())) {
    size += got;
    if (no_size && size > unpack_limit(0)) refuse_size(path, unpack_limit(0), "has no size and holds");
    if (size == bytes.size()) bytes.resize(2 * size);
  }
  if (std::ferror(file.get())) cannot_read();
  bytes.resize(size);
  return bytes;
}

// The three libraries share zlib's calling convention, so each format adds only names and return codes. A decoder reads
// one stream; step() moves on until input or room is used up.

enum class Inflated { more, end, corrupt, no_memory };

struct Gzip {
  static constexpr std::string_view name = "gzip", magic = "\x1f\x8b";
  static constexpr std::size_t padding = 0;
  z_stream stream{};
  int started = inflateInit2(&stream, 16 + MAX_WBITS);  // 16: gzip's header, not zlib's

  ~Gzip() { inflateEnd(&stream); }
  bool ready() const { return started == Z_OK; }
  Inflated step() {
    const int code = inflate(&stream, Z_NO_FLUSH);
    if (code == Z_MEM_ERROR) return Inflated::no_memory;
    return code == Z_STREAM_END                  ? Inflated::end
           : code == Z_OK || code == Z_BUF_ERROR ? Inflated::more
                                                 : Inflated::corrupt;
  }
};

struct Bzip2 {
  static constexpr std::string_view name = "bzip2", magic = "BZh";
  static constexpr std::size_t padding = 0;
  bz_stream stream{};
  int started = BZ2_bzDecompressInit(&stream, 0, 0);

  ~Bzip2() { BZ2_bzDecompressEnd(&stream); }
  bool ready() const { return started == BZ_OK; }
  Inflated step() {
    const int code = BZ2_bzDecompress(&stream);
    if (code == BZ_MEM_ERROR) return Inflated::no_memory;
    return code == BZ_STREAM_END ? Inflated::end : code == BZ_OK ? Inflated::more : Inflated::corrupt;
  }
};

struct Xz {
  static constexpr std::string_view name = "xz", magic{"\xfd\x37zXZ\0", 6};
  static constexpr std::size_t padding = 4;  // zero bytes between and after streams come in fours
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_ret started = lzma_stream_decoder(&stream, UINT64_MAX, 0);

  ~Xz() { lzma_end(&stream); }
  bool ready() const { return started == LZMA_OK; }
  Inflated step() {
    const lzma_ret code = lzma_code(&stream, LZMA_RUN);
    if (code == LZMA_MEM_ERROR) return Inflated::no_memory;
    return code == LZMA_STREAM_END                     ? Inflated::end
           : code == LZMA_OK || code == LZMA_BUF_ERROR ? Inflated::more
                                                       : Inflated::corrupt;
  }
};

template <class Decoder>
std::string decompressed(std::string_view in, const fs::path& path) {
  constexpr std::size_t most = std::size_t{1} << 30;  // zlib and bzip2 count in 32 bits
  const auto fault = [&](const char* what) { refuse(path, what + std::string(Decoder::name) + " stream"); };
  const std::size_t limit = unpack_limit(in.size());
  std::string out;
  std::size_t size = 0;
  while (!in.empty()) {
    if (!in.starts_with(Decoder::magic)) fault("unexpected bytes after the end of the ");
    Decoder decoder;
    if (!decoder.ready()) throw std::bad_alloc();
    auto& s = decoder.stream;
    for (Inflated step = Inflated::more; step != Inflated::end;) {
      if (size > limit) refuse_size(path, limit, "unpacks to");
      if (size == out.size()) out.resize(std::min(std::max(2 * size, 4 * in.size()), limit + 1));
      const std::size_t given = std::min(in.size(), most), room = std::min(out.size() - size, most);
      s.next_in = (decltype(s.next_in))(in.data());  // the libraries only read, though two of them ask for char*
      s.next_out = (decltype(s.next_out))(out.data() + size);
      s.avail_in = static_cast<decltype(s.avail_in)>(given);
      s.avail_out = static_cast<decltype(s.avail_out)>(room);
      step = decoder.step();
      in.remove_prefix(given - s.avail_in);
      size += room - s.avail_out;
      if (step == Inflated::corrupt) fault("corrupt ");
      if (step == Inflated::no_memory) fault("not enough memory for the ");
      if (step == Inflated::more && in.empty() && s.avail_out > 0) fault("truncated ");
    }
    if constexpr (Decoder::padding > 0) {
      const std::size_t zeros = std::min(in.find_first_not_of('\0'), in.size());
      in.remove_prefix(zeros - zeros % Decoder::padding);
    }
  }
  if (size > limit) refuse_size(path, limit, "unpacks to");
  out.resize(size);
  return out;
}

std::string unpacked(std::string bytes, const fs::path& path) {
  if (bytes.starts_with(Gzip::magic)) return decompressed<Gzip>(bytes, path);
  if (bytes.starts_with(Bzip2::magic)) return decompressed<Bzip2>(bytes, path);
  if (bytes.starts_with(Xz::magic)) return decompressed<Xz>(bytes, path);
  return bytes;
}

// By its mark, or by the zeros beside its first two letters.
bool is_utf16(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return true;
  const auto letter = [&](std::size_t i) { return bytes[i] == '\t' || (bytes[i] >= ' ' && bytes[i] <= '~'); };
  return bytes.size() >= 4 && ((letter(0) && bytes[1] == 0 && letter(2) && bytes[3] == 0) ||
                               (bytes[0] == 0 && letter(1) && bytes[2] == 0 && letter(3)));
}

}  // namespace

std::size_t unpack_limit(std::size_t packed) {
  constexpr std::size_t least = 256'000'000, ratio = 100;
  return unpack_bytes > 0 ? static_cast<std::size_t>(unpack_bytes) : std::max(least, ratio * packed);
}

void set_unpack_limit(std::uint64_t bytes) { unpack_bytes = bytes; }
std::uint64_t given_unpack_limit() { return unpack_bytes; }

std::string read_input(const fs::path& path) {
  std::string bytes = unpacked(raw_bytes(path), path);
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  if (is_utf16(bytes)) refuse(path, "is UTF-16: expected UTF-8 (`iconv -f UTF-16 -t UTF-8` turns one into the other)");
  return bytes;
}

}  // namespace laconic
