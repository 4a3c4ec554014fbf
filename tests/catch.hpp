#pragma once

#if __has_include(<catch2/catch.hpp>)
#include <catch2/catch.hpp>
#else
#include <catch2/catch_all.hpp>
using Catch::Approx;
using Catch::Matchers::Contains;
#endif

#include "tests/rooms.hpp"
