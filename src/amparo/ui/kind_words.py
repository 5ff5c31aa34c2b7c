"""What a media type, or an entry that holds no bytes, is called in plain words. The machine word stands beside it.

Media types are those of the IANA registry and of freedesktop.org shared-mime-info. No two have the same words, so that
a list of them has no two rows that look alike.
"""

from collections.abc import Mapping

from django.utils.translation import gettext, gettext_noop

_FAMILIES = {
    "image": gettext_noop("Picture (%(format)s)"),
    "video": gettext_noop("Video (%(format)s)"),
    "audio": gettext_noop("Sound (%(format)s)"),
    "font": gettext_noop("Typeface (%(format)s)"),
    "message": gettext_noop("Message (%(format)s)"),
}
_FORMATS: Mapping[str, str] = {
    "image/svg+xml": "SVG",
    "image/vnd.adobe.photoshop": "Photoshop",
    "image/vnd.microsoft.icon": "Windows icon",
    "image/x-win-bitmap-cursor": "Windows cursor",
    "image/x-canon-cr3": "Canon CR3",
    "image/heic-sequence": "HEIC, several",
    "image/heif-sequence": "HEIF, several",
    "video/quicktime": "QuickTime",
    "video/x-matroska": "Matroska",
    "video/x-msvideo": "AVI",
    "video/x-ms-asf": "Windows Media",
    "video/x-flv": "Flash",
    "video/mp2t": "MPEG transport stream",
    "message/rfc822": "e-mail",
}
_WORDS: Mapping[str, str] = {
    "application/octet-stream": gettext_noop("Bytes of unknown kind"),
    "application/pdf": gettext_noop("PDF document"),
    "application/postscript": gettext_noop("PostScript document"),
    "application/epub+zip": gettext_noop("Book (EPUB)"),
    "application/x-mobipocket-ebook": gettext_noop("Book (Mobipocket)"),
    "text/rtf": gettext_noop("Document (RTF)"),
    "application/msword": gettext_noop("Word document, older"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": gettext_noop("Word document"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": gettext_noop("Excel table"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": gettext_noop("PowerPoint slides"),
    "application/vnd.oasis.opendocument.text": gettext_noop("OpenDocument text"),
    "application/vnd.oasis.opendocument.spreadsheet": gettext_noop("OpenDocument table"),
    "application/vnd.oasis.opendocument.presentation": gettext_noop("OpenDocument slides"),
    "application/vnd.oasis.opendocument.graphics": gettext_noop("OpenDocument drawing"),
    "application/x-ole-storage": gettext_noop("Older Office file"),
    "application/vnd.ms-outlook": gettext_noop("Outlook message"),
    "application/mbox": gettext_noop("Mailbox (mbox)"),
    "application/vnd.sqlite3": gettext_noop("Database (SQLite)"),
    "application/json": gettext_noop("Data (JSON)"),
    "application/xml": gettext_noop("Data (XML)"),
    "application/xhtml+xml": gettext_noop("Web page (XHTML)"),
    "application/x-bplist": gettext_noop("Settings of an Apple program"),
    "application/ogg": gettext_noop("Sound or video (Ogg)"),
    "application/x-riff": gettext_noop("Sound or video (RIFF)"),
    "application/zip": gettext_noop("Archive (ZIP)"),
    "application/gzip": gettext_noop("Compressed file (gzip)"),
    "application/x-bzip2": gettext_noop("Compressed file (bzip2)"),
    "application/x-xz": gettext_noop("Compressed file (xz)"),
    "application/x-lz4": gettext_noop("Compressed file (LZ4)"),
    "application/zstd": gettext_noop("Compressed file (Zstandard)"),
    "application/x-tar": gettext_noop("Archive (tar)"),
    "application/x-rar": gettext_noop("Archive (RAR)"),
    "application/vnd.rar": gettext_noop("Archive (RAR 5)"),
    "application/x-7z-compressed": gettext_noop("Archive (7z)"),
    "application/x-archive": gettext_noop("Archive (ar)"),
    "application/vnd.ms-cab-compressed": gettext_noop("Archive (Cabinet)"),
    "application/java-archive": gettext_noop("Java program"),
    "application/java-vm": gettext_noop("Java class"),
    "application/vnd.android.package-archive": gettext_noop("Android app"),
    "application/vnd.android.dex": gettext_noop("Code of an Android app"),
    "application/x-android-backup": gettext_noop("Android backup"),
    "application/vnd.debian.binary-package": gettext_noop("Debian package"),
    "application/vnd.microsoft.portable-executable": gettext_noop("Windows program"),
    "application/x-dosexec": gettext_noop("DOS program"),
    "application/x-elf": gettext_noop("Linux program"),
    "application/x-mach-binary": gettext_noop("Apple program"),
    "application/wasm": gettext_noop("WebAssembly program"),
    "application/x-bytecode.python": gettext_noop("Python bytecode"),
    "application/x-gettext-translation": gettext_noop("Translations of a program"),
    "application/x-ms-evtx": gettext_noop("Windows event log"),
    "application/x-ms-registry": gettext_noop("Windows registry"),
    "application/x-ms-shortcut": gettext_noop("Windows shortcut"),
    "application/x-ewf": gettext_noop("Disk image (EWF)"),
    "application/x-qemu-disk": gettext_noop("Disk image (QEMU)"),
    "application/x-vhdx": gettext_noop("Disk image (VHDX)"),
    "application/x-virtualbox-vhd": gettext_noop("Disk image (VHD)"),
    "application/x-virtualbox-vdi": gettext_noop("Disk image (VirtualBox)"),
    "application/x-vmdk": gettext_noop("Disk image (VMware)"),
    "text/plain": gettext_noop("Text"),
    "text/html": gettext_noop("Web page"),
    "text/xml": gettext_noop("Text (XML)"),
    "text/csv": gettext_noop("Table (CSV)"),
    "text/x-perl": gettext_noop("Program in Perl"),
    "text/x-shellscript": gettext_noop("Shell script"),
    "text/x-script.python": gettext_noop("Program in Python"),
    "text/calendar": gettext_noop("Calendar"),
    "text/vcard": gettext_noop("Contact (vCard)"),
    "inode/directory": gettext_noop("Folder"),
    "inode/symlink": gettext_noop("Link to another place"),
    "inode/fifo": gettext_noop("Pipe"),
    "inode/socket": gettext_noop("Socket"),
    "inode/blockdevice": gettext_noop("Block device"),
    "inode/chardevice": gettext_noop("Character device"),
    "inode/x-empty": gettext_noop("Empty file"),
}
_ENTRIES: Mapping[str, str] = {
    "file": gettext_noop("File"),
    "directory": gettext_noop("Folder"),
    "symlink": gettext_noop("Link to another place"),
    "hardlink": gettext_noop("Second name of an archive member"),
    "fifo": gettext_noop("Pipe"),
    "socket": gettext_noop("Socket"),
    "block": gettext_noop("Block device"),
    "character": gettext_noop("Character device"),
    "unknown": gettext_noop("Of unknown kind"),
}


def media_word(media_type: str) -> str:
    """A media type in words; itself where it has none."""
    if media_type in _WORDS:
        return gettext(_WORDS[media_type])
    family, _, rest = media_type.partition("/")
    if family in _FAMILIES and rest:
        known = _FORMATS.get(media_type)
        shown = gettext(known) if known else rest.removeprefix("x-").upper()
        return gettext(_FAMILIES[family]) % {"format": shown}
    return media_type


def entry_word(entry: str) -> str:
    """An entry's kind in words (:class:`amparo.evidence.item.Entry`); itself where it has none."""
    return gettext(_ENTRIES[entry]) if entry in _ENTRIES else entry
