# What `cmake --install` puts where, and the packages that `cmake --build build --target dist` makes of it. The program
# finds everything relative to itself: the tree may be moved.
include(GNUInstallDirs)
set(share ${CMAKE_INSTALL_DATADIR})

set(pages ${PROJECT_BINARY_DIR}/pages)
file(MAKE_DIRECTORY ${pages})
foreach(kind man bash zsh)
  add_custom_command(OUTPUT ${pages}/${kind} COMMAND laconic-bin pages ${kind} > ${pages}/${kind} DEPENDS laconic-bin VERBATIM)
endforeach()
add_custom_target(laconic_pages ALL DEPENDS ${pages}/man ${pages}/bash ${pages}/zsh)

install(TARGETS laconic-bin RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT laconic)
install(DIRECTORY scenarios DESTINATION ${share}/laconic COMPONENT laconic FILES_MATCHING PATTERN "*.json" PATTERN "README.md")
install(DIRECTORY platforms/ready DESTINATION ${share}/laconic/platforms COMPONENT laconic)
install(DIRECTORY analysis DESTINATION ${share}/laconic COMPONENT laconic
  PATTERN "__pycache__" EXCLUDE PATTERN "images" EXCLUDE PATTERN "analysis/laconic" EXCLUDE)
install(DIRECTORY analysis/laconic DESTINATION lib/python3/dist-packages COMPONENT laconic PATTERN "__pycache__" EXCLUDE)
install(FILES ${pages}/man DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 RENAME laconic.1 COMPONENT laconic)
install(FILES ${pages}/bash DESTINATION ${share}/bash-completion/completions RENAME laconic COMPONENT laconic)
install(FILES ${pages}/zsh DESTINATION ${share}/zsh/site-functions RENAME _laconic COMPONENT laconic)
install(FILES README.md CHANGELOG.md CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT laconic)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright COMPONENT laconic)
if(TARGET laconic_neural)
  install(TARGETS laconic_neural LIBRARY DESTINATION lib/laconic COMPONENT neural)
  install(FILES LICENSE DESTINATION ${share}/doc/laconic-neural RENAME copyright COMPONENT neural)
endif()

set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # packages do not wait for tests
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/dist)
set(CPACK_PACKAGE_VENDOR "The Laconic developers")
set(CPACK_PACKAGE_CONTACT "The Laconic developers <laconic@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "simulator of communication-efficient distributed learning")
set(CPACK_PACKAGE_DESCRIPTION "Loss against rounds, bits and simulated time of distributed learning on a network of your choice.")
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL laconic)
# Networks need libtorch, ten times the size of all else: a package of their own.
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_LACONIC_PACKAGE_NAME laconic)
set(CPACK_DEBIAN_LACONIC_PACKAGE_RECOMMENDS "python3-pandas, python3-matplotlib, python3-plotly")
set(CPACK_DEBIAN_LACONIC_PACKAGE_SUGGESTS laconic-neural)
set(CPACK_COMPONENT_LACONIC_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}")
if(TARGET laconic_neural)
  list(APPEND CPACK_COMPONENTS_ALL neural)
  set(CPACK_DEBIAN_NEURAL_PACKAGE_NAME laconic-neural)
  set(CPACK_DEBIAN_NEURAL_PACKAGE_DEPENDS "laconic (= ${PROJECT_VERSION})")
  # Debian's reference BLAS takes a third of a network's time.
  set(CPACK_DEBIAN_NEURAL_PACKAGE_RECOMMENDS "libopenblas0")
  set(CPACK_COMPONENT_NEURAL_DESCRIPTION "Neural networks, trained through libtorch, for Laconic.")
endif()
include(CPack)
add_custom_target(dist COMMAND ${CMAKE_COMMAND} -E rm -rf dist
  COMMAND ${CMAKE_CPACK_COMMAND} -C $<CONFIG>
  COMMAND sh -c "cd dist && rm -rf _CPack_Packages && sha256sum *.deb *.tar.gz >SHA256SUMS"
  DEPENDS laconic_pages WORKING_DIRECTORY ${PROJECT_BINARY_DIR} VERBATIM)
if(TARGET laconic_neural)
  add_dependencies(dist laconic_neural)
endif()
