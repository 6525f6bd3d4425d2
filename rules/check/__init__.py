"""The named checks: what a file's parts must not say to each other. To add one, write a function and add it to the list."""

from rules.check.absences import check_absences, check_handovers, check_leavers, check_rotas, check_self_cover
from rules.check.callers import check_blocked_groups, check_entries, check_vip_and_blocked
from rules.check.devices import (
    check_addresses,
    check_destinations,
    check_own_numbers_as_devices,
    check_shared_devices,
)
from rules.check.names import check_names, check_one_meaning
from rules.check.numbers import check_countries, check_own_numbers, check_preferences, check_via
from rules.check.ops import check_listeners, check_proxies, check_public_url
from rules.check.reach import check_devices_there, check_notices, check_text_channels, check_text_ways
from rules.check.schedules import check_holidays_decided, check_places, check_zones
from rules.check.sending import check_apis, check_mail, check_webhooks
from rules.check.sip import (
    check_contacts,
    check_sip_addresses,
    check_sip_boxes,
    check_sip_listeners,
    check_sip_names,
    check_sip_peers,
)
from rules.check.texts import (
    check_calendars,
    check_fields,
    check_languages,
    check_mail_addresses,
    check_private_numbers,
    check_sound_files,
    check_words,
)
from rules.source import Report
from rules.spec import FileSpec

CHECKS = (
    check_names,
    check_one_meaning,
    check_listeners,
    check_proxies,
    check_public_url,
    check_sip_listeners,
    check_sip_names,
    check_sip_peers,
    check_contacts,
    check_sip_boxes,
    check_sip_addresses,
    check_apis,
    check_mail,
    check_webhooks,
    check_countries,
    check_zones,
    check_places,
    check_holidays_decided,
    check_addresses,
    check_destinations,
    check_own_numbers_as_devices,
    check_shared_devices,
    check_own_numbers,
    check_via,
    check_preferences,
    check_devices_there,
    check_text_ways,
    check_notices,
    check_text_channels,
    check_absences,
    check_leavers,
    check_handovers,
    check_self_cover,
    check_rotas,
    check_entries,
    check_vip_and_blocked,
    check_blocked_groups,
    check_fields,
    check_private_numbers,
    check_words,
    check_languages,
    check_mail_addresses,
    check_calendars,
    check_sound_files,
)


def check_all(spec: FileSpec, report: Report) -> None:
    """Run every check; each tells all it finds."""
    for check in CHECKS:
        check(spec, report)
