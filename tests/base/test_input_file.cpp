#include <bzlib.h>
#include <fmt/format.h>
#include <lzma.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "algorithms/base/error.hpp"
#include "algorithms/base/input_file.hpp"
#include "algorithms/base/random.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;
namespace fs = std::filesystem;

namespace {

std::string gzip(const std::string& text) {
  z_stream z{};
  REQUIRE(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string in = text, out(deflateBound(&z, static_cast<uLong>(text.size())) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string bzip2(const std::string& text) {
  std::string in = text, out(text.size() + text.size() / 50 + 700, '\0');
  auto size = static_cast<unsigned>(out.size());
  REQUIRE(BZ2_bzBuffToBuffCompress(out.data(), &size, in.data(), static_cast<unsigned>(in.size()), 1, 0, 0) == BZ_OK);
  out.resize(size);
  return out;
}

std::string xz(const std::string& text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  REQUIRE(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                                  text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size,
                                  out.size()) == LZMA_OK);
  out.resize(size);
  return out;
}

struct Format {
  std::string name;
  std::function<std::string(const std::string&)> pack;
  std::size_t magic;  // bytes
};

const std::vector<Format> formats{{"gzip", gzip, 2}, {"bzip2", bzip2, 3}, {"xz", xz, 6}};

/// A file of this process, removed with it.
class TempFile {
 public:
  explicit TempFile(const std::string& bytes = "") { write(bytes); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  ~TempFile() { fs::remove(path); }
  void write(const std::string& bytes) const { std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes; }

  static int next() {
    static int count = 0;
    return count++;
  }
  const fs::path path = fs::temp_directory_path() / fmt::format("laconic-input-{}-{}", ::getpid(), next());
};

/// What reading `path` says against it, without the path.
std::string refusal(const fs::path& path) {
  try {
    read_input(path);
  } catch (const InputError& error) {
    const std::string what = error.what(), where = path.string() + ": ";
    REQUIRE(what.substr(0, where.size()) == where);
    return what.substr(where.size());
  }
  return "accepted";
}

std::string refusal(const std::string& bytes) {
  const TempFile file(bytes);
  return refusal(file.path);
}

std::string content(const std::string& bytes) {
  const TempFile file(bytes);
  return read_input(file.path);
}

/// Neither constant nor incompressible.
std::string sample(std::size_t size) {
  Rng rng(3, Purpose::data);
  std::string text;
  while (text.size() < size) text += fmt::format("{} {}:0.{}\n", rng.below(2), rng.below(9), rng.below(1000000));
  text.resize(size);
  return text;
}

}  // namespace

TEST_CASE("a plain file is read as it is, of any size and with any bytes") {
  for (const std::size_t size : {0, 1, 2, 5, 65535, 65536, 65537, 200000}) CHECK(content(sample(size)) == sample(size));
  std::string every;
  for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
  CHECK(content(every) == every);
}

TEST_CASE("a pipe and a file without a size are read to their end") {
  CHECK(read_input("/dev/null").empty());
  if (fs::exists("/proc/self/status")) CHECK(read_input("/proc/self/status").find("Pid:") != std::string::npos);
}

TEST_CASE("compressed files are told by their first bytes, whatever their name") {
  for (const auto& format : formats) {
    INFO(format.name);
    for (const std::size_t size : {0, 1, 1000, 300000}) CHECK(content(format.pack(sample(size))) == sample(size));
    // More than a thousandfold: the room for the output grows many times.
    const std::string zeros(3'000'000, '0');
    CHECK(content(format.pack(zeros)) == zeros);
  }
}

TEST_CASE("concatenated streams are read to their end") {
  for (const auto& format : formats) {
    INFO(format.name);
    std::string packed, text;
    for (const std::size_t size : {1000, 0, 1, 70000, 0}) {
      packed += format.pack(sample(size));
      text += sample(size);
    }
    CHECK(content(packed) == text);
  }
}

TEST_CASE("xz streams may be padded with zero bytes in fours") {
  const std::string stream = xz("1 1:2\n"), four(4, '\0');
  CHECK(content(stream + four) == "1 1:2\n");
  CHECK(content(stream + four + four + stream + four) == "1 1:2\n1 1:2\n");
  CHECK(refusal(stream + std::string(3, '\0')) == "unexpected bytes after the end of the xz stream");
  CHECK(refusal(stream + std::string(6, '\0') + stream) == "unexpected bytes after the end of the xz stream");
}

TEST_CASE("a compressed file cut anywhere is called truncated") {
  for (const auto& format : formats) {
    const std::string packed = format.pack(sample(300));
    for (std::size_t size = format.magic; size < packed.size(); ++size) {
      INFO(format.name << ", " << size << " of " << packed.size() << " bytes");
      REQUIRE(refusal(packed.substr(0, size)) == "truncated " + format.name + " stream");
      REQUIRE(refusal(packed + packed.substr(0, size)) == "truncated " + format.name + " stream");
    }
  }
}

TEST_CASE("garbage after a compressed stream is refused") {
  for (const auto& format : formats)
    for (const std::string garbage : {"x", "garbage after the end", "\n"})
      CHECK(refusal(format.pack("1 1:2\n") + garbage) ==
            "unexpected bytes after the end of the " + format.name + " stream");
}

TEST_CASE("a damaged compressed stream is called corrupt") {
  for (const auto& format : formats) {
    std::string packed = format.pack(sample(2000));
    packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 16);
    CHECK(refusal(packed) == "corrupt " + format.name + " stream");
  }
}

TEST_CASE("a compressed file that unpacks to more than the limit is refused while it is unpacked") {
  const std::string zeros(300'000, '0');
  for (const auto& format : formats) {
    set_unpack_limit(100'000);
    const std::string said = refusal(format.pack(zeros)),
                      twice = refusal(format.pack(zeros.substr(0, 60'000)) + format.pack(zeros.substr(0, 60'000)));
    set_unpack_limit(300'000);
    const std::string whole = refusal(format.pack(zeros));
    set_unpack_limit(0);
    INFO(format.name);
    CHECK(said.ends_with("more than 0.1 MB (--unpack allows more, e.g. --unpack 20GB)"));
    CHECK(twice == said);  // streams add up
    CHECK(whole.find("--unpack") == std::string::npos);
  }
}

TEST_CASE("what cannot be opened or read is refused in the system's words") {
  CHECK(refusal(fs::path("/no/such/file.svm")) == "cannot read: No such file or directory");
  CHECK(refusal(fs::temp_directory_path()) == "cannot read: Is a directory");
  const TempFile file("1 1:2\n");
  CHECK(refusal(file.path / "x") == "cannot read: Not a directory");
  fs::permissions(file.path, fs::perms::none);
  if (::geteuid() == 0)
    WARN("skipped: a file without read permission, since root reads every file");
  else
    CHECK(refusal(file.path) == "cannot read: Permission denied");
  if (fs::exists("/proc/self/mem")) CHECK(refusal(fs::path("/proc/self/mem")) == "cannot read: Input/output error");
}

TEST_CASE("a randomly damaged compressed file gives its true content or an InputError") {
  Rng rng(4, Purpose::data);
  const std::string text = sample(700);
  const TempFile file;
  int refused = 0;
  for (const auto& format : formats) {
    const std::string packed = format.pack(text);
    for (int trial = 0; trial < 1000; ++trial) {
      std::string bytes = packed;
      for (auto left = rng.below(3) + 1; left > 0; --left) {
        const std::size_t at = rng.below(bytes.size()), count = std::min<std::size_t>(rng.below(20), bytes.size() - at);
        switch (rng.below(5)) {
          case 0:
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << rng.below(8)));
            break;
          case 1:
            bytes[at] = static_cast<char>(rng.below(256));
            break;
          case 2:
            bytes.resize(at + 1);
            break;
          case 3:
            bytes.erase(at, std::min(count, bytes.size() - 1));
            break;
          default:
            bytes.insert(at, bytes.substr(at, count));
        }
      }
      file.write(bytes);
      try {
        const std::string got = read_input(file.path);
        // Without its magic bytes it is a plain file.
        REQUIRE((got == text || got == bytes));
      } catch (const InputError&) {
        ++refused;
      }
    }
  }
  CHECK(refused > 2000);
}
