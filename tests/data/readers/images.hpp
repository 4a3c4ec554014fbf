#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/rooms.hpp"

#ifdef LACONIC_HAS_JPEG
#include <turbojpeg.h>
#endif
#ifdef LACONIC_HAS_PNG
#include <png.h>
#endif

// Tiny pictures of height x width x channels bytes.

namespace laconic::tests {

inline std::string ppm(int height, int width, const std::vector<unsigned char>& pixels) {
  const bool grey = pixels.size() == static_cast<std::size_t>(height * width);
  return (grey ? "P5 " : "P6 ") + std::to_string(width) + " " + std::to_string(height) + " 255\n" +
         std::string(pixels.begin(), pixels.end());
}

#ifdef LACONIC_HAS_PNG
constexpr bool has_png = true;
inline std::string png(int height, int width, int channels, const std::vector<unsigned char>& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.height = static_cast<png_uint_32>(height);
  image.width = static_cast<png_uint_32>(width);
  image.format = channels == 1 ? PNG_FORMAT_GRAY : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
  std::string out(10000, '\0');
  png_alloc_size_t size = out.size();
  if (!png_image_write_to_memory(&image, out.data(), &size, 0, pixels.data(), 0, nullptr))
    throw std::logic_error(image.message);
  out.resize(size);
  return out;
}
#else
constexpr bool has_png = false;
inline std::string png(int, int, int, const std::vector<unsigned char>&) { return ""; }
#endif

#ifdef LACONIC_HAS_JPEG
constexpr bool has_jpeg = true;
inline std::string jpeg(int height, int width, int channels, const std::vector<unsigned char>& pixels) {
  tjhandle handle = tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const int format = channels == 1 ? TJPF_GRAY : channels == 3 ? TJPF_RGB : TJPF_CMYK;
  if (tjCompress2(handle, pixels.data(), width, 0, height, format, &bytes, &size,
                  channels == 1 ? TJSAMP_GRAY : TJSAMP_444, 95, 0) != 0)
    throw std::logic_error(tjGetErrorStr2(handle));
  std::string out(reinterpret_cast<char*>(bytes), size);
  tjFree(bytes);
  tjDestroy(handle);
  return out;
}
#else
constexpr bool has_jpeg = false;
inline std::string jpeg(int, int, int, const std::vector<unsigned char>&) { return ""; }
#endif

}  // namespace laconic::tests
