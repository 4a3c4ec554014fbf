# A room: a folder whose sources are one static library, laconic_<name>, that links the rooms named after AFTER and no
# other. The house's rooms stand in one order (sim/README.md), and each is linked a second time, whole and by itself, with
# just those rooms: a call that runs back up the house is an undefined symbol there.
function(laconic_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;AFTER;LINK;PRIVATE" ${ARGN})
  list(TRANSFORM ROOM_AFTER PREPEND laconic_)
  if(NOT ROOM_SOURCES)  # headers alone
    add_library(laconic_${name} INTERFACE)
    target_link_libraries(laconic_${name} INTERFACE laconic_options ${ROOM_AFTER} ${ROOM_LINK})
    return()
  endif()
  add_library(laconic_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(laconic_${name} PUBLIC laconic_options ${ROOM_AFTER} ${ROOM_LINK} PRIVATE ${ROOM_PRIVATE})
  if(LACONIC_SANITIZE)  # what links without sanitizers links with them
    return()
  endif()
  add_executable(room_${name}_stands_alone ${PROJECT_SOURCE_DIR}/cmake/empty_main.cpp)
  target_link_libraries(room_${name}_stands_alone PRIVATE -Wl,--whole-archive laconic_${name} -Wl,--no-whole-archive)
  set_target_properties(room_${name}_stands_alone PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/rooms)
endfunction()
