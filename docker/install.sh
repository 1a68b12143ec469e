#!/bin/sh
# Install mien[serve] into a new virtual environment without what a server doesn't need.
#
#   docker/install.sh FOLDER [PYTHON]
#
# The Dockerfile and docker/check.sh run it in the folder of the sources.
set -eu
folder=$1
python=${2:-python3}
builder=$(mktemp -d)
"$python" -m venv "$builder"
"$python" -m venv --without-pip "$folder"
"$builder/bin/pip" --quiet --python "$folder/bin/python" install --no-cache-dir --constraint constraints.txt '.[serve]'
rm -rf "$builder"
cd "$folder"/lib/python3*/site-packages
# Tests, sources of other languages and data of functions that aren't used.
rm -rf onnx/backend/test cv2/data numpy/tests numpy/*/tests numpy/f2py numpy/distutils
rm -rf onnxruntime/transformers onnxruntime/tools onnxruntime/quantization
find . -name '*.pyi' -delete
# The Python module of ONNX Runtime contains the runtime; this is the library for programs in C.
for module in onnxruntime/capi/onnxruntime_pybind11_state*.so; do
    grep -q 'libonnxruntime\.so' "$module" || rm -f onnxruntime/capi/libonnxruntime.so*
done
