package io.sink.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * JSON in which every character that could move a terminal's cursor, hide or turn what is written is escaped, so that a
 * document can be looked at as it is. It parses to the same values.
 *
 * <p>All characters beyond the Basic Multilingual Plane are escaped: generators look at one half of a pair at a time,
 * and some of them hide.
 */
public final class VisibleJson extends CharacterEscapes {
    private static final long serialVersionUID = 1L;
    private static final int DELETE = 0x7f;

    /** Makes generators that write such JSON, and leave what they write to open. */
    public static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .characterEscapes(new VisibleJson())
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .build();

    private VisibleJson() {}

    /** The same document, from a writer that escapes less. */
    public static String of(String json) {
        StringBuilder visible = new StringBuilder(json.length());
        json.chars().forEach(c -> {
            // Outside of strings, JSON is plain ASCII.
            if (c >= DELETE && hides((char) c)) {
                visible.append(escape(c));
            } else {
                visible.append((char) c);
            }
        });
        return visible.toString();
    }

    private static boolean hides(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static String escape(int c) {
        return String.format(Locale.ROOT, "\\u%04X", c);
    }

    @Override
    public int[] getEscapeCodesForAscii() {
        int[] codes = standardAsciiEscapesForJSON();
        codes[DELETE] = ESCAPE_STANDARD;
        return codes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int c) {
        return hides((char) c) ? new SerializedString(escape(c)) : null;
    }
}
