package io.sink.run;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.config.TablePattern;
import io.sink.outcome.ExitCode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was written to select tables, checked against the names that the catalogs list. Nothing is claimed of a selector
 * that could select in a catalog that was not listed to its end.
 *
 * @ref LLP 0004#what-matches-nothing
 */
public final class Selectors {
    private static final Logger LOG = LoggerFactory.getLogger(Selectors.class);

    /** How long a catalog may be listed only to find the name that is nearest to a mistyped one. */
    private static final Duration NEAREST = Duration.ofSeconds(5);

    /** Names among which the nearest is looked for; those of a larger catalog would need too much memory. */
    private static final int MOST_NAMES = 100_000;

    /**
     * Where a selector was written. It decides the exit status of a run that refuses to begin because of the selector.
     */
    public enum Origin {
        /** The configuration. */
        CONFIGURATION(ExitCode.CONFIGURATION),
        /** The command line. */
        COMMAND_LINE(ExitCode.USAGE);

        private final ExitCode refusal;

        Origin(ExitCode refusal) {
            this.refusal = refusal;
        }
    }

    /**
     * Something that selects tables.
     *
     * @param what as a message names it, such as {@code --exclude "lake.tmp.*"}
     * @param remedy what to do if it selects none
     * @param named the one table that it names in full; null if it is a pattern
     */
    public record Selector(
            String what,
            String remedy,
            Origin origin,
            TablePattern pattern,
            @Nullable TableRef named) {}

    private final boolean strict;
    private final List<String> catalogs;
    private final List<Selector> left;
    private final Set<String> whole = new HashSet<>();
    private final Set<String> asked = new HashSet<>();
    private final SortedSet<String> names = new TreeSet<>();
    private final List<String> told = new ArrayList<>();
    private @Nullable ExitCode refusal;

    /**
     * @param strict whether nothing is begun if one of them selects no table
     * @param catalogs every catalog that is configured
     */
    public Selectors(boolean strict, List<String> catalogs, List<Selector> selectors) {
        this.strict = strict;
        this.catalogs = List.copyOf(catalogs);
        this.left = new ArrayList<>(selectors);
    }

    /** No selectors. */
    static Selectors none() {
        return new Selectors(false, List.of(), List.of());
    }

    boolean isStrict() {
        return strict;
    }

    /** Notes that a table is in its catalog's listing. */
    public synchronized void listed(TableRef table) {
        left.removeIf(selector -> selector.pattern().matches(table)
                || (selector.named() != null && selector.named().equals(table)));
        if (names.size() < MOST_NAMES) {
            names.add(table.fullName());
        }
    }

    /** Notes that a namespace exists: a selector of all of it selects something, even if the namespace is empty. */
    public synchronized void listed(String catalog, List<String> namespace) {
        left.removeIf(selector -> selector.pattern().selectsAllOf(catalog, namespace));
    }

    /** Notes that the catalog was listed to its end, and that nothing was passed over. */
    public synchronized void ended(String catalog) {
        whole.add(catalog);
    }

    /** Whether the catalog was neither listed to its end, nor listed once just to find a name. */
    private synchronized boolean isNew(String catalog) {
        return !whole.contains(catalog) && asked.add(catalog);
    }

    /**
     * A sentence for each selector that has turned out to select no table since the last call.
     *
     * @param byListing whether a table that is named in full has to be listed, too; else it is loaded whether it is
     *     listed or not, and {@link #absent} says if it is not there
     */
    public synchronized List<String> unmatched(boolean byListing) {
        List<String> sentences = new ArrayList<>();
        for (Selector selector : List.copyOf(left)) {
            List<String> could = catalogs.stream()
                    .filter(selector.pattern()::couldMatchCatalog)
                    .toList();
            if (could.isEmpty()) {
                sentences.add(refused(
                        selector,
                        " selects in no configured catalog (there are: " + String.join(", ", catalogs) + ")"));
            } else if (whole.containsAll(could) && (byListing || selector.named() == null)) {
                sentences.add(refused(selector, " matches no table" + nearest(selector)));
            }
        }
        return sentences;
    }

    /**
     * Reports that a table that was named in full does not exist, with the nearest name. The catalog is listed for that
     * name if it was not.
     *
     * @return a sentence, unless it was told before or the listing has the table
     */
    public List<String> absent(TableRef table, TableSource source, Stop stop) {
        RunRequest.Limits limits = new RunRequest.Limits(null, NEAREST, NEAREST);
        return absent(table, source, new Ending(stop, InstantSource.system(), limits, Duration.ZERO));
    }

    List<String> absent(TableRef table, TableSource source, Ending ending) {
        if (!ending.hasBegun() && isNew(table.catalog())) {
            ending.within(NEAREST, "look for a name", () -> listAll(source), 0);
        }
        return absent(table);
    }

    private int listAll(TableSource source) {
        int count = 0;
        try {
            for (Iterator<TableRef> all = source.list();
                    all.hasNext() && !Thread.currentThread().isInterrupted();
                    count++) {
                listed(all.next());
            }
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("catalog {} is not listed for a name", source.name(), e);
        }
        return count;
    }

    private synchronized List<String> absent(TableRef table) {
        return left.stream()
                .filter(selector -> table.equals(selector.named()))
                .findFirst()
                .map(selector -> List.of(tell(selector, " matches no table" + nearest(selector))))
                .orElse(List.of());
    }

    /** An error on the command line takes precedence over one in the file. */
    private String refused(Selector selector, String what) {
        if (strict && refusal != ExitCode.USAGE) {
            refusal = selector.origin().refusal;
        }
        return tell(selector, what);
    }

    private String tell(Selector selector, String what) {
        left.remove(selector);
        String sentence = selector.what() + what + ": " + selector.remedy();
        told.add(sentence);
        return sentence;
    }

    private String nearest(Selector selector) {
        return selector.pattern()
                .nearest(names)
                .map(name -> " (the nearest is " + name + ")")
                .orElse("");
    }

    /** The status of a run that began nothing, because it is strict and a selector selects no table; else null. */
    public synchronized @Nullable ExitCode refusal() {
        return refusal;
    }

    /** Adds and returns the sentence that nothing is begun. */
    synchronized String refuse() {
        String sentence = "nothing was begun, since strict is set and a selector selects no table";
        told.add(sentence);
        return sentence;
    }

    /** Every sentence so far. */
    synchronized List<String> told() {
        return List.copyOf(told);
    }
}
