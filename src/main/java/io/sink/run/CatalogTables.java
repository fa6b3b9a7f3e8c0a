package io.sink.run;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.storage.Locations;
import io.sink.storage.NeededFiles;
import io.sink.storage.OtherTables;
import io.sink.storage.PlaceIndex;
import io.sink.storage.Spill;
import io.sink.table.Failures;
import io.sink.table.FileKind;
import io.sink.table.LiveFiles;
import io.sink.table.LocationNormalizer;
import io.sink.table.TableFile;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables of the configured catalogs: those that a run loads, and, once {@link #survey} is called, all of them.
 * Takes a few hundred bytes for each; close it when the run has ended.
 *
 * @ref LLP 0019#known
 */
public final class CatalogTables implements OtherTables, Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogTables.class);

    /** For locations that are normalized already: those that could be one file fold to the same text. */
    private static final LocationNormalizer SPELLING = new LocationNormalizer(null);

    private static final int LOOKS = 3;

    private final List<CatalogOpening> catalogs;
    private final Function<TableRef, List<String>> given;
    private final Selectors selectors;
    private final Map<String, TableSource> sources = new HashMap<>();
    private final Map<String, TableRef> refs = new HashMap<>();
    private final NeededFiles needed = new NeededFiles();
    private final Map<String, Unknown> unreadable = new HashMap<>();
    private final Map<String, List<KnownTable>> loadedByUuid = new HashMap<>();
    private PlaceIndex loaded = new PlaceIndex(List.of());
    private UnfinishedTables unfinished = UnfinishedTables.NONE;
    private @Nullable Survey survey;

    /**
     * @param catalogs every one that is configured, asked for or not
     * @param given the places outside its own that the operator gives to a table
     */
    public CatalogTables(List<CatalogOpening> catalogs, Function<TableRef, List<String>> given) {
        this(catalogs, given, Selectors.none());
    }

    /** @param selectors receives everything that a {@link #survey} lists */
    public CatalogTables(List<CatalogOpening> catalogs, Function<TableRef, List<String>> given, Selectors selectors) {
        this.catalogs = List.copyOf(catalogs);
        this.given = given;
        this.selectors = selectors;
    }

    /** A table that a run died of when it read it is not read for others. */
    void remember(UnfinishedTables notes) {
        unfinished = notes;
    }

    /**
     * What other tables have to know of a table.
     *
     * @param given the places outside its own that the operator gives to it
     */
    static KnownTable known(TableRef ref, BaseTable table, List<String> given) {
        TableMetadata metadata = table.operations().current();
        Locations locations = Locations.of(metadata, table.io(), given);
        return new KnownTable(
                ref.fullName(),
                metadata.uuid(),
                metadata.metadataFileLocation(),
                locations.places(),
                locations.given(),
                Locations.earlier(metadata, table.io()));
    }

    /**
     * Takes the tables that the run has loaded, before any of them is changed.
     *
     * @return the same in the same order, with the places that {@link Replicas} found
     */
    synchronized Map<TableRef, KnownTable> loaded(Map<TableRef, KnownTable> known) {
        known.keySet().forEach(ref -> refs.put(ref.fullName(), ref));
        List<KnownTable> tables = Replicas.checked(known.values(), this::asItIsNow, () -> {});
        loaded = new PlaceIndex(tables);
        tables.forEach(table -> loadedByUuid
                .computeIfAbsent(String.valueOf(table.uuid()), any -> new ArrayList<>())
                .add(table));
        Map<TableRef, KnownTable> checked = new LinkedHashMap<>();
        Iterator<KnownTable> each = tables.iterator();
        known.keySet().forEach(ref -> checked.put(ref, each.next()));
        return checked;
    }

    @Override
    public List<KnownTable> sameAs(String name, TableMetadata metadata) {
        List<KnownTable> alike;
        synchronized (this) {
            alike = metadata.uuid() == null
                    ? List.of()
                    : List.copyOf(loadedByUuid.getOrDefault(metadata.uuid(), List.of()));
        }
        return alike.stream()
                .filter(other -> !other.name().equals(name) && isSameEntry(other, metadata))
                .toList();
    }

    @Override
    public synchronized boolean hasOtherEntry(String name, TableMetadata metadata) {
        return metadata.uuid() != null
                && loadedByUuid.getOrDefault(metadata.uuid(), List.of()).stream()
                        .anyMatch(other -> !other.name().equals(name));
    }

    @Override
    public synchronized @Nullable KnownTable loadedAt(String folded, Set<String> except) {
        return loaded.holding(folded, except);
    }

    @Override
    public synchronized Survey survey(Runnable safePoint) {
        if (survey == null) {
            List<KnownTable> tables = new ArrayList<>();
            List<Unknown> unknown = new ArrayList<>();
            try {
                for (CatalogOpening catalog : catalogs) {
                    read(catalog, tables, unknown, safePoint);
                }
            } catch (SearchEndedException ended) {
                throw ended.why;
            }
            LOG.info("{} tables are known, {} cannot be read", tables.size(), unknown.size());
            survey = new Survey(Replicas.checked(tables, this::asItIsNow, safePoint), unknown);
        }
        return survey;
    }

    private void read(CatalogOpening catalog, List<KnownTable> tables, List<Unknown> unknown, Runnable safePoint) {
        try {
            TableSource source = source(catalog);
            Set<TableRef> gone = new HashSet<>();
            Iterator<TableRef> listed = source.list(namespace -> selectors.listed(catalog.name(), namespace));
            String doubt = listed.hasNext() ? null : source.emptyListingDoubt();
            if (doubt != null) {
                unknown.add(new Unknown("catalog " + catalog.name(), true, doubt));
            }
            while (listed.hasNext()) {
                TableRef ref = listed.next();
                selectors.listed(ref);
                stopAt(safePoint);
                if (unfinished.isUnread(ref)) {
                    unknown.add(new Unknown("table " + ref, false, "a run died while it read it"));
                    continue;
                }
                unfinished.begin(ref);
                try {
                    tables.add(known(ref, source.load(ref), given.apply(ref)));
                    refs.put(ref.fullName(), ref);
                    unfinished.loaded(ref);
                } catch (NoSuchTableException e) {
                    gone.add(ref);
                } catch (RuntimeException | LinkageError e) {
                    unknown.add(unknown(ref.fullName(), e));
                } finally {
                    unfinished.end(ref, false);
                }
            }
            if (source.passedOver().isEmpty()) {
                selectors.ended(catalog.name());
            }
            source.passedOver().forEach(what -> unknown.add(new Unknown("catalog " + catalog.name(), true, what)));
            if (!gone.isEmpty()) {
                // It was dropped since it was listed; one that is still listed is there and cannot be read.
                source.list().forEachRemaining(ref -> {
                    if (gone.contains(ref)) {
                        unknown.add(new Unknown("table " + ref, false, "it is listed and not found"));
                    }
                });
            }
        } catch (SearchEndedException e) {
            throw e;
        } catch (RuntimeException | LinkageError e) {
            LOG.info("catalog {} cannot be read: {}", catalog.name(), Failures.message(e));
            unknown.add(new Unknown("catalog " + catalog.name(), true, Failures.message(e)));
        }
    }

    /** Opened once, and kept for the questions that follow. */
    private TableSource source(CatalogOpening catalog) {
        TableSource open = sources.get(catalog.name());
        if (open == null) {
            open = catalog.open().get();
            sources.put(catalog.name(), open);
        }
        return open;
    }

    /** Carries the exception of a safe point past code that catches every exception. */
    private static final class SearchEndedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final RuntimeException why;

        SearchEndedException(RuntimeException why) {
            super(why);
            this.why = why;
        }
    }

    private static void stopAt(Runnable safePoint) {
        try {
            safePoint.run();
        } catch (RuntimeException e) {
            throw new SearchEndedException(e);
        }
    }

    private static Unknown unknown(String table, Throwable e) {
        LOG.info("{} cannot be read: {}", table, Failures.message(e));
        return new Unknown("table " + table, false, Failures.message(e));
    }

    @Override
    public synchronized Need needOf(Collection<KnownTable> sharers, Collection<String> locations, Runnable safePoint) {
        readManifests(sharers, safePoint);
        List<Unknown> unknown = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (KnownTable sharer : sharers) {
            names.add(sharer.name());
            Unknown why = unreadable.get(sharer.name());
            if (why != null) {
                unknown.add(why);
            }
        }
        Map<String, List<String>> asked = new LinkedHashMap<>();
        for (String location : locations) {
            for (String table : needed.couldNeed(SPELLING.folded(location))) {
                if (names.contains(table)) {
                    asked.computeIfAbsent(table, any -> new ArrayList<>()).add(location);
                }
            }
        }
        Map<String, String> neededBy = new HashMap<>();
        asked.forEach((table, could) -> {
            safePoint.run();
            try {
                needs(table, could).forEach(location -> neededBy.put(location, table));
            } catch (RuntimeException | LinkageError e) {
                unknown.add(unknown(table, e));
            }
        });
        return new Need(neededBy, unknown);
    }

    private void readManifests(Collection<KnownTable> sharers, Runnable safePoint) {
        List<KnownTable> unread = sharers.stream()
                .filter(table -> !needed.has(table.name()) && !unreadable.containsKey(table.name()))
                .toList();
        if (unread.isEmpty()) {
            return;
        }
        try (NeededFiles.Reading reading = needed.begin()) {
            for (KnownTable table : unread) {
                safePoint.run();
                try {
                    asItIsNow(table.name(), now -> reading.add(table.name(), now));
                } catch (Spill.SpillException e) {
                    throw e;
                } catch (RuntimeException | LinkageError e) {
                    unreadable.put(table.name(), unknown(table.name(), e));
                }
            }
            reading.done();
        }
    }

    /** Those of the locations that the table needs as it is now. */
    private Collection<String> needs(String table, List<String> locations) {
        List<TableFile> files = locations.stream()
                .map(location -> new TableFile(location, FileKind.DATA))
                .toList();
        Set<String> needs = new HashSet<>(locations);
        asItIsNow(
                table,
                now -> new LiveFiles(now.io())
                        .unneeded(now.operations().current(), files)
                        .forEach(free -> needs.remove(free.path())));
        return needs;
    }

    /**
     * Reads a table, and once more if that failed and the table has changed: another thread of this run, or another
     * run, may be expiring it, and what it deletes is missing in the metadata that was loaded before.
     */
    private void asItIsNow(String name, Consumer<BaseTable> read) {
        for (int look = 1; ; look++) {
            BaseTable table = load(name);
            try {
                read.accept(table);
                return;
            } catch (Spill.SpillException e) {
                throw e;
            } catch (RuntimeException e) {
                boolean isNew = !Objects.equals(
                        load(name).operations().current().metadataFileLocation(),
                        table.operations().current().metadataFileLocation());
                if (look == LOOKS || !isNew) {
                    throw e;
                }
            }
        }
    }

    private BaseTable load(String name) {
        TableRef ref = refs.get(name);
        if (ref == null) {
            throw new IllegalStateException(name + " was not listed by its catalog");
        }
        CatalogOpening catalog = catalogs.stream()
                .filter(opening -> opening.name().equals(ref.catalog()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no catalog " + ref.catalog() + " is configured"));
        return source(catalog).load(ref);
    }

    @Override
    public synchronized boolean isSameEntry(KnownTable other, TableMetadata metadata) {
        if (metadata.metadataFileLocation().equals(other.metadataLocation())) {
            return true;
        }
        try {
            return metadata.metadataFileLocation()
                    .equals(load(other.name()).operations().current().metadataFileLocation());
        } catch (RuntimeException | LinkageError e) {
            LOG.info("{} cannot be read again: {}", other.name(), Failures.message(e));
            return false;
        }
    }

    /** Does not wait for long: work that was given up may still hold the lock. */
    @Override
    public void close() {
        Ending.closed("the tables", this::closeAll);
    }

    private synchronized void closeAll() {
        needed.close();
        for (TableSource source : sources.values()) {
            try {
                source.close();
            } catch (RuntimeException e) {
                LOG.warn("catalog {} could not be closed: {}", source.name(), Failures.message(e));
            }
        }
        sources.clear();
    }
}
