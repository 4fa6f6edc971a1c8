#include "apps/demo/page.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <sstream>

#include "apps/demo/contact_sheet.h"
#include "apps/html.h"

namespace backlight::demo {
namespace {

using Words = std::ostringstream;

/// A command that can be pasted into a shell.
class Commands {
 public:
  explicit Commands(const Place& place) : place_(place) {}

  std::string operator()(const std::string& command) const {
    std::istringstream words("backlight " + command +
                             (place_.weights.empty() ? "" : " --weights " + quoted(place_.weights)));
    std::string html, word;
    while (words >> word)
      html += (html.empty() ? "<span>" : " <span>") + escaped(word) + "</span>";  // of one piece
    return "<pre>" + html + "</pre>\n";
  }
  std::string in_folder(const std::string& name) const { return quoted((place_.folder / name).string()); }
  /// The five pictures: "out/bear.png out/cat.png …".
  std::string pictures() const {
    std::string all;
    for (const std::string_view name : menagerie::animal_names)
      all += (all.empty() ? "" : " ") + in_folder(std::string(name) + ".png");
    return all;
  }

 private:
  static std::string quoted(const std::string& word) {
    const auto plain = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || std::strchr("/._-+,=", c);
    };
    if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
    std::string result = "'";
    for (const char c : word) result += c == '\'' ? "'\\''" : std::string(1, c);
    return result + "'";
  }
  const Place& place_;
};

std::string number(double value) {
  Words words;
  words << value;
  return words.str();
}

/// The options of class-image that make demo::ascent of its defaults.
std::string ascent_options() {
  const AscentOptions plain;
  std::string options;
  const auto add = [&](const char* name, double value, double usual) {
    if (value != usual) options += std::string(" --") + name + " " + number(value);
  };
  add("iterations", ascent.iterations, plain.iterations);
  add("step", ascent.step, plain.step);
  add("lambda", ascent.lambda, plain.lambda);
  add("jitter", ascent.jitter, plain.jitter);
  add("blur", ascent.blur, plain.blur);
  add("total-variation", ascent.total_variation, plain.total_variation);
  add("octaves", ascent.octaves, plain.octaves);
  return options;
}

/// What is said below a picture: its column, then its caption, a line each.
std::string caption(std::string_view column, const std::string& text) {
  std::string lines = escaped(text);
  if (const std::size_t feed = lines.find('\n'); feed != std::string::npos) lines.replace(feed, 1, "<br>");
  return "<figcaption><b>" + std::string(column) + "</b>" + lines + "</figcaption>";
}

std::string animal_section(const Model& model, const Exhibit& exhibit) {
  const std::string name = exhibit.name(), answer = model.class_name(exhibit.answer.index);
  Words html;
  html << "<section class=\"animal\" id=\"" << name << "\">\n<h3>" << name << "<small>"
       << (exhibit.answer.index == exhibit.target ? "recognised" : "taken for " + escaped(answer))
       << "</small></h3>\n<div class=\"pictures\">\n";
  const std::vector<Cell> row = row_of(model, exhibit);
  for (std::size_t c = 0; c < row.size(); ++c)
    html << "<figure><label class=\"zoom\" title=\"" << escaped(row[c].alternative)
         << "\"><input type=\"checkbox\" aria-label=\"enlarge\">" << img(row[c].image, row[c].alternative)
         << "</label>" << caption(column_names[c], row[c].caption) << "</figure>\n";
  html << "</div>\n<p class=\"more\"><a href=\"" << name
       << ".html\">Walk through this gradient, number by number</a></p>\n</section>\n";
  return html.str();
}

std::string head(const Model& model, const std::vector<Exhibit>& exhibits, const Place& place) {
  const auto right = std::count_if(exhibits.begin(), exhibits.end(), [&](const Exhibit& exhibit) {
    return exhibit.answer.index == exhibit.target;
  });
  Words html;
  html << R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Backlight: what a network sees in five animals</title>
<style>)"
       << style << R"(</style>
</head>
<body>
<main>
<header>
<h1>What a network sees in five animals</h1>
<p class="lead">Backlight drew five animals, asked a small convolutional network what they are, and sent each answer back
through the network until it lit up the pixels that it hangs on.</p>
<p>Nothing here was downloaded. The animals are rendered, so it is known which pixels belong to them; every number and every
picture on this page was computed in one run of <code>backlight demo --seed )"
       << place.seed << R"(</code>.</p>
<p class="facts">The network: )"
       << escaped(model.info().architecture) << ", from " << model.input_size() << "\u00a0\u00d7\u00a0"
       << model.input_size() << " pixels to " << model.classes()
       << " classes; <code>backlight info</code> lists its layers. It names " << right << " of the "
       << exhibits.size() << " animals rightly.</p>\n</header>\n";
  return html.str();
}

std::string steps(const Model& model, const Place& place) {
  const Commands command(place);
  const std::string all = command.pictures();
  std::string names;
  for (const std::string_view name : menagerie::animal_names) names += " " + std::string(name);
  Words html;
  html << R"(<section class="prose">
<h2>Step by step</h2>
<p>Each column is one command. Run from the folder that the demo ran in, they give the same numbers, to the last bit.</p>

<h3>1. Picture: what is it?</h3>
<p>The picture runs forward through the network, which gives each class <var>k</var> a score
<var>s<sub>k</sub></var>, its <em>logit</em>. The softmax turns scores into probabilities; the largest is the answer.</p>
<div class="formula"><var>p<sub>k</sub></var> = exp <var>s<sub>k</sub></var> / Σ<sub><var>j</var></sub> exp <var>s<sub>j</sub></var></div>
)" << command("classify " + all)
       << R"(
<h3>2. Saliency: which pixels does the answer hang on?</h3>
<p>The gradient of the answer’s logit says, for each pixel, how much the score rises for one more grey level. The map
shows how strong that is, whichever the direction: the largest of the three colours, bright where it matters most. It is the
gradient of the logit and not of the probability: where the network is sure, as here, that one is <var>p</var>(1 − <var>p</var>) times as large, next to nothing.</p>
<div class="formula"><var>M</var>(<var>y</var>, <var>x</var>) = max<sub><var>c</var></sub> | ∂<var>s<sub>k</sub></var> / ∂<var>I<sub>c</sub></var>(<var>y</var>, <var>x</var>) |</div>
)" << command("saliency " + all + " --style map --out " + command.in_folder("saliency"))
       << R"(
<h3>3. The gradient with its signs, and two rules that bend it</h3>
<p>Saliency shows sizes alone. The next three columns keep the signs, in colour around mid grey, drawn alike and on one scale in
each row: they differ in what every ReLU sends back, and in nothing else. The first is the gradient: what raises the score, and what lowers it.</p>
)" << command("gradient " + all + " --rule gradient --out " + command.in_folder("gradient"))
       << R"(
<h3>4. Guided and deconvnet</h3>
<p>Guided lets only positive messages through, and only where the ReLU was active itself; deconvnet does not ask whether it
was. What arrives has clear outlines, and is the gradient of nothing: see <a href="#faith">below</a> how far it leads from the gradient. )"
       << model.describe(ReluRule::guided) << R"(.</p>
<div class="formula"><var>r</var> = <var>g</var> · [<var>x</var> &gt; 0] · [<var>g</var> &gt; 0]</div>
)" << command("gradient " + all + " --rule guided --out " + command.in_folder("guided"))
       << R"(<div class="formula"><var>r</var> = <var>g</var> · [<var>g</var> &gt; 0]</div>
)" << command("gradient " + all + " --rule deconvnet --out " + command.in_folder("deconvnet"))
       << R"(
<h3>5. Adversarial: how little fools it?</h3>
<p>Every colour of every pixel moves by ε, in the direction that raises the loss <var>L</var> = −log <var>p<sub>k</sub></var> of
the answer. The search doubles ε, in grey levels of
255, until the answer changes, and then bisects down to one level; to us the animal is the same.</p>
<div class="formula"><var>I</var>′ = clip(<var>I</var> + ε · sign ∂<var>L</var> / ∂<var>I</var>, 0, 255)</div>
)" << command("fgsm " + all + " --search --out " + command.in_folder("adversarial"))
       << R"(
<h3>6. Class image: what does it dream of?</h3>
<p>No picture at all this time: from plain grey, the pixels climb towards a high score of the class, held back by their own size
and by the differences between neighbours, from coarse to fine. What repeats in the result is what the network looks for.</p>
<div class="formula"><var>I</var>* = argmax<sub><var>I</var></sub> <var>s<sub>k</sub></var>(<var>I</var>) − λ ‖<var>I</var>‖² − μ · TV(<var>I</var>)</div>
)"
       << command("class-image --class" + names + ascent_options() + " --out " +
                  command.in_folder("class-images"))
       << "</section>\n";
  return html.str();
}

std::string three_rules() {
  return R"(<section class="prose">
<h2>Three rules for one ReLU</h2>
<p>Columns 3 to 5 differ in one line of the walk back. A ReLU passes on <var>x</var> where it is above 0. On the way back a
message <var>g</var> arrives from above, and the rule decides what of it goes on:</p>
<div class="formula">gradient: <var>g</var> · [<var>x</var> &gt; 0]</div>
<div class="formula">guided: <var>g</var> · [<var>x</var> &gt; 0] · [<var>g</var> &gt; 0]</div>
<div class="formula">deconvnet: <var>g</var> · [<var>g</var> &gt; 0]</div>
<p>The first is the derivative, and so the truth about small changes. The others are the derivative of nothing: they leave out
what speaks against the answer, layer by layer. Six numbers through one ReLU of the engine:</p>
<div class="scroll"><table><tbody>
)" + relu_rows() +
         R"(</tbody></table></div>
<p>[…] is 1 where the condition holds and 0 where it does not.</p>
</section>
)";
}

std::string truth(const std::vector<Exhibit>& exhibits) {
  Words html;
  html << R"(<section class="prose">
<h2>Do the maps point at the animal?</h2>
<p>The renderer knows which pixels show the animal. Of each map’s strength Σ <var>M</var>, this share lies on it. A map
that knows nothing scores what the animal covers of the picture. (<code>backlight demo --json</code> prints these shares.)</p>
<div class="scroll"><table><thead><tr><th></th><th>covers</th><th>gradient</th><th>guided</th><th>deconvnet</th></tr></thead><tbody>
)";
  for (const Exhibit& exhibit : exhibits) {
    html << "<tr><th>" << exhibit.name() << "</th><td>" << percent(exhibit.area) << "</td>";
    for (const Map& map : exhibit.maps) html << "<td>" << percent(map.on_animal) << "</td>";
    html << "</tr>\n";
  }
  html << R"(</tbody></table></div>
<p>Five pictures prove nothing; <code>backlight evaluate</code> holds every map against the truth on hundreds, beside
baselines that know nothing of the network.</p>
</section>
)";
  return html.str();
}

std::string sources() {
  return R"(<section class="prose">
<h2>Where it comes from</h2>
<p>Saliency and class images: Simonyan, Vedaldi &amp; Zisserman 2013, arXiv 1312.6034. Deconvnet: Zeiler &amp; Fergus 2013, arXiv
1311.2901. Guided backpropagation: Springenberg et al. 2014, arXiv 1412.6806. Adversarial pictures: Goodfellow, Shlens &amp;
Szegedy 2014, arXiv 1412.6572. Total variation: Mahendran &amp; Vedaldi 2015, arXiv 1412.0035.</p>
</section>
</main>
</body>
</html>
)";
}

}  // namespace

std::string page(const Model& model, const std::vector<Exhibit>& exhibits, const Evidence& evidence,
                 const Place& place) {
  std::string html = head(model, exhibits, place) + R"(<section>
<div class="prose"><h2>The five</h2>
<p>Each row begins with the picture and the network’s answer. Then come the answer, sent back to the pixels: its size, and by three
rules with its signs, on one scale; the picture again, changed just enough to change the answer; and a picture that began as plain grey and climbed towards the score of this animal.</p></div>
)";
  for (const Exhibit& exhibit : exhibits) html += animal_section(model, exhibit);
  return html + "</section>\n" + steps(model, place) + three_rules() + evidence_sections(exhibits, evidence) +
         truth(exhibits) + sources();
}

}  // namespace backlight::demo
