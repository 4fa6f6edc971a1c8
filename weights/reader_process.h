#pragma once

namespace backlight {

/// While it lives, HDF5 files are read by processes of their own: the HDF5 library (1.10.8) ends a program
/// that reads certain damaged files, and may be made to do worse. A file whose reader ends is then a damaged
/// file, an Error. Each file has a process, which may open files for reading and nothing else (seccomp, where
/// there is libseccomp), and whose time is limited.
///
/// To be made first thing in a program, before any thread is: the processes are copies (fork) of one that is
/// made here. Where none can be made, files are read in this process. There can be one at a time.
class ReaderProcess {
 public:
  ReaderProcess();
  ~ReaderProcess();
  ReaderProcess(const ReaderProcess&) = delete;
  ReaderProcess& operator=(const ReaderProcess&) = delete;
};

}  // namespace backlight
