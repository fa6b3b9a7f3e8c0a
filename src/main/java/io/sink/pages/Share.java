package io.sink.pages;

/** What was done with the compressed bytes of a source. */
public enum Share {
    /** Pages went on as they were. */
    COPIED,
    /** Dictionary ids were mapped to those of a merged dictionary. */
    REMAPPED,
    /** Small pages, or pages without some of their rows, were joined. */
    COALESCED,
    /** Values were moved one by one. */
    TRANSCODED
}
