#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "algorithms/core/types.hpp"

namespace laconic::data {

/// A decoded picture.
struct Picture {
  Index height = 0, width = 0, channels = 0;  ///< channels: 1, grey; 3, red, green and blue
  std::vector<unsigned char> bytes;           ///< height x width x channels
};

/// JPEG (through libjpeg-turbo), PNG (through libpng) or binary PGM and PPM, as the first bytes say. Transparency is
/// left out, as is a camera's note how it was held; 16 bits become 8. Throws InputError "<name>: ..." if the bytes are
/// no such picture, or damaged, or of more than 1e8 pixels, or of a kind that this build is without.
Picture decode_picture(std::string_view bytes, const std::string& name);

/// How a picture fills a size of another shape: its largest part of that shape from the middle, or all of it,
/// distorted.
enum class Fit { crop, stretch };

/// The picture as `channels` planes of height x width numbers from 0 to 255, written to `out`. Made smaller or larger
/// by linear interpolation over as many pixels as one of the new ones covers, as Pillow does it; grey is ITU-R 601's
/// 0.299 red + 0.587 green + 0.114 blue.
void resample(const Picture& picture, Index channels, Index height, Index width, Fit fit, double* out);

}  // namespace laconic::data
