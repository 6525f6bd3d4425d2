"""To whom a text may go at all, whatever anybody writes: an ordinary number, in a country that is allowed, none of ours."""

from rules.book import RuleBook
from rules.phone import country, e164, is_costly, is_emergency, is_short


def may_be_texted(book: RuleBook, address: str) -> bool:
    """
    Say whether a text may go to *address*.

    No names, short numbers, emergency or premium numbers; only to `safety.countries`; unknown means no. Our own numbers neither:
    two of them would write to each other for ever.
    """
    if not address.startswith("+") or is_short(address) or is_emergency(address, book.country):
        return False
    number = e164(address, None)
    if number is None or number in book.by_number or is_costly(number):
        return False
    return country(number) in book.safety.countries
