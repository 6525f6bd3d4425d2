"""What else differs between two rule files: facts that decide nothing, but matter all the same. Devices are masked."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs

from rules.alsosip import sip_facts
from rules.book import CallBlock, NamedPlan, Number, RingStep, RuleBook, TextBlock
from rules.briefly import ARROW, step_fully
from rules.factwords import NOTHING, Facts, account, listed, text_of, texts
from rules.pairs import Side
from rules.plan import Voicemail
from rules.spec import BoxSpec, FileSpec, SaySpec

Mask = Callable[[str], str]


@attrs.frozen
class Also:
    """One fact: *what* it is about, what it *was* and what it is *now*, in words; `nothing` where there is none."""

    what: str
    was: str
    now: str

    def in_words(self) -> str:
        """Tell it in one line."""
        return f"{self.what}: was {self.was}, now {self.now}"


def also_changed(old: Side, new: Side, mask: Mask) -> list[Also]:
    """Return every fact that differs; *mask* hides the digits of phone numbers in a text."""
    names = {address: number.name for address, number in (*old.book.by_number.items(), *new.book.by_number.items())}
    told = [*_new_names(old.book, new.book), *_differing(facts(old, names), facts(new, names))]
    personal = _differing(devices(old.book), devices(new.book))
    return told + [Also(each.what, mask(each.was), mask(each.now)) for each in personal]


def _differing(old: Facts, new: Facts) -> Iterator[Also]:
    """Yield the facts that are not alike in both."""
    was, now = dict(old), dict(new)
    for what in dict.fromkeys((*now, *was)):
        if was.get(what, NOTHING) != now.get(what, NOTHING):
            yield Also(what, was.get(what, NOTHING), now.get(what, NOTHING))


def facts(side: Side, names: Mapping[str, str]) -> Facts:
    """Yield every fact of one file, by what it is about; *names* are those of the numbers by their E.164."""
    yield from _business(side.book, side.spec)
    for address, number in side.book.by_number.items():
        yield from _number(number, names[address])
    for box in side.spec.boxes.values():
        yield from _box(box, side.book)
    for person in side.book.directory.people.values():
        yield f"{person.name}: gets texts by", listed(person.texts_by)
        yield f"{person.name}: mail address", person.email or NOTHING
    for plan in side.book.common.plans.values():
        yield from _plan(plan)
    yield from _operations(side.spec)


def devices(book: RuleBook) -> Facts:
    """Yield what rings for each person, numbers in full."""
    for person in book.directory.people.values():
        ringing = [
            f"{device.name} {device.address}{' (press 1)' if device.confirm else ''}" for device in person.devices
        ]
        way = "one after another: " if person.in_order and len(ringing) > 1 else ""
        yield f"{person.name}: rings", f"{way}{listed(ringing)}"


def _new_names(old: RuleBook, new: RuleBook) -> Iterator[Also]:
    """Yield the numbers that are called otherwise."""
    for address, number in new.by_number.items():
        before = old.by_number.get(address)
        if before and before.name != number.name:
            yield Also(f"the name of {address}", before.name, number.name)


def _business(book: RuleBook, spec: FileSpec) -> Facts:
    yield "the name of the business, {business} in texts", book.business
    yield "what teammates see as the caller's number", book.teammate_sees
    yield "teammates answer texts from their mobiles", "yes" if book.from_mobile else "no"
    yield "a conversation stays with a teammate for", f"{book.conversation_for} s"
    yield "countries that may be called and texted", listed(texts(spec.safety.countries or ()))
    yield "diversions before a call is taken for a loop", str(book.safety.max_diversions)
    yield "legs a call may have", str(book.safety.max_legs)
    yield "forwarded calls an hour", str(book.safety.max_forwards_per_hour or "no limit")
    yield "said when switchhook is in trouble", f"“{book.failsafe.say}”, then voicemail {book.failsafe.box}"


def _number(number: Number, name: str) -> Facts:
    yield f"{name}: calls come from", number.providers["call"]
    yield f"{name}: texts come from", number.providers["text"]
    yield f"{name}: also accepts what comes from", listed(sorted(number.also_from))
    yield f"{name}: times are told in", number.zone.key
    yield f"{name}: a missed call is told to", listed(number.notify_missed)
    yield f"{name}: texted back after a missed call", f"“{number.text_back}”" if number.text_back else NOTHING


def _box(box: BoxSpec, book: RuleBook) -> Facts:
    name = f"voicemail {box.name}"
    yield f"{name}: notices go to", listed(texts(box.notify))
    yield f"{name}: address", box.address.text if box.address else NOTHING
    yield f"{name}: names and numbers stay out of notices", "yes" if box.private else "no"
    yield f"{name}: recordings are kept for", f"{box.keep.value} s" if box.keep else "ever"
    if box.name not in _used_boxes(book):
        greeting = box.greeting
        said = greeting.text if isinstance(greeting, SaySpec) else greeting.source if greeting else None
        yield f"{name}: greeting", f"“{said.text}”" if said else NOTHING


def _used_boxes(book: RuleBook) -> set[str]:
    """Return the boxes whose greeting the comparison of plans tells."""
    return {
        step.box
        for number in book.numbers.values()
        for block in (*number.blocks.values(), *(rule.calls for rule in number.rules), (number.last_resort,))
        if isinstance(block, tuple)
        for step in block
        if isinstance(step, Voicemail)
    }


def _plan(plan: NamedPlan) -> Facts:
    """A plan nobody has switched on decides nothing yet."""
    yield f"plan {plan.name}: calls", _calls(plan.calls)
    yield f"plan {plan.name}: texts", _text(plan.texts)


def _operations(spec: FileSpec) -> Facts:
    yield "listens for providers at", spec.listen.public.text
    yield "listens for administration at", text_of(spec.listen.admin)
    yield "listens for metrics at", text_of(spec.listen.metrics)
    yield "believes forwarded addresses from", listed(texts(spec.listen.trusted_proxies))
    yield "public address", text_of(spec.public_url)
    yield "state folder", spec.state.text
    yield "tests", listed(texts(spec.tests))
    for provider in spec.providers.values():
        secrets = (*provider.secrets, *provider.signing_keys.values())
        name = f"provider {provider.name}"
        yield f"{name}: speaks", provider.adapter.text
        yield f"{name}: account", account(provider.account)
        yield f"{name}: secrets are read from", listed(f"{secret.source}:{secret.name}" for secret in secrets)
        yield f"{name}: accepts signatures by", listed(provider.algorithms)
        yield f"{name}: texts are sent to the address", text_of(provider.api)
        key = provider.api_key
        yield f"{name}: sends with the key", f"{account(key.id)}, {account(key.secret)}" if key else NOTHING
        if provider.sip is not None:
            yield from sip_facts(name, provider.sip)
    yield from _sending(spec)
    for person in spec.people.values():
        yield f"{person.name}: PIN is read from", account(person.pin)


def _sending(spec: FileSpec) -> Facts:
    mail = spec.mail
    if mail is not None:
        yield "mail goes to the server", f"{mail.server.text}, {mail.tls}"
        yield "mail server: logs in as", text_of(mail.user)
        yield "mail server: password is read from", account(mail.password)
        yield "mail comes from", mail.sender.text
    for hook in spec.webhooks.values():
        yield f"web hook {hook.name}: goes to", hook.url.text
        yield f"web hook {hook.name}: is told of", listed(hook.events)
        yield (
            f"web hook {hook.name}: secrets are read from",
            listed(f"{each.source}:{each.name}" for each in hook.secrets),
        )


def _calls(block: CallBlock | None) -> str:
    """Tell the steps of a block as they are written."""
    told = []
    for step in block or ():
        if isinstance(step, RingStep):
            seconds = f" for {step.seconds} s" if step.seconds else ""
            excuses = f", even if {' or '.join(sorted(step.even_if))}" if step.even_if else ""
            told.append(f"ring {', '.join(step.targets)}{seconds}{excuses}")
        else:
            told.append(step_fully(step))
    return ARROW.join(told) or NOTHING


def _text(block: TextBlock | None) -> str:
    """Tell what a block does with a text, as it is written."""
    if block is None:
        return NOTHING
    told = ["record only"] if block.drop else [f"to {listed(block.targets)}"]
    told += [f"even if {' or '.join(sorted(block.even_if))}"] if block.even_if else []
    told += ["hold until open"] if block.hold else []
    told += [f"copy to {listed(block.copy)}"] if block.copy else []
    told += [f"reply “{block.reply}”"] if block.reply else []
    if block.urgent:
        words = block.urgent.question.removeprefix("words:")
        told.append(f"with {words} to {listed(block.urgent.targets)}")
    return ", ".join(told)


def as_json(told: Iterable[Also]) -> list[Mapping[str, str]]:
    """Return the facts for scripts."""
    return [{"what": each.what, "was": each.was, "now": each.now} for each in told]
