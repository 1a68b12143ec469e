"""A static site that recognizes in the visitor's browser: the page of `mien serve` with another `api.js`.

`site.write_site` is the entry point. `browser/` has the JavaScript: the pipeline of `mien.detection` and
`mien.recognition`, whose constants come from `manifest`.
"""
