package io.sink.pages;

/** How compressed bytes of a source were merged. */
public enum Share {
    /** Pages were copied unchanged. */
    COPIED,
    /** Dictionary ids were mapped to those of a merged dictionary. */
    REMAPPED,
    /** Small pages, or pages without some of their rows, were joined. */
    COALESCED,
    /** Values were moved one by one. */
    TRANSCODED
}
