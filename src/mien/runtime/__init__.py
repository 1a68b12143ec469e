"""Inference: the one place that imports ONNX Runtime and OpenVINO, and opens graphs with them.

    from mien.runtime.opening import open_graph

    graph = open_graph(content, engine="auto", threads=2)      # bytes of an ONNX file
    outputs = graph.run({"input": array})                      # name -> array
    some = graph.run({"input": array}, ["cls_8", "bbox_8"])    # only these outputs

A `Graph` (`base.py`) is thread-safe, takes any shape that the graph allows from call to call, and logs
nothing. `with_dynamic_shapes` (`shapes.py`) frees the input of a graph whose file fixes it. Whatever a
runtime raises becomes an error of mien by `failures_as` (`failures.py`). `threads.py` has the number of
threads. `libraries.py` imports both libraries without their telemetry: whoever needs more of them than a
graph, such as quantization, imports them through it.
"""
