// `backlight demo`: the page, the contact sheet, and that both say what the commands say.
#include <algorithm>
#include <regex>

#include "apps/html.h"
#include "apps/image/image.h"
#include "tests/apps/animal_weights.h"
#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;
using nlohmann::json;

namespace {

const std::vector<std::string> animals{"bear", "cat", "dog", "monkey", "rabbit"};

std::vector<std::string> with_weights(const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"demo", "--weights", "animals.h5"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// "52.1 %", as pictures and pages have it.
std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

/// The part of the page about an animal.
std::string row(const std::string& page, const std::string& animal) {
  const std::size_t begin = page.find("id=\"" + animal + "\"");
  REQUIRE(begin != std::string::npos);
  return page.substr(begin, page.find("</section>", begin) - begin);
}

/// The page must need nothing but itself.
void check_self_contained(const std::string& page) {
  CHECK(page.rfind("<!DOCTYPE html>", 0) == 0);
  CHECK(page.find("</html>\n") == page.size() - 8);
  for (const std::string outside : {"http:", "https:", "//www", "<script", "<link", "@import", "url("})
    CHECK(count(page, outside) == 0);
  CHECK(count(page, "src=") == count(page, "src=\"data:image/png;base64,"));
}

}  // namespace

TEST_CASE("base64 as in RFC 4648, section 10") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64(std::string("\x00\xff\xfe\xfb", 4)) == "AP/++w==");
}

TEST_CASE("the demo writes a sheet and a page that hold the figures it reports") {
  const Desk desk;
  write_animal_weights(desk.path("animals.h5"));
  const json result = desk.json(with_weights({"--seed", "3"}));
  CHECK(result["seed"] == 3);
  CHECK(result["contact_sheet"] == "out/contact-sheet.png");
  CHECK(result["page"] == "out/page.html");
  CHECK(std::distance(fs::directory_iterator(desk.path("out")), {}) == 5 + 2 + 5);

  const Image sheet = load_image(desk.path("out/contact-sheet.png"));
  CHECK(sheet.width > 7 * 224);
  CHECK(sheet.height > 5 * 224);
  const std::string page = bytes_of(desk.path("out/page.html"));
  check_self_contained(page);
  CHECK(count(page, "<img") == 5 * 7 + 1);  // and a chart

  REQUIRE(result["animals"].size() == 5);
  for (std::size_t i = 0; i < animals.size(); ++i) {
    const json& animal = result["animals"][i];
    CAPTURE(animal.dump());
    CHECK(animal["animal"] == animals[i]);
    const std::string html = row(page, animals[i]);
    CHECK(count(html, "<img") == 7);
    const auto named = [](const json& answer) {
      return answer["name"].get<std::string>() + ", " + percent(answer["probability"]);
    };
    CHECK(mentions(html, {named(animal["predicted"]),
                          animals[i] + ", " + percent(animal["class_image"]["probability"])}));
    for (const std::string rule : {"gradient", "guided", "deconvnet"})
      CHECK(mentions(html, {percent(animal["on_animal"][rule]) + " on the animal"}));
    if (!animal["adversarial"].is_null()) {
      CHECK(animal["adversarial"]["name"] != animal["predicted"]["name"]);
      CHECK(mentions(html, {named(animal["adversarial"])}));
    }
  }
}

TEST_CASE("the demo refuses what it cannot do, and leaves nothing") {
  const Desk desk;
  write_animal_weights(desk.path("animals.h5"));
  desk.refuses(1, with_weights({"--out", "photo.png/out"}), {"photo.png/out"});
  desk.refuses(1, with_weights({"--out", "photo.png/"}), {"photo.png"});
  desk.refuses(1, with_weights({"--out", "/dev/full"}), {"/dev/full"});
  desk.refuses(2, with_weights({"--out", "out.png"}), {"out.png", "folder"});
  desk.refuses(2, with_weights({"--seed", "-1"}), {"--seed", "-1"});
  desk.refuses(2, {"demo", "--weights", "W.h5"}, {"five animals", "'bear'"});  // CIFAR has cats, but no bears
  fs::create_directories(desk.path("there"));
  desk.refuses(1, with_weights({"--out", "there"}), {"there/bear.png", "File too large"},
               {.largest_file = 700});
  fs::create_directories(desk.path("taken/page.html"));
  desk.refuses(1, with_weights({"--out", "taken"}), {"page.html"});
}

TEST_SUITE_BEGIN("slow");

TEST_CASE("the commands on the demo's page give its figures") {
  const Desk desk;
  write_animal_weights(desk.path("animals.h5"));
  const json result = desk.json(with_weights({}));
  const std::string page = bytes_of(desk.path("out/page.html"));
  std::vector<std::vector<std::string>> commands;  // of the page, in order
  const std::regex block("<pre>(.*)</pre>"), tag("<[^>]*>");
  for (std::sregex_iterator found(page.begin(), page.end(), block), end; found != end; ++found) {
    std::istringstream words(std::regex_replace((*found)[1].str(), tag, ""));
    commands.emplace_back(std::istream_iterator<std::string>(words), std::istream_iterator<std::string>());
    REQUIRE(commands.back()[0] == "backlight");
    commands.back().erase(commands.back().begin());
  }
  REQUIRE(commands.size() == 7);
  const json classified = desk.json(commands[0])["images"];
  for (const std::size_t gradient : {1, 2, 3, 4}) CHECK(desk.json(commands[gradient])["images"].size() == 5);
  const json attacked = desk.json(commands[5])["images"];
  const json climbed = desk.json(commands[6])["images"];
  for (std::size_t i = 0; i < animals.size(); ++i) {
    const json& animal = result["animals"][i];
    CHECK(classified[i]["top"][0]["name"] == animal["predicted"]["name"]);
    CHECK(classified[i]["top"][0]["probability"] == animal["predicted"]["probability"]);
    CHECK(climbed[i]["written"]["probability"] == animal["class_image"]["probability"]);
    const auto shown = [&](const std::string& file) {
      return count(row(page, animals[i]), base64(bytes_of(desk.path("out/" + file)))) > 0;
    };
    CHECK(shown(animals[i] + ".png"));
    CHECK(shown("class-images/" + animals[i] + ".png"));
    CHECK(attacked[i]["attacks"].empty() == animal["adversarial"].is_null());
    if (animal["adversarial"].is_null()) continue;
    CHECK(shown("adversarial/" + animals[i] + ".png"));
    CHECK(attacked[i]["attacks"][0]["epsilon"] == animal["adversarial"]["epsilon"]);
    CHECK(attacked[i]["attacks"][0]["written"]["probability"] == animal["adversarial"]["probability"]);
  }
}

TEST_CASE("the demo writes the same bytes whatever the number of threads, others for another seed") {
  const Desk desk;
  write_animal_weights(desk.path("animals.h5"));
  const auto written = [&](const std::string& seed, const std::string& threads) {
    desk.text(with_weights({"--seed", seed, "--threads", threads}));
    return std::pair(bytes_of(desk.path("out/page.html")), bytes_of(desk.path("out/contact-sheet.png")));
  };
  const auto once = written("1", "1");
  CHECK(once == written("1", "3"));
  CHECK(once.second != written("2", "1").second);
}

TEST_CASE("the shipped network recognises the demo's animals, and the demo needs no file") {
  const Desk desk;
  const json result = desk.json({"demo"});
  for (std::size_t i = 0; i < animals.size(); ++i) {
    CHECK(result["animals"][i]["predicted"]["name"] == animals[i]);
    CHECK(result["animals"][i]["class_image"]["probability"] > 0.99);
    CHECK(result["animals"][i]["adversarial"].is_object());
    // What the page says: the gradient's step raises the score most, and its signs are not guided's.
    const json& faith = result["animals"][i]["faithfulness"];
    CHECK(faith["gradient"]["cosine"] == doctest::Approx(1));
    CHECK(faith["gradient"]["opposite"] == 0);
    for (const char* rule : {"guided", "deconvnet"}) {
      CHECK(faith["gradient"]["rise"] > 1.5 * faith[rule]["rise"].get<double>());
      CHECK(faith[rule]["cosine"] < 0.5);
      CHECK(faith[rule]["opposite"] > 0.4);
    }
    const json& forecast = result["animals"][i]["adversarial"]["forecast"];
    CHECK(forecast["epsilon"] < result["animals"][i]["adversarial"]["epsilon"].get<double>());
    CHECK(forecast["epsilon"] > 1);
    CHECK(forecast["random"] < 0.05 * forecast["margin"].get<double>());
    CHECK(fs::file_size(desk.path(result["animals"][i]["microscope"].get<std::string>())) < 3'000'000);
  }
  check_self_contained(bytes_of(desk.path("out/page.html")));
}

TEST_SUITE_END();
