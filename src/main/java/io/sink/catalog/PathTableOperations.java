package io.sink.catalog;

import io.sink.storage.CommitFiles;
import io.sink.storage.OutgoingMetadata;
import io.sink.table.SoundMetadata;
import io.sink.table.UnreadableMetadataException;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.SnapshotIdGeneratorUtil;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.apache.iceberg.util.LocationUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A table without a catalog: its current metadata is the highest {@code vN} in the listing, whatever the hint says, and
 * a commit creates {@code vN+1} exclusively.
 *
 * <p>The names and the order of writes are those of Iceberg's Hadoop tables, and of icebird.
 */
final class PathTableOperations implements TableOperations {

    private static final Logger LOG = LoggerFactory.getLogger(PathTableOperations.class);
    private static final int READ_ATTEMPTS = 5;
    private static final Duration HALF_WRITTEN_WAIT = Duration.ofMillis(200);
    /** Snapshot ids stay below 2^53: JavaScript readers cannot hold, and some cannot write back, a longer one. */
    private static final long SNAPSHOT_ID_MASK = (1L << 53) - 1;

    private final String table;
    private final MetadataStore store;
    private final FileIO io;
    private final Consumer<String> locationCheck;
    private @Nullable Current current;
    private boolean stale = true;

    private record Current(MetadataVersion version, TableMetadata metadata) {}

    /**
     * @param table the table's name in messages
     * @param locationCheck gets the location in the metadata, and throws if the table was found elsewhere
     */
    PathTableOperations(String table, MetadataStore store, FileIO io, Consumer<String> locationCheck) {
        this.table = table;
        this.store = store;
        this.io = io;
        this.locationCheck = locationCheck;
    }

    @Override
    public synchronized TableMetadata current() {
        return stale || current == null ? refresh() : current.metadata();
    }

    /**
     * Reads the highest version.
     *
     * @throws NoSuchTableException if there is no version
     * @throws UnreadableMetadataException if it cannot be understood
     * @throws ValidationException if two files claim that version, or it is another table's or at another location
     */
    @Override
    public synchronized TableMetadata refresh() {
        for (int attempt = 1; ; attempt++) {
            MetadataVersion highest = highest(store.versions());
            try {
                if (current == null || !current.version().equals(highest)) {
                    TableMetadata read = read(highest);
                    checkSameTable(read);
                    current = new Current(highest, read);
                }
                stale = false;
                return current.metadata();
            } catch (NotFoundException e) {
                // others committed since the listing, and deleted old metadata
                if (attempt == READ_ATTEMPTS) {
                    throw e;
                }
            } catch (UnreadableMetadataException e) {
                // a writer that creates the file first and fills it afterwards is done in a moment
                if (!UnreadableMetadataException.isUnparsed(e) || attempt == READ_ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(HALF_WRITTEN_WAIT.toNanos());
            }
        }
    }

    @Override
    public synchronized void commit(@Nullable TableMetadata base, TableMetadata metadata) {
        if (current == null || base != current.metadata()) {
            throw new CommitFailedException("Cannot commit changes based on stale metadata of %s", table);
        }
        if (base == metadata) {
            return;
        }
        checkCommittable(base, metadata);
        MetadataVersion next = current.version().next(metadata);
        byte[] content = next.encode(metadata);
        checkStillCurrent(current.version());
        stale = true;
        try {
            store.create(next.fileName(), content);
        } catch (AlreadyExistsException e) {
            throw new CommitFailedException(e, "Version %d of %s was committed meanwhile", next.number(), table);
        }
        checkLanded(next, metadata, content);
        afterCommit(base, metadata, next);
    }

    private static void checkCommittable(TableMetadata base, TableMetadata metadata) {
        if (!base.location().equals(metadata.location())) {
            throw new NothingCommittedException(
                    "A table without a catalog cannot move: from " + base.location() + " to " + metadata.location());
        }
        if (metadata.properties().containsKey(TableProperties.WRITE_METADATA_LOCATION)) {
            throw new NothingCommittedException("A table without a catalog cannot have "
                    + TableProperties.WRITE_METADATA_LOCATION + ": " + base.location());
        }
    }

    /** That the next name is free is no proof: others may have committed it, gone past it and deleted it. */
    private void checkStillCurrent(MetadataVersion expected) {
        List<MetadataVersion> versions;
        try {
            versions = store.versions();
        } catch (RuntimeException e) {
            throw new NothingCommittedException("Cannot list the metadata of " + table + ": " + e.getMessage(), e);
        }
        MetadataVersion highest = versions.stream()
                .max(Comparator.comparingLong(MetadataVersion::number))
                .orElse(null);
        if (highest == null || highest.number() != expected.number()) {
            throw new CommitFailedException(
                    "Version %d of %s is no longer the current one: %s", expected.number(), table, highest);
        }
    }

    /**
     * Between the last listing and the create, another writer may have taken the same number under another form of
     * name. Or, if this process slept long, others went past the number and deleted it. Then the file is there and the
     * commit is not.
     */
    private void checkLanded(MetadataVersion next, TableMetadata metadata, byte[] content) {
        try {
            List<MetadataVersion> versions = store.versions();
            requireWritten(next, content, versions);
            boolean forked = versions.stream()
                    .anyMatch(other ->
                            other.number() == next.number() && !other.fileName().equals(next.fileName()));
            MetadataVersion successor = versions.stream()
                    .filter(other -> other.number() > next.number())
                    .min(Comparator.comparingLong(MetadataVersion::number))
                    .orElse(null);
            if (!forked && (successor == null || builtOn(read(successor), next, metadata))) {
                return;
            }
        } catch (RuntimeException e) {
            throw new CommitStateUnknownException(e);
        }
        throw new CommitStateUnknownException(new IllegalStateException(
                "Wrote " + next.fileName() + " of " + table + ", but other versions do not build on it"));
    }

    /**
     * Reads the file back, since a store may acknowledge a file that it does not have. Once there are later versions,
     * others may have deleted it, and nothing is checked.
     *
     * @ref LLP 0006#exclusive-create
     */
    private void requireWritten(MetadataVersion next, byte[] content, List<MetadataVersion> versions) {
        if (versions.stream().anyMatch(other -> other.number() > next.number())) {
            return;
        }
        if (!Arrays.equals(store.read(next.fileName()), content)) {
            throw new IllegalStateException(
                    next.fileName() + " of " + table + " was written, and other content was read back");
        }
    }

    private static boolean builtOn(TableMetadata successor, MetadataVersion version, TableMetadata metadata) {
        List<TableMetadata.MetadataLogEntry> log = successor.previousFiles();
        if (log.isEmpty()) {
            return false;
        }
        TableMetadata.MetadataLogEntry last = log.get(log.size() - 1);
        return last.file().endsWith("/" + version.fileName()) && last.timestampMillis() == metadata.lastUpdatedMillis();
    }

    /** Nothing here may fail a commit that has landed. */
    private void afterCommit(TableMetadata base, TableMetadata metadata, MetadataVersion landed) {
        try {
            store.writeHint(landed.number());
        } catch (IOException | RuntimeException e) {
            LOG.warn("Cannot write the version hint of {}; readers that list do not need it", table, e);
        }
        try {
            deleteRemovedMetadata(base, metadata);
        } catch (RuntimeException e) {
            LOG.warn("Cannot delete old metadata files of {}", table, e);
        }
    }

    /** Deletes as Iceberg does by the table's property, but never a file of a table that this one was copied from. */
    private void deleteRemovedMetadata(TableMetadata base, TableMetadata metadata) {
        if (CommitFiles.keepsMetadata()
                || !metadata.propertyAsBoolean(
                        TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED,
                        TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED_DEFAULT)) {
            return;
        }
        Set<TableMetadata.MetadataLogEntry> removed = new LinkedHashSet<>(base.previousFiles());
        removed.removeAll(metadata.previousFiles());
        String own = metadataLocation(metadata.location(), "");
        OutgoingMetadata outgoing = new OutgoingMetadata(base, io);
        removed.stream()
                .map(TableMetadata.MetadataLogEntry::file)
                .filter(file -> file.startsWith(own)
                        && MetadataVersion.of(file.substring(own.length())).isPresent())
                .forEach(file -> {
                    try {
                        if (outgoing.refusal(file) == null) {
                            outgoing.remove(io, file);
                        }
                    } catch (NotFoundException gone) {
                        LOG.debug("{} was gone already", file);
                    } catch (RuntimeException e) {
                        LOG.warn("Cannot delete {}", file, e);
                    }
                });
    }

    private MetadataVersion highest(List<MetadataVersion> versions) {
        MetadataVersion highest = versions.stream()
                .max(Comparator.comparingLong(MetadataVersion::number))
                .orElseThrow(() -> new NoSuchTableException("No such table: %s", table));
        versions.stream()
                .filter(other -> other.number() == highest.number() && !other.equals(highest))
                .findAny()
                .ifPresent(other -> {
                    throw new ValidationException(
                            "Two files claim to be version %d of %s: %s and %s; one of the two commits is lost",
                            highest.number(), table, highest.fileName(), other.fileName());
                });
        return highest;
    }

    private TableMetadata read(MetadataVersion version) {
        byte[] content = store.read(version.fileName());
        try (var memory = WholeMetadata.reserve(version.fileName(), content)) {
            return MetadataReading.of(() -> read(version, version.decode(content)));
        } catch (RuntimeException e) {
            throw UnreadableMetadataException.isUnparsed(e)
                    ? UnreadableMetadataException.unparsed(table + ": " + version.fileName(), e)
                    : e;
        }
    }

    private TableMetadata read(MetadataVersion version, String json) {
        TableMetadata known = current == null ? TableMetadataParser.fromJson(json) : current.metadata();
        TableMetadata read = TableMetadataParser.fromJson(metadataLocation(known.location(), version.fileName()), json);
        SoundMetadata.require(read);
        locationCheck.accept(read.location());
        if (!read.location().equals(known.location())) {
            throw new ValidationException("Table %s moved from %s to %s", table, known.location(), read.location());
        }
        return read;
    }

    private void checkSameTable(TableMetadata read) {
        if (current != null && !Objects.equals(current.metadata().uuid(), read.uuid())) {
            throw new ValidationException(
                    "Table %s was replaced by another: UUID %s is now %s",
                    table, current.metadata().uuid(), read.uuid());
        }
    }

    private static String metadataLocation(String tableLocation, String fileName) {
        return LocationUtil.stripTrailingSlash(tableLocation) + "/metadata/" + fileName;
    }

    @Override
    public FileIO io() {
        return io;
    }

    @Override
    public LocationProvider locationProvider() {
        return LocationProviders.locationsFor(current().location(), current().properties());
    }

    /** In the form of the table's own location, as its writers name their files. */
    @Override
    public String metadataFileLocation(String fileName) {
        return metadataLocation(current().location(), fileName);
    }

    @Override
    public long newSnapshotId() {
        long id;
        do {
            id = SnapshotIdGeneratorUtil.generateSnapshotID() & SNAPSHOT_ID_MASK;
        } while (id == 0);
        return id;
    }

    @Override
    public TableOperations temp(TableMetadata uncommitted) {
        return new Uncommitted(this, uncommitted);
    }

    /** The table that a transaction works on before it commits: the same files, and uncommitted metadata. */
    private record Uncommitted(PathTableOperations table, TableMetadata current) implements TableOperations {

        @Override
        public TableMetadata refresh() {
            throw new UnsupportedOperationException("Uncommitted metadata has nothing to refresh from");
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            throw new UnsupportedOperationException("Uncommitted metadata is committed by its transaction");
        }

        @Override
        public FileIO io() {
            return table.io();
        }

        @Override
        public String metadataFileLocation(String fileName) {
            return metadataLocation(current.location(), fileName);
        }

        @Override
        public LocationProvider locationProvider() {
            return LocationProviders.locationsFor(current.location(), current.properties());
        }

        @Override
        public long newSnapshotId() {
            return table.newSnapshotId();
        }
    }
}
