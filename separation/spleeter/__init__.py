"""The default separator: Deezer's Spleeter 2-stem model in plain torch, and four stems made from what it gives."""
