package io.sink.outcome;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of several parts into which the tables of all catalogs are divided, so that as many runs can share them. Which
 * part a table is in follows from its name alone, and never changes for a count.
 *
 * @param number which part, from 1 on
 * @param count how many there are
 * @ref LLP 0033#hash
 */
public record Shard(int number, int count) {
    /** The only one: every table. */
    public static final Shard WHOLE = new Shard(1, 1);

    private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,5})/([1-9][0-9]{0,5})");

    public Shard {
        if (number < 1 || number > count) {
            throw new IllegalArgumentException("there is no shard " + number + " of " + count);
        }
    }

    /**
     * Reads {@code 3/16}.
     *
     * @throws IllegalArgumentException if it is none, saying what one looks like
     */
    public static Shard of(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > Integer.parseInt(matcher.group(2))) {
            throw new IllegalArgumentException("is no shard; the third of sixteen is 3/16, and the first 1/16");
        }
        return new Shard(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    /** Whether it is one of several. */
    public boolean isPart() {
        return count > 1;
    }

    /**
     * Whether a table is in this part: by the first eight bytes of the SHA-256 of its name in UTF-8.
     *
     * @param table its full name, with the catalog's
     */
    public boolean has(String table) {
        if (!isPart()) {
            return true;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(table.getBytes(StandardCharsets.UTF_8));
            return Long.remainderUnsigned(ByteBuffer.wrap(hash).getLong(), count) == number - 1;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return number + "/" + count;
    }
}
