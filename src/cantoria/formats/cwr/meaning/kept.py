"""What stays in the file alone: fields that say something for which the registry has no word, named once per file."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from cantoria.formats.cwr.layout import RecordLayout
from cantoria.formats.cwr.meaning.notes import Notes
from cantoria.formats.cwr.records import Record

_WORK: Final = (
    "work_title submitter_work_number iswc version_type composite_type music_arrangement lyric_adaptation excerpt_type "
    "composite_component_count"
)
_PUBLISHER: Final = (
    "publisher_sequence_number interested_party_number publisher_name publisher_unknown_indicator publisher_type "
    "publisher_role publisher_ipi_name_number publisher_ipi_base_number submitter_agreement_number pr_ownership_share "
    "mr_ownership_share sr_ownership_share"
)
_WRITER: Final = (
    "interested_party_number writer_last_name writer_first_name writer_unknown_indicator writer_designation_code "
    "writer_role writer_ipi_name_number writer_ipi_base_number pr_ownership_share mr_ownership_share sr_ownership_share"
)
_TERRITORY: Final = (
    "interested_party_number sequence_number pr_collection_share mr_collection_share sr_collection_share "
    "inclusion_exclusion_indicator tis_numeric_code territory_code submitter_agreement_number"
)
_PART: Final = (
    "title original_work_title entire_work_title iswc_of_original_work iswc_of_entire_work iswc_of_component "
    "submitter_work_number submitter_original_work_number writer_1_last_name writer_1_first_name "
    "writer_1_ipi_name_number writer_1_ipi_base_number writer_2_last_name writer_2_first_name "
    "writer_2_ipi_name_number writer_2_ipi_base_number"
)
_RECORDING: Final = (
    "isrc isrc_validity recording_title version_title display_artist recording_duration release_duration "
    "submitter_recording_identifier language_code"
)
_ANSWER: Final = (
    "original_group_id original_group_code original_transaction_sequence_number original_transaction_type "
    "creation_title submitter_creation_number recipient_creation_number processing_date transaction_status "
    "cwr_sub_filename creation_date creation_time"
)
_READ: Final = MappingProxyType(
    {
        **dict.fromkeys(("NWR", "REV", "WRK", "ISW", "ISA", "ISR", "EXC", "DRW", "LIC"), _WORK),
        **dict.fromkeys(("SPU", "OPU"), _PUBLISHER),
        **dict.fromkeys(("SWR", "OWR"), _WRITER),
        **dict.fromkeys(("SPT", "OPT", "SWT", "OWT"), _TERRITORY),
        **dict.fromkeys(("VER", "OWK", "EWT", "COM"), _PART),
        **dict.fromkeys(("REC", "NRC"), _RECORDING),
        "MAN": "writer_ip_number pr_manuscript_share mr_manuscript_share sr_manuscript_share",
        "PWR": "publisher_ip_number publisher_name writer_ip_number publisher_sequence_number "
        "submitter_agreement_number",
        "ALT": "alternate_title alternative_title title_type language_code",
        "NAT": "title title_type language_code",
        "NPN": "publisher_sequence_number interested_party_number publisher_name script_code",
        "NWN": "interested_party_number writer_last_name writer_first_name script_code",
        "XRF": "organisation_code identifier identifier_type validity identifier_validity",
        "ACK": _ANSWER,
        "MSG": "message_type original_record_sequence_number record_type message_level validation_number message_text",
        "AGR": "submitter_agreement_number agreement_type agreement_start_date agreement_end_date number_of_works",
        "TER": "inclusion_exclusion_indicator tis_numeric_code",
        "IPA": "agreement_role_code interested_party_ipi_name_number ipi_base_number interested_party_number "
        "interested_party_last_name interested_party_writer_first_name",
    }
)


class Kept:
    """Looks in each record for fields that nobody reads; those found are not looked for again."""

    __slots__ = ("_ahead",)

    def __init__(self) -> None:
        self._ahead: dict[RecordLayout, list[str]] = {}

    def look(self, record: Record, notes: Notes) -> None:
        """Note the filled fields of the record that no one reads, each once in a file."""
        layout = record.layout
        if layout is None or record.kind not in _READ:
            return
        ahead = self._ahead.get(layout)
        if ahead is None:
            read = _READ[record.kind].split()
            ahead = self._ahead[layout] = [one.name for one in layout.fields if one.name not in read]
        values = record.values
        found = [name for name in ahead if values.get(name) and values[name].strip("0 ") not in ("", "N")]
        for name in found:
            ahead.remove(name)
            notes.once(record, name, "the registry has no word for this; it stays in the file", value=values[name])
