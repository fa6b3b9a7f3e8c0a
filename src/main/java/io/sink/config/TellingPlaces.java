package io.sink.config;

import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds secrets in a text by where they stand, whatever their value: a server may echo a signed URL or a header that no
 * configuration knows.
 *
 * @ref LLP 0005#secrets
 */
final class TellingPlaces {

    /**
     * A URL within a text, also with one slash as when it was read as a path. Locations of files are left out, since a
     * report names them exactly.
     */
    private static final Pattern URL = Pattern.compile(
            "\\b(https?|jdbc:[a-z0-9:]+|postgres(ql)?|mysql|thrift|mongodb(\\+srv)?|redis|amqps?|ldaps?):/{1,2}"
                    + "[^\\s\"'<>]*[^\\s\"'<>:,.;)]",
            Pattern.CASE_INSENSITIVE);

    /** Up to the last {@code @} before the path. */
    private static final Pattern USER = Pattern.compile("^[^/]*//?([^/?#]*)@");

    /** What is no port after the first colon is a password that has an unescaped character which ends an authority. */
    private static final Pattern ODD_USER = Pattern.compile("^[^/]*//?([^/?#:@]*:(?![0-9]+(?:[/?#]|$))[^@]*[/?#].*)@");

    /** Every parameter of an HTTP URL: secret ones have too many names to list. */
    private static final Pattern ANY_PARAMETER = Pattern.compile("[?&#;][^=&;?#]+=([^&;#]*)");

    private static final Pattern ORACLE =
            Pattern.compile("jdbc:oracle:[a-z0-9]+:[^/@\\s]*/(\"[^\"]*\"|\\S+)@", Pattern.CASE_INSENSITIVE);

    /** {@code "access_token":"…"}. */
    private static final Pattern MEMBER = Pattern.compile("(?<=\")([\\w.-]{3,60})\"\\s*:\\s*\"([^\"]+)");

    /** {@code client_secret=…}, or an option in a list of arguments; not a level of a path, as partitions have. */
    private static final Pattern ASSIGNMENT =
            Pattern.compile("(?<![\\w./?-])-{0,2}([A-Za-z][\\w.-]{2,60})(?:=|', ')(\"[^\"]*\"|[^\\s&;,\"'|]+)");

    /** A key of a configuration without the blank after its colon. */
    private static final Pattern KEY =
            Pattern.compile("(?<![\\w./-])([A-Za-z][\\w.-]{2,200}):([^\\s:\"',/][^\\s:\"',]{5,})");

    private static final Pattern HEADER = Pattern.compile(
            "\\b(?:(?:proxy-)?authorization|(?:set-)?cookie|x-[a-z-]*(?:key|token|auth))\\s*:\\s*([^\"|\\r\\n]+)",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern WEB_TOKEN = Pattern.compile("\\beyJ[\\w-]{5,}\\.[\\w-]{3,}(\\.[\\w-]*)?");

    /** Secret names that are not also ordinary words or names of columns, as {@code pin} and {@code auth} are. */
    private static final Pattern STRONG = Pattern.compile(
            ".*(token|credential|secret|passw|passphrase|apikey|api-key|access-key|private-key|assertion).*");

    /** Every such name and every header has one of these. Most lines have none, and are skipped quickly. */
    private static final List<String> HINTS =
            List.of("token", "credential", "secret", "passw", "passphrase", "key", "assertion", "auth", "cookie");

    private TellingPlaces() {}

    /** The positions of secrets in the text. */
    static BitSet in(String text) {
        BitSet found = new BitSet();
        if (text.contains(":/")) {
            URL.matcher(text).results().forEach(url -> url(url.group(), url.start(), found));
        }
        if (text.contains("oracle:")) {
            mark(ORACLE.matcher(text), 0, found);
        }
        String lower = text.toLowerCase(Locale.ROOT);
        if (HINTS.stream().anyMatch(lower::contains)) {
            mark(HEADER.matcher(text), 0, found);
            for (Pattern named : List.of(KEY, MEMBER, ASSIGNMENT)) {
                named.matcher(text).results().filter(m -> isStrong(m.group(1))).forEach(m -> mark(m, 2, 0, found));
            }
        }
        if (text.contains("eyJ")) {
            WEB_TOKEN.matcher(text).results().forEach(m -> mark(m, 0, 0, found));
        }
        return found;
    }

    private static void url(String url, int at, BitSet found) {
        for (Pattern user : List.of(USER, ODD_USER)) {
            mark(user.matcher(url), at, found);
        }
        if (url.regionMatches(true, 0, "http", 0, 4)) {
            mark(ANY_PARAMETER.matcher(url), at, found);
        } else {
            SecretFinder.telling(url).forEach(m -> mark(m, 2, at, found));
        }
    }

    private static void mark(Matcher matcher, int at, BitSet found) {
        matcher.results().forEach(m -> mark(m, 1, at, found));
    }

    private static void mark(MatchResult match, int group, int at, BitSet found) {
        found.set(at + match.start(group), at + match.end(group));
    }

    private static boolean isStrong(String name) {
        return STRONG.matcher(name.toLowerCase(Locale.ROOT).replace('_', '-')).matches()
                && SecretFinder.looksSecret(name);
    }
}
