"""Numbers whose file says nothing of texts: where they go all the same, and where they would reach nobody."""

from collections.abc import Iterator

from rules.compile_numbers import fallback_words
from rules.findings.study import Study
from rules.source import Problem, Report
from rules.spec import NumberSpec


def check_unwritten_texts(study: Study, report: Report) -> None:
    """Report numbers whose texts go to somebody, or to nobody, without anybody having said so."""
    for number in study.spec.numbers.values():
        if number.texts_open is None and number.texts_closed is None:
            for problem in _unwritten(study, number):
                report(problem)


def _unwritten(study: Study, number: NumberSpec) -> Iterator[Problem]:
    words = fallback_words(study.spec, number)
    if not words:
        message = f"texts to '{number.name}' reach nobody: they are kept, and nobody is told"
        hint = "write `texts: {open: {to: NAME}}`, or `drop: yes` in place of `to` if nobody should have them"
        yield Problem("texts-unsaid", message, number.at, hint, "warning")
        return
    names = ", ".join(word.text for word in words)
    message = f"nothing is said about texts to '{number.name}': they go to {names}, whoever hears of its calls"
    hint = f"write `texts: {{open: {{to: {words[0].text}}}}}` if that is right"
    yield Problem("texts-unsaid", message, number.at, hint, "note")
