// Ctrl-C: the first ends the run in good order, so that what it has shown so far is told; the second ends the program.
#pragma once

namespace smalldb::cli {

// From here on the first SIGINT or SIGTERM is noted rather than obeyed.
void note_interrupts();

// fork(), with a child whose parent decides when to stop, though the terminal or the batch system tells all processes
// at once: it is interrupted by interrupt_child(), from its beginning on.
int fork_child();
void interrupt_child(int process);

// Whether one has come.
bool interrupted();

// If it was SIGTERM, the program ends by it now: so a batch system sees that work is left, whatever has come of the
// rest.
void end_if_terminated();

}  // namespace smalldb::cli
