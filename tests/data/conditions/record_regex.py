"""Records what Python's `re.match` answers, for tests/condition.rs: patterns put together at random, and what they do on
short texts. Run with Python 3.12; the output is the file regex.json beside this script."""

import json
import pathlib
import random
import re
import warnings

ATOMS = (
    r"a b x . \d \w \s \D \W \S [ab] [^a] [a-c] []a] [a-] (a) (?:b) (?P<n>a) (?P=n) \1 \2 ^ $ \b \B \A \Z a|b (?=a) "
    r"(?!b) (?<=a) (?<!b) (?i) (?i:a) (?s:.) (?>a+) \n \x41 \u00e9 \. \_ é { } {2} {1,2} {,2} {2,1} * + ? *? +? ?? *+ "
    r"++ ?+ ( (? (?P [ ] ) | (?#c) (?(1)a|b) (?(n)a) (?-i:a) \0 \07 \12 \123 \400 \k \Q - [a-\d] [z-a] [\d-x] "
    r"[[:alpha:]] [a&&b] ß İ ſ (?a:\w) (?m:^b$) (?i)K \x4 (?<a) (?i"
).split(" ")
TEXTS = (
    "",
    *"a ab aab b ba abc A B AB é É x1 1 ١ _ . a.b { a{2} aa aaa aabb S s ß SS k xx ı I i".split(" "),
    "\n", "a\n", "\nb", "b\na", " ", "\u00a0", "\u212a",
)


def answer(pattern, text):
    try:
        return re.compile(pattern).match(text) is not None
    except re.error as error:
        return str(error)


def main():
    warnings.simplefilter("ignore")
    chance = random.Random(20261122)
    cases = []
    while len(cases) < 3000:
        pattern = "".join(chance.choice(ATOMS) for _ in range(chance.randint(1, 5)))
        text = chance.choice(TEXTS)
        found = answer(pattern, text)
        # Most patterns at random are errors; a third of them is enough.
        if isinstance(found, bool) or len(cases) % 3 == 0:
            cases.append([pattern, text, found])
    lines = ",\n".join(json.dumps(case) for case in cases)
    pathlib.Path(__file__).with_name("regex.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
