#pragma once

namespace backlight::hdf5 {

/// Gives up, for this process and for good, all that reading a file does not need: other than memory,
/// reading, answering on open sockets and its own end, every system call fails from now on (libseccomp);
/// files can be opened for reading only. False without libseccomp and under a sanitizer: then only the limits
/// on memory and core files hold.
bool enter_sandbox();

}  // namespace backlight::hdf5
