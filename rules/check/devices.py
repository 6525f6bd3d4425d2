"""Phones that may be rung: spelled well, allowed, and nobody else's."""

from collections.abc import Iterator

from phonenumbers import SUPPORTED_REGIONS

from rules.check.walk import region
from rules.phone import country, e164, is_costly, is_emergency, is_short
from rules.sipuri import sip_uri
from rules.source import Mark, Problem, Report
from rules.spec import DeviceSpec, FileSpec, PersonSpec, Word


def is_sip(text: str) -> bool:
    """Say whether *text* is meant as a SIP address."""
    return text.casefold().startswith(("sip:", "sips:"))


def dialled(address: Word, home: str | None) -> str | None:
    """Return the number (E.164) that ringing *address* dials, None for a phone of our own system or no number at all."""
    if not is_sip(address.text):
        return e164(address.text, home)
    found = sip_uri(address.text)
    return e164(found.phone, home) if found and found.phone else None


def each_device(spec: FileSpec) -> Iterator[tuple[PersonSpec, DeviceSpec]]:
    """Yield each device with whose it is."""
    for person in spec.people.values():
        for device in person.devices:
            yield person, device


def check_addresses(spec: FileSpec, report: Report) -> None:
    """Every device is a number or a `sip:` address, and none calls for help."""
    home = region(spec)
    for _, device in each_device(spec):
        problem = spelling_problem(device.address, home)
        if problem:
            report(problem)


def spelling_problem(address: Word, home: str | None) -> Problem | None:
    """Say what is wrong with an address, or None: emergency and short numbers first, then the spelling."""
    text, at = address
    if is_sip(text):
        found = sip_uri(text)
        if found is None:
            return Problem("bad-number", "this is no sip: address", at, 'write "sip:anna@pbx.example.com"')
        text = found.user if len(found.user) <= 3 else found.phone or ""
        return _emergency(at) if text and is_emergency(text, home) else None
    if is_emergency(text, home):
        return _emergency(at)
    if is_short(text):
        message = "a short number works inside one network only"
        return Problem("emergency-number", message, at, "write the whole number, +1 617 555 0141")
    if e164(text, home) is None:
        return Problem("bad-number", *_misspelled(text, at, home))
    return None


def _emergency(at: Mark) -> Problem:
    return Problem("emergency-number", "emergency numbers are never called", at, "remove it")


def _misspelled(text: str, at: Mark, home: str | None) -> tuple[str, Mark, str]:
    if any(char.isalpha() for char in text):
        return "this is neither a phone number nor a sip: address", at, 'write "+1 617 555 0141" or "sip:…"'
    if not text.strip().startswith(("+", "00")) and home is None:
        return "nobody says which country this number is of", at, "write it with + and the country's code"
    return "this is no possible phone number", at, "count the digits; write it as +1 617 555 0141"


def allowed_countries(spec: FileSpec) -> frozenset[str]:
    """Return where calls and texts may go (ISO 3166): as `safety` says, else home, else where our own numbers are."""
    if spec.safety.countries is not None:
        return frozenset(word.text for word in spec.safety.countries)
    home = region(spec)
    if home:
        return frozenset({home})
    own = (e164(number.number.text, None) for number in spec.numbers.values())
    return frozenset(place for number in own if number and (place := country(number)))


def check_destinations(spec: FileSpec, report: Report) -> None:
    """No device may lead to another country than those allowed, or to a number that earns somebody money."""
    allowed, home = allowed_countries(spec), region(spec)
    known = allowed <= SUPPORTED_REGIONS  # else a misspelt country would refuse every number once more
    for _, device in each_device(spec):
        number = dialled(device.address, home)
        if number is None or is_emergency(number, home):
            continue
        if is_costly(number):
            message = "this is a premium, shared-cost or satellite number; none is ever called"
            report(Problem("destination-not-allowed", message, device.address.at, "write an ordinary number"))
        elif (place := country(number)) is None:
            message = "which country this number is in cannot be told, so it is never called"
            report(Problem("destination-not-allowed", message, device.address.at, "check the digits behind the +"))
        elif known and place not in allowed:
            message = (
                f"this number is in {place}; calls and texts go to {', '.join(sorted(allowed)) or 'no country'} only"
            )
            hint = f"add {place} to `countries` under `safety` if it may be called"
            report(Problem("destination-not-allowed", message, device.address.at, hint))


def check_own_numbers_as_devices(spec: FileSpec, report: Report) -> None:
    """Ringing a business number of our own would bring the call back to us."""
    home = region(spec)
    own = {_key(number.number, home): number for number in spec.numbers.values()}
    for person, device in each_device(spec):
        number = own.get(_key(device.address, home))
        if number:
            message = f"this is the business number '{number.name}', not a phone of '{person.name}'"
            hint = f"the number is at {number.number.at}; a call to it would come back here"
            report(Problem("own-number", message, device.address.at, hint))


def check_shared_devices(spec: FileSpec, report: Report) -> None:
    """
    A phone number belongs to one person: a call or text from it must say who it is.

    A `sip:` phone may be shared, as the one at a front desk is, but not named twice for one person.
    """
    home = region(spec)
    owners: dict[str, tuple[str, Mark]] = {}
    for person, device in each_device(spec):
        key = _key(device.address, home)
        if key is None:
            continue
        owner, at = owners.setdefault(key, (person.name, device.address.at))
        if at != device.address.at and (owner == person.name or not is_sip(device.address.text)):
            hint = f"the other is at {at}; keep one of them"
            report(Problem("number-twice", f"this phone is already one of '{owner}'", device.address.at, hint))


def _key(address: Word, home: str | None) -> str | None:
    """Return what two spellings of one phone have in common."""
    if is_sip(address.text):
        found = sip_uri(address.text)
        return found.key if found else None
    return e164(address.text, home)
