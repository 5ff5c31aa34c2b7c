"""Disk images: told by content, and ordinary files never taken for one."""

import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.sources.disk_images import recognise


def boot(*entries: tuple[int, int, int, int]) -> bytes:
    data = bytearray(512)
    data[510:] = b"\x55\xaa"
    for number, (flag, kind, start, length) in enumerate(entries):
        struct.pack_into("<B3sB3s2I", data, 446 + 16 * number, flag, bytes(3), kind, bytes(3), start, length)
    return bytes(data)


def at(offset: int, magic: bytes) -> bytes:
    return bytes(offset) + magic + bytes(65_536 - offset - len(magic))


FAT = bytearray(b"\xeb\x3c\x90MSDOS5.0" + struct.pack("<HBHB", 512, 4, 1, 2) + bytes(4) + b"\xf8")
FAT = bytes(FAT + bytes(510 - len(FAT)) + b"\x55\xaa")
EXT = bytearray(at(1024, struct.pack("<2I", 1000, 4000) + bytes(48) + b"\x53\xef\1\0"))


@pytest.mark.parametrize(
    ("head", "name", "label"),
    [
        (b"EVF\x09\x0d\x0a\xff\0", b"a.E01", "EnCase image (EWF)"),
        (b"vhdxfile", b"x", "Hyper-V disk image (VHDX)"),
        (at(64, b"\x7f\x10\xda\xbe"), b"x", "VirtualBox disk image (VDI)"),
        (b"KDMV\1\0", b"x", "VMware disk image (VMDK)"),
        (b"QFI\xfb\0\0\0\3", b"x", "QEMU disk image (QCOW)"),
        (b"ADSEGMENTEDFILE\0", b"x", "AccessData logical image (AD1)"),
        (b"ANDROID BACKUP\n5\n1\nnone\n", b"x.ab", "Android backup"),
        (at(512, b"EFI PART"), b"x", "disk image with GPT partition table"),
        (boot((0x80, 7, 2048, 100_000), (0, 0x83, 102_048, 5000)), b"x", "disk image with MBR partition table"),
        (b"\xeb\x52\x90NTFS    " + bytes(600), b"x", "volume image (NTFS)"),
        (b"\xeb\x58\x90-FVE-FS-" + bytes(600), b"x", "encrypted volume (BitLocker)"),
        (FAT, b"x", "volume image (FAT)"),
        (bytes(EXT), b"x", "volume image (ext2, ext3 or ext4)"),
        (at(1024, b"H+\0\4"), b"x", "volume image (HFS+)"),
        (at(32, b"NXSB"), b"x", "volume image (APFS)"),
        (at(32_769, b"CD001\1"), b"x", "optical disc image (ISO 9660)"),
        (b"LUKS\xba\xbe\0\2", b"x", "encrypted volume (LUKS)"),
        (b"PK\3\4" + bytes(40), b"Phone.UFDR", "Cellebrite report (UFDR)"),
        (b"PK\3\4" + bytes(40), b"x.clbx", "Cellebrite extraction (CLBX)"),
        (b"\xef\xbb\xbf[Backup]\r\nType=Physical\r\n", b"a.ufd", "Cellebrite extraction description (UFD)"),
        (b"SQLite format 3\0", b"dir/Manifest.db", "iTunes backup manifest"),
    ],
)
def test_images(head: bytes, name: bytes, label: str) -> None:
    assert recognise(head, name) == label


def test_by_the_tail() -> None:
    assert recognise(b"x" * 600, b"a.dmg", b"koly" + bytes(508)) == "Apple disk image (DMG)"
    assert recognise(b"x" * 600, b"a.vhd", b"conectix" + bytes(504)) == "Virtual PC disk image (VHD)"


@pytest.mark.parametrize(
    "head",
    [
        b"", b"PK\3\4" + bytes(40), b"\xff\xd8\xff\xe0", b"SQLite format 3\0", b"plain text", bytes(65_536),
        boot(), boot((0x33, 7, 1, 1)), boot((0, 7, 0, 5)), boot((0, 7, 1, 50), (0, 7, 20, 50)), boot((0, 0, 5, 5)),
        os.urandom(510) + b"\x55\xaa",
    ],
)  # fmt: skip
def test_ordinary_files(head: bytes) -> None:
    assert recognise(head, b"file.bin") is None


@given(st.binary(max_size=3000), st.binary(max_size=20), st.binary(max_size=512))
def test_anything(head: bytes, name: bytes, tail: bytes) -> None:
    recognise(head, name, tail)
