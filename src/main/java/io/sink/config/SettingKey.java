package io.sink.config;

import io.sink.expire.ExpirePolicy;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A setting that can be made in the file, as a flag and in the environment.
 *
 * @param group the mapping of the file in which it stands
 * @param name its key in the file and, after two dashes, its flag; the same name in two groups is a flag of two
 *     commands
 * @param parse reads its text
 * @param print its value as text
 * @param standard what applies when it is made nowhere; null when the table or the run decides
 * @param otherwise who decides then, for a person
 */
record SettingKey<T>(
        Group group,
        String name,
        Class<T> type,
        Parse<T> parse,
        Function<T, String> print,
        @Nullable T standard,
        String otherwise) {

    /** A mapping of the file that holds settings. */
    enum Group {
        EXPIRE,
        COMPACT,
        DELETES,
        MANIFESTS,
        ORPHANS,
        RUN;

        /** The mapping's key. */
        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Reads a text; an {@link IllegalArgumentException} says what is wrong with it without repeating it. */
    @FunctionalInterface
    interface Parse<T> {
        /** The value that the text stands for, {@code now} being the start of the run. */
        T parse(String text, Instant now);
    }

    /** Whether a list may stand for its text. */
    boolean isList() {
        return type == ExpirePolicy.Exclusive.class;
    }

    T read(String text, Instant now) {
        return parse.parse(text, now);
    }

    /** {@code --older-than}. */
    String flag() {
        return "--" + name;
    }

    /** What tells it from every other setting: its name, and before it the group where another has that name too. */
    String id() {
        return group == Group.ORPHANS && name.equals("older-than") ? "orphans-" + name : name;
    }

    /** {@code SINK_OLDER_THAN}. */
    String variable() {
        return "SINK_" + id().toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** The text of a value of this setting. */
    String text(Object value) {
        return print.apply(type.cast(value));
    }

    @Override
    public String toString() {
        return name;
    }
}
