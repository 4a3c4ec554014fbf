# Optional libraries come and go after the first build: whenever packages have changed, CMake looks again, and trusts
# nothing that it found before.
if(EXISTS /var/lib/dpkg/status)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS /var/lib/dpkg/status)
endif()

# pkg_check_modules(prefix IMPORTED_TARGET module), with nothing remembered from an earlier configuration.
macro(look_for_module prefix module)
  get_cmake_property(known CACHE_VARIABLES)
  foreach(variable ${known})
    if(variable MATCHES "^(${prefix}_|pkgcfg_lib_${prefix}_|__pkg_config_(checked|arguments)_${prefix}$)")
      unset(${variable} CACHE)
    endif()
  endforeach()
  pkg_check_modules(${prefix} QUIET IMPORTED_TARGET ${module})
endmacro()

# Forgets what a cached variable names unless `file` is there: a header in the folder, or the library itself.
macro(forget_unless_exists variable file)
  if(${variable} AND NOT EXISTS ${file})
    unset(${variable} CACHE)
  endif()
endmacro()

# find_package(MPI) for C++, with nothing remembered of compilers and libraries that have gone, or were not there.
macro(look_for_mpi)
  if(NOT MPI_CXX_COMPILER OR NOT EXISTS ${MPI_CXX_COMPILER})
    get_cmake_property(known CACHE_VARIABLES)
    foreach(variable ${known})
      if(variable MATCHES "^(MPI_|MPIEXEC_|FIND_PACKAGE_MESSAGE_DETAILS_MPI)")
        unset(${variable} CACHE)
      endif()
    endforeach()
  endif()
  set(MPI_CXX_SKIP_MPICXX TRUE)  # the C++ bindings that MPI has given up
  find_package(MPI QUIET COMPONENTS CXX)
endmacro()
