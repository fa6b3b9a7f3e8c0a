package io.sink.text;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Figures and names for a person to read. */
public final class Human {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    /** From here on one decimal rounds up to 1024, which is 1 of the next unit. */
    private static final double FULL = 1023.95;

    /** From here on one decimal rounds up to sixty. */
    private static final Duration ALMOST_A_MINUTE = Duration.ofMillis(59_950);

    private Human() {}

    /** Bytes to one decimal in binary units: {@code 38.2 GiB}, {@code 17 B}. */
    public static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (Math.abs(value) >= (unit == 0 ? 1024 : FULL) && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }

    /** Two figures of bytes; written in full if they differ but would look the same. */
    public static List<String> apart(long one, long other) {
        boolean alike = one != other && bytes(one).equals(bytes(other));
        return alike ? List.of(count(one) + " bytes", count(other) + " bytes") : List.of(bytes(one), bytes(other));
    }

    /** Bytes before and after, with their unit once where it is the same: {@code 3.1 → 2.9 GiB}. */
    public static String change(long before, long after) {
        String from = bytes(before);
        String to = bytes(after);
        String unit = to.substring(to.indexOf(' '));
        return (from.endsWith(unit) ? from.substring(0, from.length() - unit.length()) : from) + " → " + to;
    }

    /** A count with its thousands separated by commas. */
    public static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** A count of things: {@code 1 file}, {@code 2,110 files}. */
    public static String count(long count, String thing) {
        return count(count) + " " + thing + (count == 1 ? "" : "s");
    }

    /** Seconds to one decimal, minutes and hours where they are needed: {@code 11.4s}, {@code 3m08s}, {@code 2h05m}. */
    public static String duration(Duration duration) {
        if (duration.compareTo(ALMOST_A_MINUTE) < 0) {
            return String.format(Locale.ROOT, "%.1fs", duration.toMillis() / 1000.0);
        }
        if (duration.compareTo(Duration.ofMinutes(1)) < 0) {
            return "1m00s";
        }
        if (duration.toHours() < 1) {
            return String.format(Locale.ROOT, "%dm%02ds", duration.toMinutes(), duration.toSecondsPart());
        }
        return String.format(Locale.ROOT, "%dh%02dm", duration.toHours(), duration.toMinutesPart());
    }

    /**
     * The text with every character that could move a terminal's cursor, change its colours or turn its writing
     * direction replaced by its escape, for example {@code \u001b}.
     */
    public static String plain(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            int type = Character.getType(c);
            boolean hostile = type == Character.CONTROL
                    || type == Character.FORMAT
                    || type == Character.SURROGATE
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR;
            if (hostile) {
                plain.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                plain.appendCodePoint(c);
            }
        });
        return plain.toString();
    }
}
