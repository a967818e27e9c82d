"""Where the data come from: one module a source, none of them knows the others.

`catalog` says what exists, `download` fetches it, `cifar`, `idx`, `png_package`, `mosaic` and
`folders` read the formats, `named` finds out which of them a path is, `store` keeps the parsed
arrays, and `find` asks all of them in turn.
"""
