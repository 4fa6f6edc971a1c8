// What people type, and JSON.
#include "apps/commands.h"
#include "apps/json_text.h"
#include "engine/error.h"
#include "tests/fuzz/readers.h"

#include <nlohmann/json.hpp>

namespace backlight::fuzz {

std::vector<std::string> command_seeds() {
  return {"classify\ncat.png\ndog.png\n--top\n3\n-w\nW.h5",
          "gradient\ncat.jpg\n--class\ntabby\n--rule\nguided\n--out\ng.npy\n--format\nnpy\n--resume",
          "saliency\n-\n-o\n-\n--percentile\n99.5\n--style\nmap\n--raw\nM.npy",
          "fgsm\n@list.txt\n--epsilon\n1,2,4\n--targeted\n3\n--fail-fast",
          "fgsm\nfolder\n--search\n--resolution\n0.5",
          "class-image\n--class\ncat\n--iterations\n60\n--step\n0.2\n--lambda\n0.0003\n--octaves\n4",
          "verify\na.h5\nb.h5\n--tolerance\n1e-3\n--json",
          "train\n--out\nw.h5\n--epochs\n3\n--rate\n0.1\n--optimizer\nsgd",
          "profile\n-a\nresnet50\n--repeat\n40\n--sort\ntime\n--kernel\nconv_forward=ref",
          "menagerie\n--count\n10\n--swap\nears=rabbit\n--seed\n3\n--sheet\ns.png",
          "info\nW.h5\n--program\n--batch\n8\n--threads\n2"};
}

/// The options alone: no command runs.
bool read_command(std::string_view input) {
  CLI::App app("fuzz", "backlight");
  app.require_subcommand(0, 1);
  int status = 0;
  add_demo(app), add_classify(app), add_gradient(app), add_saliency(app), add_localize(app);
  add_class_image(app), add_fgsm(app), add_evaluate(app), add_verify(app, status), add_dump(app);
  add_info(app), add_menagerie(app), add_profile(app), add_train(app, status);
  app.parse_complete_callback([] { throw CLI::Success(); });  // before the command's own
  std::vector<std::string> arguments;
  for (std::size_t begin = 0; begin <= input.size();) {
    const std::size_t end = std::min(input.find('\n', begin), input.size());
    arguments.emplace(arguments.begin(), input.substr(begin, end - begin));  // CLI11 takes them from the back
    begin = end + 1;
  }
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::Error& error) {
    return error.get_exit_code() == 0;
  } catch (const UsageError&) {
    return false;
  }
  return true;
}

std::vector<std::string> json_seeds() {
  return {R"({"a": [1, 2.5e300, -0, true, null], "b": {"c": "\u00e9\ud83d\ude00"}, "d": ""})",
          "[[[[[[[[[[{}]]]]]]]]]]", "\"text\"", "1e999"};
}

bool read_json(std::string_view input) { return json_line(parse_json(input)) != "null"; }

}  // namespace backlight::fuzz
