#include "algorithms/data/readers/idx.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "algorithms/base/error.hpp"
#include "algorithms/base/input_file.hpp"

namespace laconic::data {
namespace {

template <class Bits>
Bits big_endian(const char* at) {
  Bits out = 0;
  for (std::size_t i = 0; i < sizeof(Bits); ++i)
    out = static_cast<Bits>(static_cast<Bits>(out << (sizeof(Bits) > 1 ? 8 : 0)) | static_cast<unsigned char>(at[i]));
  return out;
}

template <class Number, class Bits>
void read_numbers(const char* at, std::size_t count, double* out) {
  for (std::size_t i = 0; i < count; ++i, at += sizeof(Bits))
    out[i] = static_cast<double>(std::bit_cast<Number>(big_endian<Bits>(at)));
}

struct Type {
  unsigned char code;
  std::size_t size;
  void (*read)(const char* at, std::size_t count, double* out);
};

constexpr Type types[] = {
    {0x08, 1, read_numbers<std::uint8_t, std::uint8_t>},  {0x09, 1, read_numbers<std::int8_t, std::uint8_t>},
    {0x0B, 2, read_numbers<std::int16_t, std::uint16_t>}, {0x0C, 4, read_numbers<std::int32_t, std::uint32_t>},
    {0x0D, 4, read_numbers<float, std::uint32_t>},        {0x0E, 8, read_numbers<double, std::uint64_t>}};

}  // namespace

IdxArray parse_idx(std::string_view bytes, const std::string& name) {
  const auto refuse = [&](const std::string& what) { throw InputError(name + ": " + what); };
  const Type* type = nullptr;
  if (bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0)
    for (const auto& known : types)
      if (static_cast<unsigned char>(bytes[2]) == known.code) type = &known;
  if (!type) {
    std::string start;
    for (const char c : bytes.substr(0, 4)) start += fmt::format(" {:02x}", static_cast<unsigned char>(c));
    refuse("expected an IDX file, which begins with 00 00, a type from 08 to 0e and the number of sizes, got" +
           (start.empty() ? " nothing" : start));
  }
  IdxArray out;
  out.bytes = type->code == 0x08;
  const auto dimensions = static_cast<std::size_t>(static_cast<unsigned char>(bytes[3]));
  const std::size_t header = 4 + 4 * dimensions;
  if (dimensions == 0) refuse("expected at least one size, got an IDX file of none");
  if (bytes.size() < header)
    refuse(fmt::format("expected {} bytes of header, got a file of {}: it is truncated", header, bytes.size()));
  constexpr double most = 1e10;
  double count = 1;  // of sizes but 0, or it might be 0 times infinity
  bool none = false;
  for (std::size_t i = 0; i < dimensions; ++i) {
    out.sizes.push_back(big_endian<std::uint32_t>(bytes.data() + 4 + 4 * i));
    none |= out.sizes.back() == 0;
    count *= std::max(1.0, static_cast<double>(out.sizes.back()));
  }
  if (none) refuse("expected at least one sample, got sizes with a 0");
  if (count > most) refuse(fmt::format("expected at most {:g} numbers, got sizes that make {:g}", most, count));
  const auto numbers = static_cast<std::size_t>(count);
  if (bytes.size() - header != numbers * type->size)
    refuse(fmt::format("expected {} bytes of numbers behind the header, as its sizes say, got {}: it is {}",
                       numbers * type->size, bytes.size() - header,
                       bytes.size() - header < numbers * type->size ? "truncated" : "too long"));
  out.values.resize(out.sizes[0], static_cast<Index>(numbers) / out.sizes[0]);
  type->read(bytes.data() + header, numbers, out.values.data());
  if (!out.values.allFinite()) {
    const double* bad =
        std::find_if(out.values.data(), out.values.data() + numbers, [](double x) { return !std::isfinite(x); });
    refuse(fmt::format("expected finite numbers, got {} as number {}", *bad, bad - out.values.data() + 1));
  }
  return out;
}

IdxArray read_idx(const std::filesystem::path& path) { return parse_idx(read_input(path), path.string()); }

Dataset read_idx_pair(const std::filesystem::path& images, const std::filesystem::path& labels, bool unit) {
  IdxArray x = read_idx(images);
  const IdxArray y = read_idx(labels);
  if (y.sizes.size() != 1)
    throw InputError(fmt::format("{}: expected labels, one number a sample, got an array of {} sizes", labels.string(),
                                 y.sizes.size()));
  if (x.sizes.size() < 2)
    throw InputError(
        fmt::format("{}: expected samples of at least one size, got an array of single numbers: are "
                    "\"images\" and \"labels\" exchanged?",
                    images.string()));
  if (x.sizes[0] != y.sizes[0])
    throw InputError(fmt::format("{}: expected a label for each of the {} samples of {}, got {}", labels.string(),
                                 x.sizes[0], images.string(), y.sizes[0]));
  Dataset out{std::move(x.values), y.values.col(0), images.string()};
  if (unit && x.bytes) std::get<RowMatrix>(out.x) /= 255;
  out.shape.assign(x.sizes.begin() + 1, x.sizes.end());
  return out;
}

}  // namespace laconic::data
