# `cpack -G DEB` in a build folder makes smalldb-server_VERSION_ARCHITECTURE.deb: the programs, the services, the pages.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME smalldb-server)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "smalldb <smalldb@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "small key-value store that survives the loss of a machine")
set(CPACK_PACKAGE_DESCRIPTION
  "A primary serves, a backup holds a copy of all that answers depend on, an
arbiter decides who may go on alone.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};${PROJECT_NAME};server;/")
set(CPACK_DEB_COMPONENT_INSTALL OFF)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${PROJECT_SOURCE_DIR}/server/packaging/postinst
  ${PROJECT_SOURCE_DIR}/server/packaging/prerm
  ${PROJECT_SOURCE_DIR}/server/packaging/postrm)
set(CPACK_STRIP_FILES ON)
include(CPack)
