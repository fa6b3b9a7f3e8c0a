package io.sink.pages;

/** How compressed bytes of a source were merged. */
public enum Share {
    /** Pages were copied unchanged. */
    COPIED("copied without decoding"),
    /** Dictionary ids were mapped to those of a merged dictionary. */
    REMAPPED("with their dictionaries merged"),
    /** Small pages, or pages without some of their rows, were joined. */
    COALESCED("joined to larger pages"),
    /** Values were moved one by one. */
    TRANSCODED("re-encoded");

    private final String words;

    Share(String words) {
        this.words = words;
    }

    /** What was done, for a person. */
    public String words() {
        return words;
    }
}
