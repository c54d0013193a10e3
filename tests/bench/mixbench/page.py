"""``docs/mixbench.md``: what was measured, on what, and how to read it."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.mixbench.cases import PIECES, Table
from tests.bench.mixbench.goals import GOALS, prior_lines
from tests.bench.mixbench.run import Row
from tests.bench.mixbench.songs import Multitrack
from tests.bench.mixbench.tables import PARTS, markdown, ours_in, plain_table, ranked, split, worst

_INTRO = """\
# Suggestions, measured

Written by `make mixbench`. A song's tracks go in, with a reference; what comes out is rendered and judged by measures
of its own, beside simple rivals and beside adversaries that fool scores of the mixture alone.

The references are made by another engine than the console (pedalboard's and scipy's filters, compressors of two other
laws, comb and velvet-noise reverbs, the -3 dB pan law, a glue compressor, clipper and limiter), with settings that are
usual for the roles or wild, and handed over as they are, limited, or as OGG or MP3 with some silence before. Nothing is
fitted to the **test** songs; a few constants of how separated stems are read (the share from which a band is owned, the
leakage floor, margins of presence) were chosen with figures of country and britpop in view. The **development** songs
are marked in each table.

*Score*: decibels away from right; the mixture's sound, the root mean square of the stem groups' loudness errors, on
paired cases the tracks' loudness errors, and 20 times the share of audible tracks that were lost. *Rank*: mean over the
cases. Brackets: bootstrap 95 % interval, songs drawn first, then their cases. *p*: Wilcoxon's signed-rank test of the
scores against the suggestion's, over the same cases; *ours better*: in how many of them."""
_LIMITS = """\
## Where a goal is missed: what was tried, and what limits it

- **Spectral distance, time-frequency error and gain envelope of paired mixes.** The row *the other engine, its reverb
  with other noise* is a mix that nobody could tell from the reference, and lies at the goal itself: another room
  never cancels. Clean mixes come near it, limited ones stay away: a clipper is not among our processors, and a
  compressor of another law moves differently. Tried without gain: twice the steps, other rates, a free knee, a fitted
  ceiling (it runs away). Tried with gain and kept: a limiter and a nuisance clipper in the circuit while the strips
  of a limited mix are sought; the lag's parts of a frame found again once the filters are known. More in
  [recall.md](recall.md).
- **The first answer** is least squares alone: no dynamics, no reverb.
- **Bands of mid and side.** The console has six bands for both sides together and none for the side alone, and songs
  differ by more than that. The *master EQ and level alone* of the tables uses an equaliser of many bands that no
  console strip has. Tried on development songs: a master prior three times weaker brought the mid of one pair from
  1.96 to 1.92 dB, with single gains up to 14 dB; with a weaker strip prior as well it came to 1.72 dB, at twice the
  EQ moves. Neither was kept. The side follows pans and widths.
- **What only the song has.** With true stems it stays where it was. Separated ones leave a voice's or drums' presence
  unsure when something else leaks into their stem, and what is unsure counts half.
- **Crest** is not chased: a mix at -16 LUFS would have to be limited at -6 dBTP to be as dense as a finished record.
- **The guard** changes little here: the prior already keeps tracks audible.
- Not measured here: locks and 0 % intensity, which tests hold bit-identical."""
_HOW = """\
## What the columns are

- **spectral distance**: left, right, mid and side at one loudness, over 0.4 s, 1.5 s and the whole, in bands equally
  wide in octaves from 60 Hz to 16 kHz; errors well below half a decibel count by their square.
- **track, group LU**: error of the loudness (BS.1770) against the whole. Foreign songs: the groups that both have,
  against the sum of their powers (how far the loudness of a sum lies above its parts belongs to a song's arrangement).
  **alone**: how far a group that only the song has moved against the rest, from the ratio that it has in the plain sum.
- **mid, side dB**: error of the long-term half octaves; **crest**: of true peak over loudness; **dynamics**: of the
  momentary loudness over time; **envelope**: of each track's level over time, in 50 ms.
- **lost**: tracks that hold -12 dB of some band in the plain sum, and fell by over 12 dB to under -20 dB in their best.
  **deepest fall**: of a group against the rest, from the plain sum.
- **true peak**: of the suggested mix; **loudness**: its distance from the asked one, which is the reference's for mixes
  of the same tracks and else the session's -16 LUFS. **EQ move**: the largest gain of each track's equaliser, on
  average. **CPU s**, **MB**: of the call that suggests, on one thread; memory above what the process held before.
- **the other engine without reverb** has every strip right and no reverb and no master dynamics: how far strips alone
  can get. **The same with other noise in its reverb** is a mix that nobody could tell from the reference: nearer than
  that no system can come for sure. Neither has a rank."""


def page(songs: Sequence[Multitrack], missing: Sequence[str], rows: Sequence[Row], minutes: float) -> str:
    """The whole document."""
    parts = [_INTRO, _songs(songs), *(f"- {text}." for text in missing), _goals(rows), *_failures(rows)]
    for table, title, about in _TABLES:
        parts.append(f"## {title}\n\n{about}")
        for part, test in PARTS.items():
            here = [row for row in rows if row.test == test]
            parts.append(f"### {title}, {part} songs ({_count(here, table)} cases)")
            parts.append(plain_table(here) if table is Table.UNKNOWN else ranked(table, here))
        parts += _details(rows, table)
    parts += [_LIMITS, _HOW, f"Measured in {minutes:.0f} minutes."]
    return "\n\n".join(parts) + "\n"


_TABLES = (
    (Table.PAIRED, "A mix of the same tracks", "The reference is a mix of these very tracks by the other engine."),
    (
        Table.KNOWN,
        "A mix of another song, its stems known",
        "The reference is a limited mix of another song; the benchmark knows its stem groups. Voices are on both "
        "sides, on one side alone (both ways round), and on neither. The suggestion gets the mix, the mix and stems as "
        "the default separator makes them, or the mix and the true stems. What is *alone* has separated stems "
        "and no search: `suggest --fast`, with the controller or with practice in its place.",
    ),
    (
        Table.UNKNOWN,
        "Finished music",
        f"Every song against {PIECES} finished pieces of music whose stems nobody knows: no score, since it would have "
        "to trust the mixture.",
    ),
)


def _count(rows: Sequence[Row], table: Table) -> int:
    return len({row.case for row in rows if row.table == table})


def _songs(songs: Sequence[Multitrack]) -> str:
    lines = [
        [song.name, "test" if song.test else "development", str(len(song.parts)), ", ".join(p.role for p in song.parts)]
        for song in songs
    ]
    return "## Songs\n\n" + markdown(("song", "part", "tracks", "roles"), lines)


def _goals(rows: Sequence[Row]) -> str:
    lines = [goal.line(rows) for goal in GOALS]
    return "## Goals\n\n" + markdown(("what", "goal", "test songs", "development songs", "met (test)"), lines)


def _failures(rows: Sequence[Row]) -> list[str]:
    """What broke: its cases are in no table."""
    lines = [f"- {row.system}, {row.case}: {row.failed}" for row in rows if row.failed]
    return ["## What broke\n\n" + "\n".join(lines)] if lines else []


def _details(rows: Sequence[Row], table: Table) -> list[str]:
    system = ours_in(table, rows)
    details = []
    if table is Table.PAIRED:
        details.append(f"### {system}, by what was done to the mix\n\n{split(rows, system, _finish, table)}")
    details.append(f"### {system}, by song\n\n{split(rows, system, _song, table)}")
    if table is not Table.UNKNOWN:
        details.append(f"### {system}, its worst cases\n\n{worst(rows, table)}")
    if table is Table.KNOWN:
        head = ("system", "group LU", "EQ move dB", "lost", "deepest fall LU")
        details.append(f"### What prior, guard and the controller do\n\n{markdown(head, prior_lines(rows))}")
    return details


def _finish(row: Row) -> str:
    return row.finish


def _song(row: Row) -> str:
    return f"{row.song} ({'test' if row.test else 'development'})"
