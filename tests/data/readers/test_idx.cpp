#include "algorithms/data/readers/idx.hpp"

#include <bit>
#include <filesystem>
#include <fstream>

#include "algorithms/base/error.hpp"
#include "algorithms/base/random.hpp"
#include "tests/catch.hpp"
#include "tests/real_data.hpp"

using namespace laconic::tests;
namespace fs = std::filesystem;

namespace {

std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes));
  return out;
}

std::string header(unsigned char type, const std::vector<std::uint32_t>& sizes) {
  std::string out{0, 0, static_cast<char>(type), static_cast<char>(sizes.size())};
  for (const auto size : sizes) out += big_endian(size, 4);
  return out;
}

std::string error(const std::string& bytes) {
  try {
    parse_idx(bytes, "a.idx");
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

struct Files {
  fs::path folder = fs::temp_directory_path() / ("laconic-idx-" + std::to_string(getpid()));
  Files() { fs::create_directories(folder); }
  ~Files() { fs::remove_all(folder); }
  fs::path write(const char* name, const std::string& bytes) const {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return folder / name;
  }
};

}  // namespace

TEST_CASE("IDX numbers of every type are read, big-endian") {
  const auto values = [](unsigned char type, const std::string& bytes) {
    const RowMatrix read = parse_idx(header(type, {2}) + bytes, "a.idx").values;
    return std::vector<double>(read.data(), read.data() + read.size());
  };
  using Values = std::vector<double>;
  CHECK(values(0x08, "\x07\xff") == Values{7, 255});
  CHECK(values(0x09, "\x07\xff") == Values{7, -1});
  CHECK(values(0x0B, big_endian(258, 2) + big_endian(0xfffe, 2)) == Values{258, -2});
  CHECK(values(0x0C, big_endian(70000, 4) + big_endian(0xffffffff, 4)) == Values{70000, -1});
  CHECK(values(0x0D, big_endian(std::bit_cast<std::uint32_t>(1.5f), 4) +
                         big_endian(std::bit_cast<std::uint32_t>(-2.f), 4)) == Values{1.5, -2});
  CHECK(values(0x0E, big_endian(std::bit_cast<std::uint64_t>(0.1), 8) +
                         big_endian(std::bit_cast<std::uint64_t>(-3.0), 8)) == Values{0.1, -3});
}

TEST_CASE("IDX files that are none, or not whole, are refused") {
  CHECK(error("") ==
        "a.idx: expected an IDX file, which begins with 00 00, a type from 08 to 0e and the number of "
        "sizes, got nothing");
  CHECK(error("\x1f\x8b\x08\x00").starts_with("a.idx: expected an IDX file"));
  CHECK(error(std::string{0, 0, 0x0A, 1, 0, 0, 0, 0}).ends_with("got 00 00 0a 01"));
  CHECK(error(std::string{0, 0, 8, 0}) == "a.idx: expected at least one size, got an IDX file of none");
  CHECK(error(std::string{0, 0, 8, 3, 0, 0}) == "a.idx: expected 16 bytes of header, got a file of 6: it is truncated");
  CHECK(error(header(8, {3}) + "ab") ==
        "a.idx: expected 3 bytes of numbers behind the header, as its sizes say, got 2: it is truncated");
  CHECK(error(header(8, {1}) + "ab") ==
        "a.idx: expected 1 bytes of numbers behind the header, as its sizes say, got 2: it is too long");
  CHECK(error(header(8, {3, 0})) == "a.idx: expected at least one sample, got sizes with a 0");
  std::vector<std::uint32_t> sizes(40, ~0u);  // 0 times infinity is no number
  sizes.back() = 0;
  CHECK(error(header(8, sizes)) == "a.idx: expected at least one sample, got sizes with a 0");
  CHECK(error(header(8, {~0u, ~0u, ~0u})).starts_with("a.idx: expected at most 1e+10 numbers, got sizes that make"));
  CHECK(error(header(0x0D, {1}) + "\x7f\xc0" + std::string(2, '\0')) ==
        "a.idx: expected finite numbers, got nan as number 1");
}

TEST_CASE("a file of images and one of labels make a data set with a shape") {
  const Files files;
  const auto images = files.write("x", header(8, {2, 1, 3}) + std::string{0, 51, '\xff', 102, 0, 0});
  const auto labels = files.write("y", header(8, {2}) + std::string{3, 5});
  const Dataset data = read_idx_pair(images, labels, true);
  CHECK(std::get<RowMatrix>(data.x).isApprox(RowMatrix{{0, 0.2, 1}, {0.4, 0, 0}}, 1e-15));
  CHECK(data.y == Eigen::Vector2d(3, 5));
  CHECK(data.shape == std::vector<Index>{1, 3});
  CHECK(std::get<RowMatrix>(read_idx_pair(images, labels, false).x)(0, 2) == 255);

  const auto three = files.write("y3", header(8, {3}) + "abc");
  CHECK_THROWS_WITH(read_idx_pair(images, three, true),
                    three.string() + ": expected a label for each of the 2 samples of " + images.string() + ", got 3");
  CHECK_THROWS_WITH(read_idx_pair(labels, labels, true),
                    labels.string() +
                        ": expected samples of at least one size, got an array of single numbers: are "
                        "\"images\" and \"labels\" exchanged?");
  CHECK_THROWS_WITH(read_idx_pair(images, images, true),
                    images.string() + ": expected labels, one number a sample, got an array of 3 sizes");
}

TEST_CASE("whatever the bytes, reading IDX ends with an array or an InputError") {
  const std::string good = header(8, {2, 3}) + "abcdef";
  Rng rng(1, Purpose::noise);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = good;
    for (std::uint64_t edits = rng.below(4) + 1; edits > 0; --edits) {
      if (bytes.empty()) break;
      const auto at = rng.below(bytes.size());
      if (rng.below(3) == 0)
        bytes.resize(at);
      else
        bytes[at] = static_cast<char>(rng.below(rng.below(2) == 0 ? 16 : 256));
    }
    try {
      const IdxArray array = parse_idx(bytes, "a.idx");
      double count = 1;
      for (const auto size : array.sizes) count *= static_cast<double>(size);
      REQUIRE(static_cast<double>(array.values.size()) == count);
    } catch (const InputError&) {
    }
  }
}

TEST_CASE("MNIST has its known shape") {
  const fs::path folder = real_data() / "mnist";
  if (!fs::exists(folder)) {
    WARN("skipped: no " << folder);
    return;
  }
  const Dataset data = read_idx_pair(folder / "t10k-images-idx3-ubyte.gz", folder / "t10k-labels-idx1-ubyte.gz", true);
  CHECK(data.samples() == 10000);
  CHECK(data.shape == std::vector<Index>{28, 28});
  CHECK((data.y.array() == 7).count() == 1028);
  CHECK(std::get<RowMatrix>(data.x).maxCoeff() == 1);
}
