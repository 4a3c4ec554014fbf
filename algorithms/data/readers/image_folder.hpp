#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/data/dataset.hpp"
#include "algorithms/data/readers/image.hpp"

namespace laconic::data {

struct ImageFolderOptions {
  std::optional<std::array<Index, 2>> size = {};  ///< height and width; default: the images', which must be alike
  Fit fit = Fit::crop;
  Index channels = 3;                                ///< 3, or 1: grey
  bool unit = true;                                  ///< 0..255 become 0..1
  std::vector<double> mean = {}, deviation = {};     ///< one a channel: what is subtracted, then divided by
  Index per_class = 0;                               ///< the first so many images of each class; 0: all
  std::vector<std::string> only = {};                ///< the only classes whose images are read
  std::optional<std::filesystem::path> labels = {};  ///< a file of "image class" lines instead of a folder a class
  const Dataset* like = nullptr;                     ///< has the shape, and the classes, of this one
};

/// Pictures, a folder a class: the classes are those folders' names in alphabetical order, numbered 0, 1, ...; a
/// class's images are all JPEG, PNG, PGM and PPM files in its folder and the folders therein (Tiny ImageNet keeps them
/// in images/), in alphabetical order; other files are passed over. With `labels`, the images are those that file
/// lists, in its order, looked up in the folder and in its images/. A sample is of shape channels x height x width.
/// Throws InputError "<file or folder>: ...".
Dataset read_image_folder(const std::filesystem::path& folder, const ImageFolderOptions& options);

}  // namespace laconic::data
