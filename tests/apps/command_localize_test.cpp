// The command that draws a box.
#include "apps/image/image.h"
#include "apps/localization/localization.h"
#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;
using nlohmann::json;

namespace {

Box box_of(const json& box) {
  CHECK(box.size() == 4);
  return {box["left"], box["top"], box["right"], box["bottom"]};
}

}  // namespace

TEST_CASE("localize prints the box in both pixels and draws it") {
  const Desk desk;  // its network squeezes photo.png, 47 x 61, to 32 x 32
  const json result = desk.json({"localize", "photo.png", "-w", "W.h5", "--out", "B.png"});
  CHECK(result["rule"] == "gradient");
  REQUIRE(result["images"].size() == 1);
  const json& image = result["images"][0];
  CHECK(image["path"] == "photo.png");
  CHECK(image["out"] == "B.png");
  const json best = desk.json({"classify", "photo.png", "-w", "W.h5"})["images"][0]["top"][0];
  CHECK(image["class"] == json{{"index", best["index"]}, {"name", best["name"]}});
  CHECK(image["logit"] == best["logit"]);
  CHECK(image["probability"] == best["probability"]);

  const Box seen = box_of(image["box"]), photo = box_of(image["box_in_photograph"]);
  CHECK((0 <= seen.left && seen.left < seen.right && seen.right <= 32));
  CHECK((0 <= seen.top && seen.top < seen.bottom && seen.bottom <= 32));
  CHECK(photo == in_photograph(seen, framing(47, 61, 0, 32)));
  const std::string words = desk.text({"localize", "photo.png", "-w", "W.h5", "--out", "B.png"});
  CHECK(mentions(words, {"photo.png: ",
                         "columns " + std::to_string(photo.left) + " to " + std::to_string(photo.right - 1),
                         "rows " + std::to_string(photo.top) + " to " + std::to_string(photo.bottom - 1)}));

  // Four pictures of 224 x 224, 8 pixels apart; the box is green in the last one, three pixels thick.
  const Image sheet = load_image(desk.path("B.png"));
  CHECK(sheet.width == 4 * 224 + 5 * 8);
  std::vector<std::uint8_t> green(sheet.pixels.size() / 3);
  for (std::size_t p = 0; p < green.size(); ++p)
    green[p] = sheet.pixels[3 * p] == 60 && sheet.pixels[3 * p + 1] == 255 && sheet.pixels[3 * p + 2] == 80
                   ? 255
                   : 0;
  const int left = 3 * 224 + 4 * 8, top = 8;
  CHECK(bounding_box(green, sheet.width) ==
        Box{left + 7 * seen.left, top + 7 * seen.top, left + 7 * seen.right, top + 7 * seen.bottom});
}

TEST_CASE("localize takes several photographs, a class and a rule") {
  const Desk desk;
  desk.add_fixture("baseline.jpg", "b.jpg");
  desk.add_fixture("point_1x1.png", "point.png");
  const json all = desk.json({"localize", "photo.png", "b.jpg", "point.png", "-w", "W.h5", "--class", "dog",
                              "--rule", "guided", "--out", "boxes", "--threads", "2"});
  REQUIRE(all["images"].size() == 3);
  for (const json& image : all["images"]) CHECK(image["class"] == json{{"index", 5}, {"name", "dog"}});
  CHECK(all["images"][1]["rule"] == "guided");
  CHECK(all["images"][1]["out"] == "boxes/b.png");
  CHECK(box_of(all["images"][2]["box"]) == Box{0, 0, 32, 32});  // one colour: nothing is known
  CHECK(box_of(all["images"][2]["box_in_photograph"]) == Box{0, 0, 1, 1});

  json alone = desk.json({"localize", "b.jpg", "-w", "W.h5", "--class", "dog", "--rule", "guided", "--out",
                          "one.png", "--threads", "1"})["images"][0];
  CHECK(bytes_of(desk.path("one.png")) == bytes_of(desk.path("boxes/b.png")));
  alone["out"] = "boxes/b.png", alone["rule"] = "guided";
  CHECK(alone == all["images"][1]);
}
