"""Signature table of media types, as data. Names follow IANA where registered, else file(1) and shared-mime-info."""

# First bytes -> media type. Longest match wins. Formats that take more than one look are in media_types.py.
MAGIC: tuple[tuple[bytes, str], ...] = (
    # pictures
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),  # BigTIFF
    (b"MM\0+", "image/tiff"),
    (b"\xff\x0a", "image/jxl"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"8BPS\0", "image/vnd.adobe.photoshop"),
    (b"\x8aMNG\r\n\x1a\n", "video/x-mng"),
    (b"gimp xcf ", "image/x-xcf"),
    # video and sound
    (b"\x1aE\xdf\xa3", "video/x-matroska"),
    (b"OggS\0", "application/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3\x02", "audio/mpeg"),
    (b"ID3\x03", "audio/mpeg"),
    (b"ID3\x04", "audio/mpeg"),
    (b"MThd\0\0\0\x06", "audio/midi"),
    (b"#!AMR\n", "audio/AMR"),
    (b"#!AMR-WB\n", "audio/AMR-WB"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", "video/x-ms-asf"),
    (b"\0\0\x01\xba", "video/mpeg"),
    (b"\0\0\x01\xb3", "video/mpeg"),
    # containers
    (b"PK\x05\x06", "application/zip"),
    (b"PK\x07\x08PK\x03\x04", "application/zip"),
    (b"PK00PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07\0", "application/x-rar"),
    (b"Rar!\x1a\x07\x01\0", "application/x-rar"),
    (b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    (b"!<arch>\n", "application/x-archive"),
    (b"!<arch>\ndebian-binary", "application/vnd.debian.binary-package"),
    (b"\x04\x22\x4d\x18", "application/x-lz4"),
    (b"ANDROID BACKUP\n", "application/x-android-backup"),
    # documents
    (b"{\\rtf", "text/rtf"),
    (b"%!PS", "application/postscript"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"BOOKMOBI", "application/x-mobipocket-ebook"),
    (b"!BDN", "application/vnd.ms-outlook"),
    # databases and system files
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"bplist00", "application/x-bplist"),
    (b"regf", "application/x-ms-registry"),
    (b"ElfFile\0", "application/x-ms-evtx"),
    (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F", "application/x-ms-shortcut"),
    # programs
    (b"\x7fELF", "application/x-elf"),
    (b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\0asm\x01\0\0\0", "application/wasm"),
    (b"dex\n03", "application/vnd.android.dex"),
    (b"\xde\x12\x04\x95", "application/x-gettext-translation"),
    (b"\x95\x04\x12\xde", "application/x-gettext-translation"),
    # fonts
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"OTTO\0", "font/otf"),
    (b"ttcf\0", "font/collection"),
    (b"true\0", "font/ttf"),
    # disk images
    (b"EVF\x09\x0d\x0a\xff\0", "application/x-ewf"),
    (b"EVF2\x0d\x0a\x81\0", "application/x-ewf"),
    (b"LVF\x09\x0d\x0a\xff\0", "application/x-ewf"),
    (b"LEF2\x0d\x0a\x81\0", "application/x-ewf"),
    (b"KDMV", "application/x-vmdk"),
    (b"COWD", "application/x-vmdk"),
    (b"# Disk DescriptorFile", "application/x-vmdk"),
    (b"QFI\xfb", "application/x-qemu-disk"),
    (b"vhdxfile", "application/x-vhdx"),
    (b"conectix", "application/x-virtualbox-vhd"),
    (b"<<< Oracle VM VirtualBox Disk Image >>>", "application/x-virtualbox-vdi"),
    (b"<<< Sun VirtualBox Disk Image >>>", "application/x-virtualbox-vdi"),
    (b"<<< Sun xVM VirtualBox Disk Image >>>", "application/x-virtualbox-vdi"),
    (b"<<< innotek VirtualBox Disk Image >>>", "application/x-virtualbox-vdi"),
)

# ISO base media brands (mp4ra.org) -> media type; others of the family are video/mp4.
BRANDS: dict[bytes, str] = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis"), "image/heic"),
    **dict.fromkeys((b"hevc", b"hevx", b"hevm", b"hevs"), "image/heic-sequence"),
    **dict.fromkeys((b"mif1", b"mif2", b"mif3"), "image/heif"),
    b"msf1": "image/heif-sequence",
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    b"crx ": "image/x-canon-cr3",
    b"qt  ": "video/quicktime",
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), "audio/mp4"),
    **dict.fromkeys((b"M4V ", b"M4VH", b"M4VP"), "video/x-m4v"),
    **dict.fromkeys((b"3gp1", b"3gp2", b"3gp3", b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3gp8", b"3gp9"), "video/3gpp"),
    **dict.fromkeys((b"3ge6", b"3ge7", b"3ge9", b"3gg6", b"3gh9", b"3gr6", b"3gr9", b"3gs6", b"3gs9"), "video/3gpp"),
    **dict.fromkeys((b"3g2a", b"3g2b", b"3g2c", b"KDDI"), "video/3gpp2"),
    **dict.fromkeys((b"jp2 ",), "image/jp2"),
}
QUICKTIME_ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
RIFF: dict[bytes, str] = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}

_OFFICE = "application/vnd.openxmlformats-officedocument."
# A member's name in the head of a ZIP -> media type; the first that is there wins.
ZIP_MEMBERS: tuple[tuple[bytes, str], ...] = (
    (b"word/", _OFFICE + "wordprocessingml.document"),
    (b"xl/", _OFFICE + "spreadsheetml.sheet"),
    (b"ppt/", _OFFICE + "presentationml.presentation"),
    (b"AndroidManifest.xml", "application/vnd.android.package-archive"),
    (b"classes.dex", "application/vnd.android.package-archive"),
    (b"META-INF/MANIFEST.MF", "application/java-archive"),
)
_ODF = "application/vnd.oasis.opendocument."
ZIP_MIMETYPES = frozenset({
    "application/epub+zip", _ODF + "text", _ODF + "text-template", _ODF + "text-master", _ODF + "spreadsheet",
    _ODF + "spreadsheet-template", _ODF + "presentation", _ODF + "presentation-template", _ODF + "graphics",
    _ODF + "graphics-template", _ODF + "chart", _ODF + "formula", _ODF + "image", _ODF + "database",
})  # fmt: skip

CONTAINER_TYPES: dict[str, str] = {
    "application/zip": "zip",
    **dict.fromkeys((kind for _, kind in ZIP_MEMBERS), "zip"),
    **dict.fromkeys(sorted(ZIP_MIMETYPES), "zip"),
    "application/x-tar": "tar",
    "application/gzip": "gzip",
    "application/x-bzip2": "bzip2",
    "application/x-xz": "xz",
    "application/zstd": "zstd",
    "application/x-7z-compressed": "7z",
}

# What holds files that no Container here can list: an Item of these says so, instead of looking finished.
UNOPENED_TYPES = frozenset(
    {
        "application/x-rar",
        "application/vnd.ms-cab-compressed",
        "application/x-ewf",
        "application/x-vmdk",
        "application/x-vhdx",
        "application/x-virtualbox-vdi",
        "application/x-qemu-disk",
    }
)
