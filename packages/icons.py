"""Draws the program's icon in the sizes that systems ask for, from its one SVG.

python packages/icons.py
"""

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).resolve().parents[1] / "assets" / "application"
SIZES = (16, 32, 48, 64, 128, 256)


def main() -> int:
    renderer = QSvgRenderer(str(FOLDER / "framework-advisor.svg"))
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        image.save(str(FOLDER / f"framework-advisor-{size}.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
