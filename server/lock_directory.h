// Whether the directory of --shared-lock is the one that it shall be.
//
// Epochs are given by a test and set in that directory (S2), so the nodes must have the same one, always. Its path does
// not say that: where the volume has yet to be mounted an empty directory answers to the same name, each epoch can be
// won in it once more, and both winners serve. So the directory has an identity, a random number in its file
// `server.identity`, made by the node that founds the store. Nodes compare it when they greet each other (terms.h). And
// each keeps the one that it has seen in its own directory: it neither begins nor claims with another.
#pragma once

#include <string>

#include "server/directory.h"

namespace smalldb::server {

// The directory's identity, which is made if there is none, this node has seen none yet and `may_found`. `lock` is held
// to it from then on. Throws NotNow if it is not the directory that this node knows, std::system_error if it does not
// answer.
std::string recognize_lock(Directory& lock, const Directory& own, bool may_found);

// Keeps it for the next start. Throws std::system_error.
void remember_lock(Directory& own, const std::string& identity);

}  // namespace smalldb::server
