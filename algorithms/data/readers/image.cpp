#include "algorithms/data/readers/image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>

#include "algorithms/base/error.hpp"

#ifdef LACONIC_HAS_JPEG
#include <turbojpeg.h>
#endif
#ifdef LACONIC_HAS_PNG
#include <png.h>
#endif

namespace laconic::data {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& what) { throw InputError(name + ": " + what); }

// With room for its pixels.
Picture blank(double height, double width, Index channels, const std::string& name) {
  constexpr double most = 1e8;
  if (height < 1 || width < 1) refuse(name, "expected at least one pixel, got a picture of none");
  if (height * width > most)
    refuse(name, fmt::format("expected at most {:g} pixels, got {:g} x {:g}", most, width, height));
  Picture out{static_cast<Index>(height), static_cast<Index>(width), channels, {}};
  out.bytes.resize(static_cast<std::size_t>(out.height * out.width * channels));
  return out;
}

#ifdef LACONIC_HAS_JPEG
Picture decode_jpeg(std::string_view bytes, const std::string& name) {
  const std::unique_ptr<void, int (*)(tjhandle)> handle(tjInitDecompress(), tjDestroy);
  if (!handle) throw std::bad_alloc();
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0, height = 0, subsampling = 0, colours = 0;
  if (tjDecompressHeader3(handle.get(), data, bytes.size(), &width, &height, &subsampling, &colours) != 0)
    refuse(name, fmt::format("not a JPEG that can be read: {}", tjGetErrorStr2(handle.get())));
  if (width < 1 || height < 1) refuse(name, "not a JPEG that can be read: it holds no picture");
  const bool grey = colours == TJCS_GRAY, printed = colours == TJCS_CMYK || colours == TJCS_YCCK;
  const int format = grey ? TJPF_GRAY : printed ? TJPF_CMYK : TJPF_RGB;
  Picture out = blank(height, width, printed ? 4 : grey ? 1 : 3, name);
  // The accurate transform is the same on every machine.
  if (tjDecompress2(handle.get(), data, bytes.size(), out.bytes.data(), width, 0, height, format, TJFLAG_ACCURATEDCT) !=
      0) {
    const std::string_view why = tjGetErrorStr2(handle.get());
    // Many files have stray bytes that cost no pixel; half a file is half a picture.
    if (tjGetErrorCode(handle.get()) != TJERR_WARNING || why.find("Premature end") != std::string_view::npos)
      refuse(name, fmt::format("not a JPEG that can be read to its end: {}", why));
  }
  if (printed) {  // inverted, as Adobe writes them
    for (std::size_t i = 0, j = 0; j < out.bytes.size(); j += 4)
      for (std::size_t c = 0; c < 3; ++c)
        out.bytes[i++] = static_cast<unsigned char>(out.bytes[j + c] * out.bytes[j + 3] / 255);
    out.channels = 3;
    out.bytes.resize(static_cast<std::size_t>(out.height * out.width * 3));
  }
  return out;
}
#else
Picture decode_jpeg(std::string_view, const std::string& name) {
  refuse(name, "a JPEG, which this build of Laconic cannot read: install libturbojpeg0-dev and build again");
}
#endif

#ifdef LACONIC_HAS_PNG
Picture decode_png(std::string_view bytes, const std::string& name) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, void (*)(png_imagep)> freed(&image, png_image_free);
  const auto damaged = [&] { refuse(name, fmt::format("not a PNG that can be read: {}", image.message)); };
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) damaged();
  const bool colour = image.format & PNG_FORMAT_FLAG_COLOR;
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  image.format = colour ? PNG_FORMAT_RGBA : PNG_FORMAT_GA;
  const std::size_t kept = colour ? 3 : 1;
  Picture out = blank(image.height, image.width, static_cast<Index>(kept) + 1, name);
  if (!png_image_finish_read(&image, nullptr, out.bytes.data(), 0, nullptr)) damaged();
  for (std::size_t i = 0, j = 0; j < out.bytes.size(); j += kept + 1)
    for (std::size_t c = 0; c < kept; ++c) out.bytes[i++] = out.bytes[j + c];
  out.channels = static_cast<Index>(kept);
  out.bytes.resize(static_cast<std::size_t>(out.height * out.width) * kept);
  return out;
}
#else
Picture decode_png(std::string_view, const std::string& name) {
  refuse(name, "a PNG, which this build of Laconic cannot read: install libpng-dev and build again");
}
#endif

// Netpbm's binary formats: P5 or P6, width, height, the largest value, one blank, the bytes. # begins a comment.
Picture decode_netpbm(std::string_view bytes, const std::string& name) {
  std::size_t at = 2;
  const auto number = [&](const char* what) {
    while (at < bytes.size() &&
           (std::string_view(" \t\r\n").find(bytes[at]) != std::string_view::npos || bytes[at] == '#'))
      at = bytes[at] == '#' ? std::min(bytes.find('\n', at), bytes.size()) : at + 1;
    int out = 0;
    const auto [end, error] = std::from_chars(bytes.data() + at, bytes.data() + bytes.size(), out);
    if (error != std::errc{} || out < 0) refuse(name, fmt::format("expected its {} in the header, got none", what));
    at = static_cast<std::size_t>(end - bytes.data());
    return out;
  };
  const int width = number("width"), height = number("height"), largest = number("largest value");
  if (largest < 1 || largest > 255)
    refuse(name, fmt::format("expected a largest value from 1 to 255, got {}", largest));
  Picture out = blank(height, width, bytes[1] == '6' ? 3 : 1, name);
  ++at;
  const std::size_t there = bytes.size() - std::min(at, bytes.size());
  if (there < out.bytes.size())
    refuse(name, fmt::format("expected {} bytes behind the header, got {}: it is truncated", out.bytes.size(), there));
  for (std::size_t i = 0; i < out.bytes.size(); ++i)
    out.bytes[i] =
        static_cast<unsigned char>(std::min<int>(static_cast<unsigned char>(bytes[at + i]), largest) * 255 / largest);
  return out;
}

/// The pixels of a line that make up one of the new line's, and their weights.
struct Taps {
  Index first;
  std::vector<double> weights;
};

// `to` new pixels cover `length` old ones from `start` on, of a line of `from`.
std::vector<Taps> taps_of(Index from, double start, double length, Index to) {
  const double step = length / static_cast<double>(to), reach = std::max(step, 1.0);
  std::vector<Taps> out;
  for (Index i = 0; i < to; ++i) {
    const double centre = start + (static_cast<double>(i) + 0.5) * step;
    const auto first = std::max<Index>(0, static_cast<Index>(centre - reach + 0.5));
    const auto last = std::min<Index>(from, static_cast<Index>(centre + reach + 0.5));
    Taps taps{first, {}};
    double sum = 0;
    for (Index x = first; x < last; ++x) {
      const double weight = std::max(0.0, 1 - std::abs(static_cast<double>(x) + 0.5 - centre) / reach);
      taps.weights.push_back(weight);
      sum += weight;
    }
    for (double& weight : taps.weights) weight /= sum;
    out.push_back(std::move(taps));
  }
  return out;
}

RowMatrix plane(const Picture& picture, Index channel, Index channels) {
  const auto at = [&](Index i, Index c) {
    return static_cast<double>(picture.bytes[static_cast<std::size_t>(i * picture.channels + c)]);
  };
  RowMatrix out(picture.height, picture.width);
  for (Index i = 0; i < out.size(); ++i) {
    if (picture.channels == 1)
      out.data()[i] = at(i, 0);
    else if (channels == 1)
      out.data()[i] = (299 * at(i, 0) + 587 * at(i, 1) + 114 * at(i, 2)) / 1000;
    else
      out.data()[i] = at(i, channel);
  }
  return out;
}

}  // namespace

Picture decode_picture(std::string_view bytes, const std::string& name) {
  if (bytes.starts_with("\xff\xd8")) return decode_jpeg(bytes, name);
  if (bytes.starts_with("\x89PNG")) return decode_png(bytes, name);
  if (bytes.starts_with("P5") || bytes.starts_with("P6")) return decode_netpbm(bytes, name);
  refuse(name, bytes.empty() ? "expected a JPEG, PNG, PGM or PPM, got an empty file"
                             : "expected a JPEG, PNG, or binary PGM or PPM, got something else");
}

void resample(const Picture& picture, Index channels, Index height, Index width, Fit fit, double* out) {
  double covered_height = static_cast<double>(picture.height), covered_width = static_cast<double>(picture.width);
  if (fit == Fit::crop) {
    const double pixel =
        std::min(covered_height / static_cast<double>(height), covered_width / static_cast<double>(width));
    covered_height = pixel * static_cast<double>(height);
    covered_width = pixel * static_cast<double>(width);
  }
  const auto across =
                 taps_of(picture.width, (static_cast<double>(picture.width) - covered_width) / 2, covered_width, width),
             down = taps_of(picture.height, (static_cast<double>(picture.height) - covered_height) / 2, covered_height,
                            height);
  for (Index c = 0; c < channels; ++c) {
    const RowMatrix from = plane(picture, c, channels);
    RowMatrix narrow = RowMatrix::Zero(picture.height, width);
    for (Index j = 0; j < width; ++j) {
      const Taps& taps = across[static_cast<std::size_t>(j)];
      for (std::size_t t = 0; t < taps.weights.size(); ++t)
        narrow.col(j) += taps.weights[t] * from.col(taps.first + static_cast<Index>(t));
    }
    for (Index i = 0; i < height; ++i, out += width) {
      auto row = Eigen::Map<Eigen::RowVectorXd>(out, width);
      row.setZero();
      const Taps& taps = down[static_cast<std::size_t>(i)];
      for (std::size_t t = 0; t < taps.weights.size(); ++t)
        row += taps.weights[t] * narrow.row(taps.first + static_cast<Index>(t));
    }
  }
}

}  // namespace laconic::data
