# Run with -D ROOT=<the sources> -D FOLDER=<an empty folder to write in>.
cmake_minimum_required(VERSION 3.22)
include(${ROOT}/cmake/interface_digest.cmake)

# All that the library of networks shares with the program is in the list.
file(GLOB sources RELATIVE ${ROOT} ${ROOT}/algorithms/problems/torch/*.cpp)
interface_digest(digest headers ${ROOT} ${sources})
foreach(header core/oracle core/problem core/types base/random base/params data/dataset problems/neural problems/registry)
  if(NOT algorithms/${header}.hpp IN_LIST headers)
    message(FATAL_ERROR "The guard of the library of networks leaves out algorithms/${header}.hpp: ${headers}")
  endif()
endforeach()

# A change in a header that is included at second hand changes the digest; one in a file that nobody includes does not.
file(WRITE ${FOLDER}/source.cpp "#include \"first.hpp\"\n#include <vector>\n")
file(WRITE ${FOLDER}/first.hpp "#include \"second.hpp\"\n")
file(WRITE ${FOLDER}/second.hpp "#include \"first.hpp\"\nint x;\n")
file(WRITE ${FOLDER}/other.hpp "int y;\n")
interface_digest(before headers ${FOLDER} source.cpp)
if(NOT "${headers}" STREQUAL "first.hpp;second.hpp")
  message(FATAL_ERROR "Found ${headers}")
endif()
file(WRITE ${FOLDER}/other.hpp "long y;\n")
interface_digest(same headers ${FOLDER} source.cpp)
file(WRITE ${FOLDER}/second.hpp "#include \"first.hpp\"\nlong x;\n")
interface_digest(after headers ${FOLDER} source.cpp)
if(NOT before STREQUAL same OR before STREQUAL after)
  message(FATAL_ERROR "The digest does not follow the headers")
endif()
