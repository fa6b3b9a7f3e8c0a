package io.sink.orphans;

import io.sink.storage.JournaledFiles;
import io.sink.storage.Locations.Place;
import io.sink.table.LocationNormalizer;
import io.sink.table.TableHead;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;

/** Lists a table's places, and finds on the way which files in them other tables or runs own. */
final class Listing {
    /** Tables without a catalog are found by these files; only their readers know which of them are needed. */
    private static final Pattern BY_PATH =
            Pattern.compile(".*/(v[0-9]+[^/]*\\.metadata\\.json(\\.gz)?|version-hint\\.text)");

    /** A metadata file this young may be a commit on its way, or one that lost its race a moment ago. */
    private static final Duration ON_ITS_WAY = Duration.ofHours(1);

    /** Clocks of writers to a table of format version 1 agree to within this time. */
    private static final Duration SAME_TIME = Duration.ofMinutes(1);

    /** The clocks that date the files of one storage agree to within this time. */
    private static final Duration CLOCKS_AGREE = Duration.ofDays(1);

    private final TableOperations ops;
    private final SweepLocations places;
    private final AntiJoin join;
    private final Instant now;
    private final Instant cutoff;
    private final Set<String> log;
    private final String ownMetadata;
    private final Map<String, TableHead> ahead = new HashMap<>();
    private final LocationNormalizer spelling;
    private final String newest;
    private boolean hasNewest;
    private long files;
    private long bytes;
    private long young;
    private long journaled;

    /** @param cutoff files that the storage dates later are not looked at */
    Listing(TableOperations ops, SweepLocations places, AntiJoin join, Instant now, Instant cutoff) {
        this.ops = ops;
        this.places = places;
        this.join = join;
        this.now = now;
        this.cutoff = cutoff;
        this.log = log(ops.current());
        this.spelling = LocationNormalizer.of(ops.io());
        this.newest = ops.current().metadataFileLocation();
        this.ownMetadata = directory(ops.metadataFileLocation("x"));
    }

    private static Set<String> log(TableMetadata metadata) {
        Set<String> log = metadata.previousFiles().stream()
                .map(TableMetadata.MetadataLogEntry::file)
                .collect(Collectors.toSet());
        log.add(metadata.metadataFileLocation());
        return log;
    }

    /** How many files were listed. */
    long files() {
        return files;
    }

    /** Total length in bytes of the listed files. */
    long bytes() {
        return bytes;
    }

    /** How many files are too young to be looked at. */
    long young() {
        return young;
    }

    /** How many files journals name. */
    long journaled() {
        return journaled;
    }

    /**
     * Lists one place to its end.
     *
     * @throws RuntimeException if the listing fails anywhere, or a file that tells whose files these are cannot be read
     */
    void list(Place place, Runnable safePoint) {
        each(place.spelled(), safePoint, file -> add(ops.io(), place, file));
    }

    private void each(String prefix, Runnable safePoint, Consumer<FileInfo> listed) {
        Iterable<FileInfo> found = ((SupportsPrefixOperations) ops.io()).listPrefix(prefix);
        try {
            for (FileInfo file : found) {
                safePoint.run();
                listed.accept(file);
            }
        } finally {
            if (found instanceof Closeable open) {
                close(open);
            }
        }
    }

    /**
     * Reads those of the table's metadata folders that are not swept, since they nest with another table's place. Their
     * journals may name files in places that are swept, and a metadata file that is newer than the table may lie there.
     *
     * @throws RuntimeException as {@link #list}
     */
    void learnFromUnswept(Runnable safePoint) {
        Set<String> folders = new TreeSet<>();
        log.forEach(file -> folders.add(directory(file) + "/"));
        folders.add(ownMetadata + "/");
        folders.add(ops.current().location() + "/metadata/");
        folders.removeIf(folder -> places.swept().stream()
                .anyMatch(place -> spelling.normal(folder).startsWith(place.root())));
        // Many tables can share such a folder: of their metadata files, those that are older than the table's own are
        // not read.
        Instant[] oldest = {Instant.MIN};
        List<FileInfo> unknown = new ArrayList<>();
        for (String folder : folders) {
            each(folder, safePoint, file -> {
                String location = file.location();
                if (JournaledFiles.isJournal(location)) {
                    readJournal(ops.io(), location);
                } else if (location.equals(ops.current().metadataFileLocation())) {
                    oldest[0] = writtenAt(file).minus(CLOCKS_AGREE);
                } else if (TableHead.isMetadata(location) && !log.contains(location)) {
                    unknown.add(file);
                }
            });
        }
        for (FileInfo file : unknown) {
            safePoint.run();
            if (!writtenAt(file).isBefore(oldest[0])) {
                TableHead.read(ops.io(), file.location()).filter(places::isOwn).ifPresent(head -> noteOwn(file, head));
            }
        }
    }

    private static Instant writtenAt(FileInfo file) {
        return Instant.ofEpochMilli(file.createdAtMillis());
    }

    private void readJournal(FileIO io, String location) {
        List<String> named = JournaledFiles.namedIn(io, location);
        named.forEach(join::live);
        journaled += named.size();
    }

    private void noteOwn(FileInfo file, TableHead head) {
        if (writtenAt(file).isBefore(now.minus(ON_ITS_WAY)) && isAhead(head, ops.current())) {
            ahead.put(file.location(), head);
        }
    }

    private static void close(Closeable open) {
        try {
            open.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close a listing", e);
        }
    }

    private void add(FileIO io, Place place, FileInfo file) {
        String location = file.location();
        String normal = spelling.normal(location);
        hasNewest |= normal.equals(spelling.normal(newest));
        if (!normal.startsWith(place.root())) {
            throw new LocationMismatchException(location, place.spelled());
        }
        files++;
        bytes += file.size();
        places.learn(location);
        if (JournaledFiles.isJournal(location)) {
            readJournal(io, location);
            return;
        }
        if (TableHead.isMetadata(location) && !log.contains(location) && !readMetadata(io, file)) {
            return;
        }
        if (writtenAt(file).isAfter(cutoff)) {
            young++;
            return;
        }
        if (!places.isHidden(place, location) && !BY_PATH.matcher(location).matches()) {
            join.listed(new ListedFile(location, file.size()));
        }
    }

    /** Learns from a metadata file that is not in the table's log; whether the file itself may be an orphan. */
    private boolean readMetadata(FileIO io, FileInfo file) {
        String location = file.location();
        if (places.isInOthers(location)) {
            return false;
        }
        Optional<TableHead> head = TableHead.read(io, location);
        String directory = directory(location);
        if (head.isPresent() && places.isOwn(head.get())) {
            noteOwn(file, head.get());
            return true;
        }
        if (directory.equals(ownMetadata)) {
            if (head.isPresent()) {
                places.isOthers(directory);
            }
            return false;
        }
        places.isOthers(directory.endsWith("/metadata") ? directory(directory) : directory);
        return false;
    }

    /**
     * A metadata file of this table that is newer than the table, if there is one: then another catalog may own the
     * table, and what this one shows is old.
     */
    Optional<String> newerThan(TableMetadata metadata) {
        Set<String> newLog = log(metadata);
        return ahead.entrySet().stream()
                .filter(file -> !newLog.contains(file.getKey()) && isAhead(file.getValue(), metadata))
                .map(Map.Entry::getKey)
                .sorted()
                .findFirst();
    }

    /**
     * The table's metadata file, if it lies in a place that was listed, is there, and was not in the list: then the
     * list lacks other files too, for all one knows.
     */
    Optional<String> missed() {
        String normal = spelling.normal(newest);
        boolean expected = places.swept().stream().anyMatch(place -> normal.startsWith(place.root()));
        return expected && !hasNewest && ops.io().newInputFile(newest).exists()
                ? Optional.of(newest)
                : Optional.empty();
    }

    private static boolean isAhead(TableHead head, TableMetadata metadata) {
        return metadata.formatVersion() > 1
                ? head.sequenceNumber() > metadata.lastSequenceNumber()
                : head.updatedMillis() > metadata.lastUpdatedMillis() + SAME_TIME.toMillis();
    }

    private static String directory(String location) {
        return location.substring(0, location.lastIndexOf('/'));
    }
}
