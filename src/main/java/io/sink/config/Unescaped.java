package io.sink.config;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A text with its escapes decoded, so that a value is found however it was escaped: encoders of URLs differ in what
 * they escape, and writers of JSON in whether they escape a slash.
 *
 * @param text the decoded text
 * @param starts where each of its characters begins in the original text, followed by the original text's length
 */
record Unescaped(String text, int[] starts) {

    /** The escape at a position: its character in the low 16 bits, its length above them; 0 if there is none. */
    private interface Escapes {
        int at(String text, int position);
    }

    /** With JSON escapes decoded; null if there are none. */
    static @Nullable Unescaped json(String text) {
        return text.indexOf('\\') < 0 ? null : of(text, Unescaped::inJson);
    }

    /** With the JSON escapes of the decoded text decoded too; null if there are none. */
    @Nullable
    Unescaped again() {
        Unescaped more = json(text);
        return more == null ? null : more.within(this);
    }

    /** With escapes such as {@code %41} decoded, one byte a character, until none is left; null if there is none. */
    static @Nullable Unescaped percent(String text) {
        if (text.indexOf('%') < 0) {
            return null;
        }
        Unescaped once = of(text, Unescaped::inUrl);
        if (once == null) {
            return null;
        }
        Unescaped twice = percent(once.text());
        return twice == null ? once : twice.within(once);
    }

    private static @Nullable Unescaped of(String escaped, Escapes escapes) {
        StringBuilder text = new StringBuilder();
        int[] starts = new int[escaped.length() + 1];
        for (int at = 0; at < escaped.length(); ) {
            starts[text.length()] = at;
            int escape = escapes.at(escaped, at);
            text.append(escape == 0 ? escaped.charAt(at) : (char) escape);
            at += Math.max(1, escape >> 16);
        }
        starts[text.length()] = escaped.length();
        return text.length() == escaped.length() ? null : new Unescaped(text.toString(), starts);
    }

    /** The same text, with positions in the text that the other one was made from. */
    private Unescaped within(Unescaped other) {
        int[] both = new int[text.length() + 1];
        for (int i = 0; i < both.length; i++) {
            both[i] = other.starts[starts[i]];
        }
        return new Unescaped(text, both);
    }

    private static int inUrl(String text, int at) {
        if (text.charAt(at) != '%' || at + 2 >= text.length()) {
            return 0;
        }
        int high = Character.digit(text.charAt(at + 1), 16);
        int low = Character.digit(text.charAt(at + 2), 16);
        return high < 0 || low < 0 ? 0 : 3 << 16 | high << 4 | low;
    }

    private static int inJson(String text, int at) {
        if (text.charAt(at) != '\\' || at + 1 == text.length()) {
            return 0;
        }
        char escaped = text.charAt(at + 1);
        return switch (escaped) {
            case 'n', 'r' -> 2 << 16 | '\n';
            case 't' -> 2 << 16 | '\t';
            case '/', '"', '\\' -> 2 << 16 | escaped;
            default -> 0;
        };
    }

    /** Adds the positions of the original text that these positions of the decoded text stand for. */
    void spread(BitSet found, BitSet to) {
        for (int at = found.nextSetBit(0); at >= 0; at = found.nextSetBit(at + 1)) {
            to.set(starts[at], starts[at + 1]);
        }
    }
}
