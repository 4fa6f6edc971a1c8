#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <new>
#include <string>

#include "apps/commands.h"
#include "engine/error.h"
#include "kernels/instruction_set.h"
#include "weights/reader_process.h"
#include "weights/text.h"

namespace {

std::string listed_instruction_sets() {
  std::string text;
  for (const std::string& name : backlight::instruction_sets()) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string version() {
  const std::string note = backlight::instruction_set_note();
  return BACKLIGHT_VERSION "\ninstruction sets: " + listed_instruction_sets() +
         "; in use: " + backlight::instruction_set() + (note.empty() ? "" : "\n" + note);
}

/// BACKLIGHT_ISA names an instruction set that is not the machine's best.
void read_environment() {
  const char* isa = std::getenv("BACKLIGHT_ISA");
  if (isa && !backlight::use_instruction_set(isa))
    throw backlight::UsageError("BACKLIGHT_ISA=" + std::string(isa) + ": this machine has " +
                                listed_instruction_sets());
}

}  // namespace

int main(int argc, char** argv) {
  using namespace backlight;
  const ReaderProcess hdf5_reader;
  CLI::App app("Backlight sends a class score back through a convolutional network to the pixels.",
               "backlight");
  app.require_subcommand(0, 1);  // none is refused below: CLI11 would not name a misspelt one
  app.set_version_flag("--version", version);
  int status = ExitStatus::ok;
  add_demo(app);
  add_classify(app);
  add_gradient(app);
  add_saliency(app);
  add_inspect(app);
  add_microscope(app);
  add_localize(app);
  add_class_image(app);
  add_fgsm(app);
  add_evaluate(app);
  add_verify(app, status);
  add_dump(app);
  add_info(app);
  add_menagerie(app);
  add_profile(app);
  add_train(app, status);
  const auto failed = [](const std::string& what, int code) {
    std::cerr << "backlight: " << printable(what) << '\n';  // one line, whatever a file is called
    return code;
  };
  try {
    read_environment();
    app.parse(argc, argv);
    if (app.get_subcommands().empty())
      throw UsageError("a subcommand is needed: backlight --help lists them");
    const bool written = std::cout.flush() && std::fflush(stdout) == 0 && !std::ferror(stdout);
    return written ? status : failed("standard output cannot be written", ExitStatus::bad_data);
  } catch (const CLI::ExtrasError& error) {
    const std::vector<CLI::App*> given = app.get_subcommands();
    if (!given.empty())
      return failed(std::string(error.what()) + "; see backlight " + given[0]->get_name() + " --help",
                    ExitStatus::usage);
    return failed(
        "there is no command '" + std::string(argv[1]) + "': backlight --help lists those there are",
        ExitStatus::usage);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    return failed(error.what(), ExitStatus::usage);
  } catch (const UsageError& error) {
    return failed(error.what(), ExitStatus::usage);
  } catch (const std::filesystem::filesystem_error& error) {
    return failed(error.path1().string() + ": " + error.code().message(), ExitStatus::bad_data);
  } catch (const std::bad_alloc&) {
    return failed("out of memory", ExitStatus::bad_data);
  } catch (const std::exception& error) {
    return failed(error.what(), ExitStatus::bad_data);
  }
}
