package io.sink.config;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A text with what stands for characters in it replaced by them, so that what it holds is known whatever was escaped:
 * encoders of URLs differ in what they leave as it is, and writers of JSON in whether they escape a slash.
 *
 * @param text the text without escapes
 * @param starts where each of its characters begins in the text as it was, and after them where that ends
 */
record Unescaped(String text, int[] starts) {

    /** What stands at a position: its character in the low 16 bits, the escape's length above them; 0 for none. */
    private interface Escapes {
        int at(String text, int position);
    }

    /** As a text of JSON has it; null where nothing is escaped. */
    static @Nullable Unescaped json(String text) {
        return text.indexOf('\\') < 0 ? null : of(text, Unescaped::inJson);
    }

    /** With what is escaped in its own text of JSON too; null where nothing is. */
    @Nullable
    Unescaped again() {
        Unescaped more = json(text);
        return more == null ? null : more.within(this);
    }

    /** With each {@code %41} as the byte that it stands for, until there is none; null where there is none. */
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

    /** The same, in places of the text that the other one was made of. */
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

    /** Adds positions of the text without escapes to those of the text as it was. */
    void spread(BitSet found, BitSet to) {
        for (int at = found.nextSetBit(0); at >= 0; at = found.nextSetBit(at + 1)) {
            to.set(starts[at], starts[at + 1]);
        }
    }
}
