package io.sink.action;

import io.sink.text.Human;
import io.sink.text.Units;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A setting that can be made in the configuration file, as a flag or in the environment. It is declared in the policy
 * that it is part of.
 *
 * @param group the mapping of the file in which it stands
 * @param name its key in the file and, after two dashes, its flag
 * @param id identifies it among all settings: its name, unless a setting of another group has the same name
 * @param list whether a list may replace its text: the texts of its items, one per line, are then read as one text
 * @param parse reads its text
 * @param print its value as text
 * @param standard the default; null if the table or the run decides
 * @param otherwise who decides if there is no default, as a person reads it
 * @param flag its flag in a command's help; null if it has none
 */
public record SettingKey<T>(
        String group,
        String name,
        String id,
        Class<T> type,
        boolean list,
        Parse<T> parse,
        Function<T, String> print,
        @Nullable T standard,
        String otherwise,
        @Nullable Flag flag) {

    /** The branch that is compacted, and whose dangling deletes and manifests are looked at. */
    public static final SettingKey<String> BRANCH = SettingKey.of(
                    "compact", "branch", String.class, (text, now) -> branch(text), Function.identity())
            .otherwise("main")
            .flag("NAME", "Compact this branch, and remove its dangling deletes. Default: main.");

    /** Reads a text; an {@link IllegalArgumentException} says what is wrong with it without repeating it. */
    @FunctionalInterface
    public interface Parse<T> {
        /** The value that the text stands for, {@code now} being the start of the run. */
        T parse(String text, Instant now);
    }

    /**
     * A flag in a command's help.
     *
     * @param label what stands for its value
     * @param about one or two sentences, the last of which says what applies without it
     */
    public record Flag(String label, String about) {}

    /** A setting without default and without flag: if it is made nowhere, the table or the run decides. */
    public static <T> SettingKey<T> of(
            String group, String name, Class<T> type, Parse<T> parse, Function<T, String> print) {
        return new SettingKey<>(group, name, name, type, false, parse, print, null, "", null);
    }

    /** Only {@code true} and {@code false}: YAML versions do not agree on what {@code no} means. */
    public static SettingKey<Boolean> truth(String group, String name) {
        return of(group, name, Boolean.class, (text, now) -> truth(text), String::valueOf);
    }

    /** A whole number from 1 up. */
    public static SettingKey<Integer> count(String group, String name) {
        return of(group, name, Integer.class, (text, now) -> Units.parseCount(text, 1), String::valueOf);
    }

    /** A percentage from 1 to 100. */
    public static SettingKey<Integer> percent(String group, String name) {
        return of(group, name, Integer.class, (text, now) -> percent(text), String::valueOf);
    }

    /** A number of bytes from 1 up. */
    public static SettingKey<Long> size(String group, String name) {
        return of(group, name, Long.class, (text, now) -> positiveSize(text), Human::bytes);
    }

    /** A span of time from 0 up. */
    public static SettingKey<Duration> duration(String group, String name) {
        return of(group, name, Duration.class, (text, now) -> Units.parseDuration(text), Units::duration);
    }

    /** One of the constants of an enum, written in lower case and with dashes. */
    public static <E extends Enum<E>> SettingKey<E> word(String group, String name, Class<E> words) {
        return of(group, name, words, (text, now) -> oneOf(text, words.getEnumConstants()), SettingKey::print);
    }

    /** The same setting with this default. */
    public SettingKey<T> otherwise(T standard) {
        return new SettingKey<>(group, name, id, type, list, parse, print, standard, otherwise, flag);
    }

    /**
     * The same setting without default.
     *
     * @param otherwise who decides if it is made nowhere
     */
    public SettingKey<T> decidedBy(String otherwise) {
        return new SettingKey<>(group, name, id, type, list, parse, print, null, otherwise, flag);
    }

    /** The same setting with a flag. */
    public SettingKey<T> flag(String label, String about) {
        return new SettingKey<>(group, name, id, type, list, parse, print, standard, otherwise, new Flag(label, about));
    }

    /** The same setting with another id. */
    public SettingKey<T> known(String id) {
        return new SettingKey<>(group, name, id, type, list, parse, print, standard, otherwise, flag);
    }

    /** The same setting, for which a list may replace the text. */
    public SettingKey<T> orList() {
        return new SettingKey<>(group, name, id, type, true, parse, print, standard, otherwise, flag);
    }

    /**
     * The value that a text stands for.
     *
     * @param now the start of the run
     * @throws IllegalArgumentException if the text is not valid
     */
    public T read(String text, Instant now) {
        return parse.parse(text, now);
    }

    /** The flag, such as {@code --older-than}. */
    public String option() {
        return "--" + name;
    }

    /** The environment variable, such as {@code SINK_OLDER_THAN}. */
    public String variable() {
        return "SINK_" + id.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** The text of a value of this setting. */
    public String text(Object value) {
        return print.apply(type.cast(value));
    }

    @Override
    public String toString() {
        return name;
    }

    private static boolean truth(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("is neither; write true or false");
        }
        return text.equals("true");
    }

    private static int percent(String text) {
        int percent = Units.parseCount(text, 1);
        if (percent > 100) {
            throw new IllegalArgumentException("is too large; write a percentage from 1 to 100, without the % sign");
        }
        return percent;
    }

    private static long positiveSize(String text) {
        long size = Units.parseSize(text);
        if (size == 0) {
            throw new IllegalArgumentException("is too small; write a size of at least 1 byte");
        }
        return size;
    }

    private static String branch(String text) {
        if (text.isBlank() || !text.strip().equals(text)) {
            throw new IllegalArgumentException("is not a branch name; write it without space around it");
        }
        return text;
    }

    private static <E extends Enum<E>> E oneOf(String text, E[] words) {
        return Arrays.stream(words)
                .filter(word -> print(word).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("is not a choice here; write "
                        + Arrays.stream(words).map(SettingKey::print).collect(Collectors.joining(" or "))));
    }

    private static String print(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
