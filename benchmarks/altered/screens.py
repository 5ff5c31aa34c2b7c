"""Alterations by way of a screen: screenshots of a phone and of a desktop, and a photograph taken of a screen."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

PHONE = (720, 1560)  # pixels, 19.5:9
DESKTOP = (1440, 900)
_Point = tuple[float, float]


def phone(image: Image.Image, ground: str) -> Image.Image:
    """In an app: status bar, app bar with title, the picture as wide as the screen, buttons below."""
    dark = ground == "black"
    ink, bar = ((230, 230, 230), (24, 24, 26)) if dark else ((40, 40, 40), (244, 244, 246))
    made = Image.new("RGB", PHONE, ground)
    draw, small, large = ImageDraw.Draw(made), ImageFont.load_default(26), ImageFont.load_default(36)
    draw.rectangle((0, 0, PHONE[0], 168), fill=bar)
    draw.text((32, 16), "12:41", fill=ink, font=small)
    draw.rectangle((PHONE[0] - 84, 20, PHONE[0] - 32, 42), outline=ink, width=3)
    draw.rectangle((PHONE[0] - 80, 24, PHONE[0] - 52, 38), fill=ink)
    draw.line((56, 96, 34, 116, 56, 136), fill=ink, width=5)
    draw.text((92, 92), "Garden club", fill=ink, font=large)
    draw.rectangle((0, PHONE[1] - 140, PHONE[0], PHONE[1]), fill=bar)
    for x in range(120, PHONE[0], 160):
        draw.ellipse((x - 24, PHONE[1] - 104, x + 24, PHONE[1] - 56), outline=ink, width=5)
    shown = ImageOps.contain(image, (PHONE[0], PHONE[1] - 168 - 140))
    made.paste(shown, ((PHONE[0] - shown.width) // 2, 168 + (PHONE[1] - 308 - shown.height) // 2))
    return made


def desktop(image: Image.Image) -> Image.Image:
    """In a viewer's window before a plain wallpaper, with title bar, toolbar and a panel at the bottom."""
    ramp = Image.linear_gradient("L").resize(DESKTOP)
    made = ImageOps.colorize(ramp, (24, 60, 92), (120, 168, 190))
    draw, font = ImageDraw.Draw(made), ImageFont.load_default(18)
    draw.rectangle((0, 860, 1440, 900), fill=(34, 36, 40))
    for x in range(16, 300, 48):
        draw.rectangle((x, 868, x + 24, 892), fill=(90 + x // 4, 140, 170))
    draw.text((1360, 870), "14:03", fill=(230, 230, 230), font=font)
    draw.rectangle((180, 60, 1260, 820), fill=(250, 250, 250), outline=(60, 60, 60))
    draw.rectangle((180, 60, 1260, 94), fill=(222, 224, 228))
    draw.text((200, 67), "Picture viewer", fill=(30, 30, 30), font=font)
    for x in (1184, 1210, 1236):
        draw.ellipse((x, 70, x + 14, 84), fill=(150, 150, 156))
    for x in range(200, 500, 60):
        draw.rectangle((x, 102, x + 40, 126), outline=(120, 120, 120), width=2)
    shown = ImageOps.contain(image, (1060, 670))
    made.paste(shown, (180 + (1080 - shown.width) // 2, 136 + (674 - shown.height) // 2))
    return made


def photographed_screen(image: Image.Image) -> Image.Image:
    """Seen askew by 3 % of the side, with the moire of two pixel grids, uneven light, and a dark rim at one side."""
    width, height = image.size
    dx, dy = 0.03 * width, 0.03 * height
    seen = [(0.0, dy), (width - dx, 0.0), (float(width), height - dy), (dx, float(height))]
    corners = [(0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height))]
    warp = _perspective(seen, corners)
    turned = image.transform(
        image.size, Image.Transform.PERSPECTIVE, warp, Image.Resampling.BICUBIC, fillcolor=(16, 16, 18)
    )
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    moire = np.sin(columns * 0.55 + rows * 0.04) * np.sin(rows * 0.52 - columns * 0.03)
    light = 1.05 - 0.2 * (columns / width) - 0.1 * (rows / height)
    shaded = np.asarray(turned, np.float32) * light[..., None] + 9 * moire[..., None]
    return Image.fromarray(np.clip(shaded, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))


def _perspective(seen: list[_Point], source: list[_Point]) -> list[float]:
    """The eight coefficients with which Pillow takes each seen point from its source point."""
    rows, values = [], []
    for (x, y), (u, v) in zip(seen, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(each) for each in np.linalg.solve(np.array(rows), np.array(values))]
