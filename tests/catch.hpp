#pragma once

#if __has_include(<catch2/catch.hpp>)
#include <catch2/catch.hpp>
// Catch2 3's name: there, Contains asks a range for an element.
namespace Catch::Matchers {
inline auto ContainsSubstring(const std::string& text) { return Contains(text); }
}  // namespace Catch::Matchers
#else
#include <catch2/catch_all.hpp>
using Catch::Approx;
#endif

#include "tests/rooms.hpp"
