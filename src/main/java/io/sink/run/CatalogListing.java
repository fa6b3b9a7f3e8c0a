package io.sink.run;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One catalog that is opened and listed on a thread of its own, so that one that hangs or never ends holds up no other.
 */
final class CatalogListing {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogListing.class);
    private static final long LOOK_MILLIS = 20;

    private final CatalogOpening opening;
    private final RunRequest request;
    private final long startedAt = System.nanoTime();
    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
    private final Thread thread;
    private boolean givenUp;
    private boolean opened;
    private boolean ended;

    /** The next thing that came of the catalog. */
    sealed interface Step permits Opened, Listed, Ended, Failed, Late {}

    /** It was opened; whoever takes this closes it. */
    record Opened(TableSource source) implements Step {}

    /** One of its tables that is asked for. */
    record Listed(TableRef table) implements Step {}

    /**
     * There are no more.
     *
     * @param whole whether every table of the catalog was seen, whether it is asked for or not
     */
    record Ended(boolean whole) implements Step {}

    /** It could not be opened, or listed. */
    record Failed(String what, Throwable why) implements Step {}

    /** It has not ended in time, and is given up. */
    record Late(String what) implements Step {}

    private CatalogListing(CatalogOpening opening, RunRequest request) {
        this.opening = opening;
        this.request = request;
        this.thread = new Thread(this::list, "sink-listing-" + opening.name());
        thread.setDaemon(true);
    }

    static CatalogListing start(CatalogOpening opening, RunRequest request) {
        CatalogListing listing = new CatalogListing(opening, request);
        listing.thread.start();
        return listing;
    }

    String catalog() {
        return opening.name();
    }

    /** Whether it ended or failed; some of its steps may still wait to be taken. */
    synchronized boolean hasEnded() {
        return ended;
    }

    /** How long ago it was started. */
    Duration took() {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }

    /**
     * The next step.
     *
     * @param late whether to stop waiting for it
     */
    Step next(BooleanSupplier late) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    Step step = steps.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                    if (step != null) {
                        return step;
                    }
                    if (late.getAsBoolean()) {
                        Late givenUpNow = giveUp();
                        // What came in the moment in between was in time.
                        Step after = steps.poll();
                        return after instanceof Ended || after instanceof Failed ? after : givenUpNow;
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized Late giveUp() {
        givenUp = true;
        thread.interrupt();
        return new Late(opened ? "cannot be listed" : "cannot be opened");
    }

    /** Hands a step on; false once nobody waits for it. */
    private synchronized boolean came(Step step) {
        if (givenUp) {
            return false;
        }
        opened |= step instanceof Opened;
        ended |= step instanceof Ended || step instanceof Failed;
        steps.add(step);
        return true;
    }

    private void list() {
        TableSource source;
        try {
            source = opening.open().get();
        } catch (RuntimeException | Error e) {
            came(new Failed("cannot be opened", e));
            return;
        }
        if (!came(new Opened(source))) {
            close(source);
            return;
        }
        try {
            for (Iterator<TableRef> tables = tables(source, request); tables.hasNext(); ) {
                if (!came(new Listed(tables.next()))) {
                    return;
                }
            }
            came(new Ended(
                    request.listed().test(source.name()) && source.passedOver().isEmpty()));
        } catch (RuntimeException | Error e) {
            came(new Failed("cannot be listed", e));
        }
    }

    private static void close(TableSource source) {
        try {
            source.close();
        } catch (RuntimeException e) {
            LOG.debug("catalog {} could not be closed", source.name(), e);
        }
    }

    private static Iterator<TableRef> tables(TableSource source, RunRequest request) {
        List<TableRef> named = request.named().stream()
                .filter(ref -> ref.catalog().equals(source.name()))
                .toList();
        if (!request.listed().test(source.name())) {
            return named.iterator();
        }
        Selectors selectors = request.selectors();
        Iterator<TableRef> all = source.list(namespace -> selectors.listed(source.name(), namespace));
        Stream<TableRef> listed = StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(all, Spliterator.ORDERED), false)
                .peek(selectors::listed);
        return Stream.concat(
                        named.stream(), listed.filter(ref -> request.selected().test(ref) && !named.contains(ref)))
                .iterator();
    }
}
