"""Disk images and phone extractions: recognised, so that nobody scans one as if it were an ordinary file."""

import itertools
import struct

_TABLE: tuple[tuple[int, bytes, str], ...] = (
    (0, b"EVF\x09\x0d\x0a\xff\x00", "EnCase image (EWF)"),
    (0, b"EVF2\x0d\x0a\x81\x00", "EnCase image (EWF2)"),
    (0, b"LVF\x09\x0d\x0a\xff\x00", "EnCase logical image (L01)"),
    (0, b"LEF2\x0d\x0a\x81\x00", "EnCase logical image (Lx01)"),
    (0, b"ADSEGMENTEDFILE\x00", "AccessData logical image (AD1)"),
    (0, b"ADCRYPT\x00", "encrypted AccessData image"),
    (0, b"KDMV", "VMware disk image (VMDK)"),
    (0, b"COWD", "VMware disk image (VMDK)"),
    (0, b"# Disk DescriptorFile", "VMware disk image descriptor (VMDK)"),
    (0, b"vhdxfile", "Hyper-V disk image (VHDX)"),
    (0, b"conectix", "Virtual PC disk image (VHD)"),
    (64, b"\x7f\x10\xda\xbe", "VirtualBox disk image (VDI)"),
    (0, b"QFI\xfb", "QEMU disk image (QCOW)"),
    (0, b"AFF10\r\n\x00", "Advanced Forensic Format image (AFF)"),
    (0, b"ANDROID BACKUP\n", "Android backup"),
    (0, b"LUKS\xba\xbe", "encrypted volume (LUKS)"),
    (3, b"-FVE-FS-", "encrypted volume (BitLocker)"),
    (3, b"NTFS    ", "volume image (NTFS)"),
    (3, b"EXFAT   ", "volume image (exFAT)"),
    (0, b"XFSB\x00\x00", "volume image (XFS)"),
    (1024, b"\x10\x20\xf5\xf2", "volume image (F2FS)"),
    (32, b"NXSB", "volume image (APFS)"),
    (32769, b"CD001\x01", "optical disc image (ISO 9660)"),
    (512, b"EFI PART", "disk image with GPT partition table"),
    (4096, b"EFI PART", "disk image with GPT partition table"),
)
_NAMES: tuple[tuple[bytes, bytes, str], ...] = (  # (end of the name, first bytes, label)
    (b".ufdr", b"PK\x03\x04", "Cellebrite report (UFDR)"),
    (b".clbx", b"PK\x03\x04", "Cellebrite extraction (CLBX)"),
    (b".aff4", b"PK\x03\x04", "Advanced Forensic Format image (AFF4)"),
    (b".dar", b"\x00\x00\x00\x7b", "phone extraction archive (DAR)"),
)
_SECTOR = 512
_BOOTABLE = (0x00, 0x80)


def recognise(head: bytes, name: bytes, tail: bytes = b"") -> str | None:
    """What kind of image a file is, in plain English, or None.

    ``head`` is the first bytes (64 KiB), ``tail`` the last 512. The name only counts together with the content: a
    UFDR is a ZIP like any other.
    """
    for offset, magic, label in _TABLE:
        if head.startswith(magic, offset):
            return label
    lower = name.lower()
    for suffix, magic, label in _NAMES:
        if lower.endswith(suffix) and head.startswith(magic):
            return label
    if head.startswith(b"PK\x03\x04") and b"container.description" in head[:256]:
        return "Advanced Forensic Format image (AFF4)"
    if _is_ufd(head, lower):
        return "Cellebrite extraction description (UFD)"
    manifest = lower.rsplit(b"/", 1)[-1] in (b"manifest.db", b"manifest.mbdb")
    if manifest and head.startswith((b"SQLite format 3\0", b"mbdb")):
        return "iTunes backup manifest"
    if len(tail) >= _SECTOR and tail[-_SECTOR:-508] == b"koly":
        return "Apple disk image (DMG)"
    if tail[-_SECTOR:].startswith(b"conectix"):
        return "Virtual PC disk image (VHD)"
    return _volume(head) or ("disk image with MBR partition table" if _has_partitions(head) else None)


def _is_ufd(head: bytes, lower: bytes) -> bool:
    text = head[:4096].removeprefix(b"\xef\xbb\xbf").lower()
    return lower.endswith(b".ufd") and text.lstrip().startswith(b"[") and (b"[backup]" in text or b"[dumps]" in text)


def _volume(head: bytes) -> str | None:
    """File systems that take more than one look."""
    if len(head) >= 1024 + 264 and head[1024 + 56 : 1024 + 58] == b"\x53\xef" and _sane_ext(head[1024:]):
        return "volume image (ext2, ext3 or ext4)"
    if head[1024:1028] in (b"H+\x00\x04", b"HX\x00\x05"):
        return "volume image (HFS+)"
    if _sane_fat(head):
        return "volume image (FAT)"
    return None


def _sane_ext(block: bytes) -> bool:
    inodes, blocks = struct.unpack_from("<2I", block)
    log_size, state = struct.unpack_from("<I", block, 24)[0], struct.unpack_from("<H", block, 58)[0]
    return bool(inodes > 0 and blocks > 0 and log_size <= 6 and state <= 7)


def _sane_fat(head: bytes) -> bool:
    """BIOS parameter block (Microsoft FAT specification 1.03): the numbers must fit together, not just the letters."""
    if len(head) < _SECTOR or head[510:512] != b"\x55\xaa" or head[0] not in (0xEB, 0xE9):
        return False
    sector, cluster, reserved, fats = struct.unpack_from("<HBHB", head, 11)
    media = head[21]
    return bool(
        sector in (512, 1024, 2048, 4096)
        and cluster in (1, 2, 4, 8, 16, 32, 64, 128)
        and reserved > 0
        and fats in (1, 2)
        and (media == 0xF0 or media >= 0xF8)
    )


def _has_partitions(head: bytes) -> bool:
    """A boot record's four entries: used ones have a sane flag, a type, a place and a length, and none overlap."""
    if len(head) < _SECTOR or head[510:512] != b"\x55\xaa":
        return False
    used: list[tuple[int, int]] = []
    for at in range(446, 510, 16):
        entry = head[at : at + 16]
        flag, kind = entry[0], entry[4]
        start, length = struct.unpack_from("<2I", entry, 8)
        if flag not in _BOOTABLE:
            return False
        if kind == 0:
            if entry.strip(b"\0"):
                return False
            continue
        if start == 0 or length == 0:
            return False
        used.append((start, start + length))
    used.sort()
    return bool(used) and all(left[1] <= right[0] for left, right in itertools.pairwise(used))
