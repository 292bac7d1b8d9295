# What a fuzzer's bytes go through counts what it does, for libFuzzer to go by. All else, which is half of a build,
# compiles in three quarters of the time without. These are the flags of -fsanitize=fuzzer-no-link, one by one: by its
# name, code that counts could not share precompiled headers with code that does not.
if(SMALLDB_LIBFUZZER)
  foreach(target IN ITEMS smalldb_model smalldb_sim_world smalldb_checker smalldb_properties smalldb_runs
      smalldb_scenarios smalldb_judge_bytes smalldb_server)
    target_compile_options(${target} PRIVATE
      -fsanitize-coverage=inline-8bit-counters,indirect-calls,trace-cmp,pc-table,stack-depth
      -fno-builtin-memcmp -fno-builtin-bcmp)
  endforeach()
endif()
