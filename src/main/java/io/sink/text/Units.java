package io.sink.text;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and durations as people write and read them. What cannot be read is an {@link IllegalArgumentException} whose
 * message says what is wrong and what to write but does not repeat the text: it may hold a secret, and the caller knows
 * what of it can be shown.
 */
public final class Units {

    private static final Map<String, Long> SIZES = Map.ofEntries(
            Map.entry("", 1L),
            Map.entry("b", 1L),
            Map.entry("kib", 1L << 10),
            Map.entry("mib", 1L << 20),
            Map.entry("gib", 1L << 30),
            Map.entry("tib", 1L << 40),
            Map.entry("pib", 1L << 50),
            Map.entry("kb", 1_000L),
            Map.entry("mb", 1_000_000L),
            Map.entry("gb", 1_000_000_000L),
            Map.entry("tb", 1_000_000_000_000L),
            Map.entry("pb", 1_000_000_000_000_000L));

    private static final Pattern SIZE = Pattern.compile("(0|[1-9][0-9]*)(\\.[0-9]+)? ?([A-Za-z]*)");
    private static final Pattern COUNT = Pattern.compile("0|[1-9][0-9]*");
    private static final Pattern DURATION = Pattern.compile("(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?");
    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}.*");
    private static final Duration LONGEST = Duration.ofDays(365_000);

    private Units() {}

    /**
     * A number of bytes, 0 or more: {@code 512MiB} and {@code 10GiB} count in 1024s, {@code 1GB} in 1000s, a bare
     * number is bytes.
     */
    public static long parseSize(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new IllegalArgumentException(
                    text.startsWith("-")
                            ? "is negative; write a size such as 512MiB"
                            : "is not a size; write 512MiB, 10GiB, 1GB or a number of bytes");
        }
        Long unit = SIZES.get(size.group(3).toLowerCase(Locale.ROOT));
        if (unit == null) {
            throw new IllegalArgumentException(
                    "has an unknown unit; write B, KiB, MiB, GiB, TiB, PiB or KB, MB, GB, TB, PB");
        }
        String fraction = size.group(2) == null ? "" : size.group(2);
        BigDecimal bytes = new BigDecimal(size.group(1) + fraction).multiply(BigDecimal.valueOf(unit));
        try {
            return bytes.longValueExact();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    bytes.stripTrailingZeros().scale() > 0
                            ? "is not a whole number of bytes; write it in a smaller unit"
                            : "is too large; the largest size is 9223372036854775807 bytes",
                    e);
        }
    }

    /** A whole number from {@code least} up, in plain digits: no sign, no leading zero, no separators. */
    public static int parseCount(String text, int least) {
        if (!COUNT.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "is not a whole number in plain digits; write a number from " + least + " up");
        }
        int count;
        try {
            count = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("is too large; the largest number is " + Integer.MAX_VALUE, e);
        }
        if (count < least) {
            throw new IllegalArgumentException("is too small; write a number from " + least + " up");
        }
        return count;
    }

    /**
     * A span of time, 0 or more and at most 365000 days: {@code 5d}, {@code 12h}, {@code 30m}, {@code 90s}, {@code
     * 1d12h}, {@code PT5H}, {@code P5D}. A bare number is refused: Iceberg's own properties count milliseconds, cron
     * users think in hours.
     */
    public static Duration parseDuration(String text) {
        if (COUNT.matcher(text).matches()) {
            throw new IllegalArgumentException("has no unit; write a duration such as 5d, 12h, 30m, 90s or PT5H");
        }
        Duration duration;
        try {
            duration = text.startsWith("P") || text.startsWith("-P") ? Duration.parse(text) : compact(text);
        } catch (DateTimeParseException | ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "is not a duration; write it in days, hours, minutes and seconds such as 5d, 1d12h or PT5H", e);
        }
        if (duration.isNegative()) {
            throw new IllegalArgumentException("is negative; write a duration such as 5d, 12h or PT5H");
        }
        if (duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("is too long; the longest duration is 365000d");
        }
        return duration;
    }

    private static Duration compact(String text) {
        Matcher parts = DURATION.matcher(text);
        if (text.isEmpty() || !parts.matches()) {
            if (text.startsWith("-")) {
                throw new IllegalArgumentException("is negative; write a duration such as 5d, 12h or PT5H");
            }
            throw new NumberFormatException("no duration");
        }
        return Duration.ofDays(number(parts.group(1)))
                .plusHours(number(parts.group(2)))
                .plusMinutes(number(parts.group(3)))
                .plusSeconds(number(parts.group(4)));
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    /** Whether the text starts like a date, so that an instant was meant and not a duration. */
    public static boolean looksLikeInstant(String text) {
        return DATE.matcher(text).matches();
    }

    /** An RFC 3339 instant with its offset: {@code 2026-11-01T00:00:00Z}. */
    public static Instant parseInstant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "is not an instant; write date, time and offset such as 2026-11-01T00:00:00Z", e);
        }
    }

    /** A span of time for a person, down to milliseconds: {@code 5d}, {@code 1h30m}, {@code 1.5s}, {@code 0s}. */
    public static String duration(Duration duration) {
        if (duration.isNegative()) {
            return "-" + duration(duration.negated());
        }
        StringBuilder text = new StringBuilder();
        part(text, duration.toDaysPart(), "d");
        part(text, duration.toHoursPart(), "h");
        part(text, duration.toMinutesPart(), "m");
        BigDecimal seconds = BigDecimal.valueOf(duration.toSecondsPart() * 1000L + duration.toMillisPart(), 3);
        if (seconds.signum() != 0 || text.isEmpty()) {
            text.append(seconds.stripTrailingZeros().toPlainString()).append('s');
        }
        return text.toString();
    }

    private static void part(StringBuilder text, long amount, String unit) {
        if (amount != 0) {
            text.append(amount).append(unit);
        }
    }
}
