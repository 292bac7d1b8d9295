# Makes the manual pages of what is being installed, from what the programs say of themselves (--help). Run by the
# install; without help2man there are no pages.
#
# REQUIRES: HELP2MAN, GZIP, VERSION, SERVER and CLIENT (the programs), FOLDER (.../share/man).

# What help2man is given to read: a name between asterisks begins a section.
function(mark_sections help marked)
  string(REGEX REPLACE "\n\n(Signals|Exit codes|Configuration file):\n" "\n\n*\\1*\n\n" help "${help}")
  string(REGEX REPLACE "\n\n(Starting )" "\n\nExamples:\n\n\\1" help "${help}")
  string(REGEX REPLACE "\n\n(smalldb COMMAND --help)" "\n\n*Notes*\n\n\\1" help "${help}")
  set(${marked} "${help}" PARENT_SCOPE)
endfunction()

# A line of an example that goes on with the command before it (> ) is no paragraph of its own.
function(join_examples file)
  file(READ ${file} page)
  string(REPLACE "\n.IP\n\\f(CW> " "\n.br\n\\f(CW> " page "${page}")
  file(WRITE ${file} "${page}")
endfunction()

# The page is named by `page`, its last letter the section; `program` is asked with `asked`.
function(make_manual page program asked what)
  string(REGEX REPLACE "^.*\\." "" section ${page})
  string(REGEX REPLACE "\\.[0-9]$" "" name ${page})
  set(folder ${FOLDER}/man${section})
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND ${program} ${asked} OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
  mark_sections("${help}" marked)
  # help2man calls the page as the program is called.
  set(told ${folder}/${name})
  file(WRITE ${told} "#!/bin/sh\ncat <<'END OF HELP'\n${marked}END OF HELP\n")
  file(CHMOD ${told} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
  execute_process(COMMAND ${HELP2MAN} --no-info --section=${section} --name=${what} --version-string=${VERSION}
      --manual=smalldb --output=${folder}/${page} ${told}
    COMMAND_ERROR_IS_FATAL ANY)
  file(REMOVE ${told})
  join_examples(${folder}/${page})
  execute_process(COMMAND ${GZIP} --best --no-name --force ${folder}/${page} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

make_manual(smalldb-server.8 ${SERVER} "--help" "a node of smalldb, a replicated key-value store")
make_manual(smalldb-server-arbiter.8 ${SERVER} "arbiter;--help" "the tie breaker of a pair of smalldb")
make_manual(smalldb.1 ${CLIENT} "--help" "asks a smalldb store: put, get, delete, status, watch, promote")
