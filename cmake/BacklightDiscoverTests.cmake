# Runs after a doctest executable is linked: writes OUT, which tells CTest of every test case in EXECUTABLE, as
# "PREFIX: name", with the label of its suite and after the CTest fixture FIXTURE, if any.
# (doctest's own module takes names with `;`, `[` or `,` apart, and then runs nothing at all, which passes.)
execute_process(COMMAND ${EXECUTABLE} --list-test-cases --reporters=xml OUTPUT_VARIABLE xml COMMAND_ERROR_IS_FATAL ANY)

set(script "")
while(xml MATCHES "<TestCase name=\"([^\"]*)\"( testsuite=\"([^\"]*)\")?[^>]*/>(.*)")
  set(name "${CMAKE_MATCH_1}")
  set(label "${CMAKE_MATCH_3}")
  set(xml "${CMAKE_MATCH_4}")
  foreach(escape "&lt;/<" "&gt;/>" "&quot;/\"" "&apos;/'" "&amp;/&")
    string(REGEX MATCH "(.*)/(.*)" escape "${escape}")
    string(REPLACE "${CMAKE_MATCH_1}" "${CMAKE_MATCH_2}" name "${name}")
  endforeach()
  string(REPLACE "," "\\," pattern "${name}")
  string(APPEND script "add_test([==[${PREFIX}: ${name}]==] [==[${EXECUTABLE}]==] [==[--test-case=${pattern}]==])\n"
                       "set_tests_properties([==[${PREFIX}: ${name}]==] PROPERTIES LABELS \"${label}\" "
                       "FIXTURES_REQUIRED \"${FIXTURE}\" FAIL_REGULAR_EXPRESSION \"test cases: 0 \" "
                       "SKIP_REGULAR_EXPRESSION \"skipped: no zoo\")\n")
endwhile()
file(WRITE ${OUT} "${script}")
