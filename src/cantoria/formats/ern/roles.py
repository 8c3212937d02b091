"""Which credits of a message name a holder, by the allowed values of ERN 4.3 (AVS), and which recordings are parts.

What is not listed here (engineers, studio producers, administrators) gives nobody a say.
"""

from __future__ import annotations

from typing import Final

from cantoria.registry.types import Role

DISPLAY_ARTISTS: Final = {
    "MainArtist": (Role.FEATURED_PERFORMER,),
    "FeaturedArtist": (Role.FEATURED_PERFORMER,),
    "Artist": (Role.FEATURED_PERFORMER,),
}
_FEATURED: Final = "Artist LeadPerformer LeadVocalist PrimaryMusician Soloist"
_PERFORMING: Final = """
    Accompanyist AdditionalPerformer AssistantConductor AssociatedPerformer BackgroundVocalist BandLeader Choir
    ChoirMember ChorusMaster ClubDJ Comedian ConcertMaster Conductor DJ Ensemble GroupMember GuestConductor
    MusicDirector MusicGroup Musician Narrator Orchestra OrchestraMember Performer PlaybackSinger SecondConductor
    Speaker StoryTeller StudioConductor StudioMusician Vocalist VoiceActor
"""
CONTRIBUTORS: Final = {
    **dict.fromkeys(_FEATURED.split(), (Role.FEATURED_PERFORMER,)),
    **dict.fromkeys(_PERFORMING.split(), (Role.NON_FEATURED_PERFORMER,)),
    "Composer": (Role.COMPOSER,),
    "ComposerLyricist": (Role.COMPOSER, Role.LYRICIST),
    "Lyricist": (Role.LYRICIST,),
    "SubLyricist": (Role.LYRICIST,),
    "Librettist": (Role.LYRICIST,),
    "Author": (Role.AUTHOR,),
    "NonLyricAuthor": (Role.AUTHOR,),
    "Arranger": (Role.ARRANGER,),
    "SubArranger": (Role.ARRANGER,),
    "Adapter": (Role.ARRANGER,),
    "MusicArranger": (Role.ARRANGER,),
    "VocalArranger": (Role.ARRANGER,),
    "Translator": (Role.TRANSLATOR,),
    "MusicPublisher": (Role.PUBLISHER,),
    "OriginalPublisher": (Role.PUBLISHER,),
    "SubPublisher": (Role.PUBLISHER,),
    "SubstitutedPublisher": (Role.PUBLISHER,),
}
CONTROLLERS: Final = frozenset({"RightsController", "RightsHolder"})
GROUPS: Final = frozenset({"Orchestra", "Choir", "Ensemble", "MusicGroup"})
# Relations to recordings whose sound is in this one.
MADE_OF: Final = frozenset(
    {
        "ContainsSamplesFrom",
        "HasContentFrom",
        "HasPart",
        "IsClipFrom",
        "IsEditedVersionOf",
        "IsSlowedDownOf",
        "IsSpedUpOf",
    }
)
COMPOSITE: Final = frozenset({"Medley", "Potpourri"})
AI_USES: Final = frozenset(
    {
        "UseForTrainingGenerativeAI",
        "UseForTrainingNonGenerativeAI",
        "UseForDataMining",
        "UseForGenerativeAI",
    }
)
# The sets of allowed values that the roles of a credit come from.
SETS: Final = {
    "DisplayArtist": "DisplayArtistRole|ContributorRole",
    "ResourceRightsController": "RightsControllerRole",
    "WorkRightsController": "RightsControllerRole",
}
