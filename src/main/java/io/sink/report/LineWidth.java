package io.sink.report;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jline.utils.WCWidth;

/**
 * The width of lines where text is printed; breaks text into lines of that width.
 *
 * <p>Secrets are taken out before a text is broken: neither half of a secret in two lines would be recognised.
 *
 * @param columns cells of a terminal, of which a wide character takes two
 * @param redaction gives a text without its secrets
 */
public record LineWidth(int columns, UnaryOperator<String> redaction) {
    private static final UnaryOperator<String> NOTHING = text -> text;

    /** For files and pipes: nothing is wrapped, so that each line of the report stays one line. */
    public static final LineWidth ENDLESS = new LineWidth(Integer.MAX_VALUE);

    /** For texts that hold no secret. */
    LineWidth(int columns) {
        this(columns, NOTHING);
    }

    private static final String BREAKABLE_AFTER = "/_=";

    /** The cells that a text takes. */
    static int of(String text) {
        return text.codePoints().map(LineWidth::of).sum();
    }

    private static int of(int codePoint) {
        return Math.max(0, WCWidth.wcwidth(codePoint));
    }

    /** The text, or as much of its end as fits into so many cells, after an ellipsis. */
    public static String ending(String text, int cells) {
        if (of(text) <= cells) {
            return text;
        }
        int from = text.length();
        for (int room = cells - 1; from > 0; from -= Character.charCount(text.codePointBefore(from))) {
            room -= of(text.codePointBefore(from));
            if (room < 0) {
                break;
            }
        }
        return "…" + text.substring(from);
    }

    /** The width of the widest part of the text that is broken only if there is no room for it by itself. */
    static int ofWidestPart(String text) {
        return words(text).stream()
                .flatMap(word -> parts(word).stream())
                .mapToInt(part -> of(part.stripTrailing()))
                .max()
                .orElse(0);
    }

    /**
     * The text in lines, no character lost but the blanks at which it is broken: between words, within a word that no
     * line holds, within a part of one that no line holds. A figure stays with its unit.
     *
     * @param indent blanks before every line but the first
     */
    public List<String> wrapped(String whole, int indent) {
        String text = redaction.apply(whole);
        if (of(text) <= columns) {
            return List.of(text);
        }
        Filling filling = new Filling(indent);
        for (String word : words(text)) {
            if (of(word.stripTrailing()) <= columns - indent) {
                filling.add(word);
            } else {
                parts(word).forEach(filling::add);
            }
        }
        return filling.lines();
    }

    /** The words, each with the blanks after it; blanks before the first word belong to it. */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        int start = 0;
        for (int i = 1; i < text.length(); i++) {
            boolean begins = text.charAt(i - 1) == ' ' && text.charAt(i) != ' ';
            boolean first = text.substring(start, i).isBlank();
            if (begins && !first && !isUnit(text, i)) {
                words.add(text.substring(start, i));
                start = i;
            }
        }
        words.add(text.substring(start));
        return words;
    }

    private static boolean isUnit(String text, int at) {
        return at > 1
                && Character.isDigit(text.charAt(at - 2))
                && (Character.isLetter(text.charAt(at)) || text.charAt(at) == '%');
    }

    private static List<String> parts(String word) {
        BreakIterator breaks = BreakIterator.getLineInstance(Locale.ROOT);
        breaks.setText(word);
        List<String> parts = new ArrayList<>();
        int start = 0;
        for (int i = 1; i <= word.length(); i++) {
            boolean figure = i < word.length() && word.charAt(i - 1) == ' ' && isUnit(word, i);
            if (i == word.length()
                    || (!figure && (breaks.isBoundary(i) || BREAKABLE_AFTER.indexOf(word.charAt(i - 1)) >= 0))) {
                parts.add(word.substring(start, i));
                start = i;
            }
        }
        return parts;
    }

    private final class Filling {
        private final List<String> lines = new ArrayList<>();
        private final String indentation;
        private final StringBuilder line = new StringBuilder();
        private int used;
        private boolean begun;

        Filling(int indent) {
            this.indentation = " ".repeat(indent);
        }

        void add(String part) {
            String shown = part.stripTrailing();
            if (begun && used + of(shown) > columns) {
                end();
            }
            if (used + of(shown) <= columns) {
                append(part);
                return;
            }
            part.codePoints().forEach(c -> {
                if (begun && used + of(c) > columns) {
                    end();
                }
                append(Character.toString(c));
            });
        }

        private void append(String text) {
            line.append(text);
            used += of(text);
            begun = true;
        }

        private void end() {
            lines.add(line.toString().stripTrailing());
            line.setLength(0);
            line.append(indentation);
            used = indentation.length();
            begun = false;
        }

        List<String> lines() {
            if (begun) {
                end();
            }
            return List.copyOf(lines);
        }
    }
}
