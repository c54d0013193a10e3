"""Exporters to digital audio workstations, one file each."""
