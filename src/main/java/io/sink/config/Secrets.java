package io.sink.config;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Redacts the secret values of a configuration, and those that servers sent since, from whatever is printed. A value is
 * found as it is, and JSON-, HTML- or URL-escaped, and in base64. Values of fewer than 4 characters are left alone:
 * hiding them would hide ordinary words.
 */
public final class Secrets {

    static final int SHORTEST = 4;
    /** Far more than servers send for the tables at work at once. Every printed line is searched for each of them. */
    private static final int LEARNT = 200;

    private static final String HIDDEN = "***";

    /** As characters, and as bytes of UTF-8, one in each character. */
    private static final Pattern ELLIPSIS = Pattern.compile("\\s*(\\.\\.\\.|\u2026|\u00e2\u0080\u00a6)");

    /** The forms of every value, as text and as UTF-8 bytes, one in each character; longest first. */
    private record Forms(List<String> text, List<String> bytes) {
        static Forms of(Collection<String> all) {
            return new Forms(
                    longestFirst(all),
                    longestFirst(all.stream()
                            .map(form -> new String(form.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))
                            .toList()));
        }
    }

    private final Set<String> configured;
    private final Deque<String> learnt = new ArrayDeque<>();
    private volatile Forms forms;

    private Secrets(Set<String> configured) {
        this.configured = configured;
        this.forms = Forms.of(configured);
    }

    /** Secrets with these values; of a value with several lines also each line. */
    public static Secrets of(Collection<String> values) {
        return new Secrets(formsOf(values));
    }

    private static Set<String> formsOf(Collection<String> values) {
        Set<String> forms = new LinkedHashSet<>();
        for (String value : values) {
            forms.addAll(SecretForms.of(value));
            value.lines().map(String::strip).forEach(line -> forms.addAll(SecretForms.of(line)));
        }
        return forms;
    }

    /**
     * Adds the secret values of a server's properties, also for streams that are wrapped already. Only the newest are
     * kept: older tokens and keys have expired.
     *
     * @param properties names and values as the server sent them
     */
    public synchronized void learn(Map<String, String> properties) {
        boolean more = false;
        for (String value : SecretFinder.secretsOf(properties)) {
            if (configured.contains(value)) {
                continue;
            }
            more |= !learnt.remove(value);
            learnt.addLast(value);
        }
        while (learnt.size() > LEARNT) {
            learnt.removeFirst();
        }
        if (more) {
            Set<String> all = new LinkedHashSet<>(configured);
            all.addAll(formsOf(learnt));
            forms = Forms.of(all);
        }
    }

    /** Adds the secret values of an option or an environment variable, and keeps them for good. */
    public synchronized void keep(Map<String, String> properties) {
        configured.addAll(formsOf(SecretFinder.secretsOf(properties)));
        Set<String> all = new LinkedHashSet<>(configured);
        all.addAll(formsOf(learnt));
        forms = Forms.of(all);
    }

    private static List<String> longestFirst(Collection<String> forms) {
        return forms.stream()
                .filter(form -> form.length() >= SHORTEST)
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    /** The text with {@code ***} in place of every secret; where secrets overlap, all of their characters go. */
    public String redact(String text) {
        Forms known = forms;
        return without(text, hidden(text, known.text(), known.bytes()));
    }

    /**
     * A stream that redacts what it is given and writes it on, line by line, as UTF-8. {@code flush} passes on an
     * unfinished line too, except an end that could be the beginning of a secret.
     */
    public PrintStream wrap(PrintStream out) {
        return new PrintStream(new RedactingStream(out, this), false, StandardCharsets.UTF_8);
    }

    /**
     * The positions of secrets in the text: known forms, and what is secret by its place there.
     *
     * @param bytes the forms as bytes, for what is percent-encoded in the text
     */
    private static BitSet hidden(String text, List<String> forms, List<String> bytes) {
        BitSet hidden = TellingPlaces.in(text);
        mark(text, forms, hidden);
        markCut(text, forms, hidden);
        // A log in JSON may hold a server's answer in JSON, which holds another's.
        for (Unescaped json = Unescaped.json(text); json != null; json = json.again()) {
            BitSet found = TellingPlaces.in(json.text());
            mark(json.text(), forms, found);
            json.spread(found, hidden);
        }
        Unescaped url = Unescaped.percent(text);
        if (url != null) {
            BitSet found = new BitSet();
            mark(url.text(), bytes, found);
            url.spread(found, hidden);
        }
        return hidden;
    }

    private static void mark(String text, List<String> forms, BitSet hidden) {
        for (String form : forms) {
            for (int at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
                hidden.set(at, at + form.length());
            }
        }
    }

    /** Marks the beginning of a secret that stands before an ellipsis, where a text was cut. */
    private static void markCut(String text, List<String> forms, BitSet hidden) {
        if (!text.contains("...") && text.indexOf('\u2026') < 0 && !text.contains("\u00e2\u0080\u00a6")) {
            return;
        }
        ELLIPSIS.matcher(text).results().forEach(cut -> {
            String before = text.substring(0, cut.start());
            int longest = openEnd(before, forms);
            if (longest >= SHORTEST) {
                hidden.set(before.length() - longest, before.length());
            }
        });
    }

    /** How many characters at the end of the text are the longest beginning of a secret, or 0. */
    private static int openEnd(String text, List<String> forms) {
        int longest = 0;
        for (String form : forms) {
            for (int n = Math.min(form.length() - 1, text.length()); n > longest; n--) {
                if (text.regionMatches(text.length() - n, form, 0, n)) {
                    longest = n;
                }
            }
        }
        return longest;
    }

    /** How many bytes at the end of the text could become a secret. */
    int openEnd(String bytes) {
        return openEnd(bytes, forms.bytes());
    }

    /** The positions that are secret in a text of bytes, each as one character. */
    BitSet hiddenBytes(String bytes) {
        return hidden(bytes, forms.bytes(), forms.bytes());
    }

    /** A text of bytes without its secrets. */
    String redactBytes(String bytes) {
        return without(bytes, hiddenBytes(bytes));
    }

    private static String without(String text, BitSet hidden) {
        if (hidden.isEmpty()) {
            return text;
        }
        StringBuilder shown = new StringBuilder();
        int from = 0;
        for (int start = hidden.nextSetBit(0); start >= 0; start = hidden.nextSetBit(from)) {
            shown.append(text, from, start).append(HIDDEN);
            from = hidden.nextClearBit(start);
        }
        return shown.append(text, from, text.length()).toString();
    }

    /** How many forms are looked for; never the values. */
    @Override
    public String toString() {
        return "Secrets[" + forms.text().size() + " forms]";
    }
}
