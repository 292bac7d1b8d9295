# Makes the manual pages of what is being installed, from what the programs say of themselves (--help). Run by the
# install; without help2man there are no pages.
#
# REQUIRES: HELP2MAN, GZIP, VERSION, SERVER and CLIENT (the programs), FOLDER (.../share/man).

# The page is named by `page`, its last letter the section; `program` is asked with `asked`.
function(make_manual page program asked what)
  string(REGEX REPLACE "^.*\\." "" section ${page})
  string(REGEX REPLACE "\\.[0-9]$" "" name ${page})
  set(folder ${FOLDER}/man${section})
  file(MAKE_DIRECTORY ${folder})
  # help2man calls the page as the program is called.
  set(called ${folder}/${name})
  file(CREATE_LINK ${program} ${called} SYMBOLIC)
  execute_process(COMMAND ${HELP2MAN} --no-info --section=${section} --name=${what} --version-string=${VERSION}
      --help-option=${asked} --output=${folder}/${page} ${called}
    COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${GZIP} --best --no-name --force ${folder}/${page} COMMAND_ERROR_IS_FATAL ANY)
  file(REMOVE ${called})
endfunction()

make_manual(smalldb-server.8 ${SERVER} "--help" "a node of smalldb, a replicated key-value store")
make_manual(smalldb-server-arbiter.8 ${SERVER} "arbiter --help" "the tie breaker of a pair of smalldb")
make_manual(smalldb.1 ${CLIENT} "--help" "asks a smalldb store: put, get, delete, status, watch, promote")
