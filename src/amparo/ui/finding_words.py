"""What kinds of Findings, their facts and the fields of times are called, by code. Matches have :mod:`.matches`."""

from django.utils.translation import gettext_noop

FINDINGS = {
    "picture.properties": gettext_noop("Size and format"),
    "picture.exif": gettext_noop("Camera, time and place, as the file states"),
    "picture.damaged": gettext_noop("The picture is damaged"),
    "picture.exif_damaged": gettext_noop("Notes on camera and time are damaged"),
    "picture.flat": gettext_noop("The picture has little detail"),
    "file.symlink": gettext_noop("A link to another place"),
    "archive.damaged": gettext_noop("The archive is damaged"),
    "archive.trailing_bytes": gettext_noop("More bytes after the end of the archive"),
    "archive.member_name": gettext_noop("A name that would write outside its folder"),
    "media_type.mismatch": gettext_noop("The name says another type than the bytes"),
}
FACTS = {
    "format": gettext_noop("Format"),
    "width": gettext_noop("Width in pixels"),
    "height": gettext_noop("Height in pixels"),
    "mode": gettext_noop("Colour mode"),
    "frames": gettext_noop("Frames"),
    "problem": gettext_noop("Problem"),
    "problems": gettext_noop("Problems"),
    "make": gettext_noop("Camera maker"),
    "model": gettext_noop("Camera model"),
    "software": gettext_noop("Program"),
    "lens": gettext_noop("Lens"),
    "serial": gettext_noop("Serial number of the camera"),
    "lens_serial": gettext_noop("Serial number of the lens"),
    "orientation": gettext_noop("Orientation (EXIF)"),
    "taken": gettext_noop("Taken"),
    "digitised": gettext_noop("Digitised"),
    "modified": gettext_noop("Changed"),
    "gps_latitude": gettext_noop("Latitude in degrees"),
    "gps_longitude": gettext_noop("Longitude in degrees"),
    "gps_error_m": gettext_noop("Accuracy of the position in metres"),
    "gps_dop": gettext_noop("Dilution of precision"),
    "gps_altitude_m": gettext_noop("Metres above sea level"),
    "gps_datum": gettext_noop("Map datum"),
    "gps_time": gettext_noop("Time of the position"),
}
FIELDS = {
    "modified": gettext_noop("Changed"),
    "created": gettext_noop("Created"),
    "accessed": gettext_noop("Read last"),
    "changed": gettext_noop("Entry changed"),
}
