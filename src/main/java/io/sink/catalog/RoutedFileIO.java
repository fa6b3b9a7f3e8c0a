package io.sink.catalog;

import io.sink.storage.CommitFiles;
import io.sink.storage.ConfinedDeletion;
import io.sink.storage.OutgoingMetadata;
import io.sink.storage.UnfinishedUploads;
import io.sink.table.ExactLocation;
import io.sink.table.ObjectChecksum;
import io.sink.table.ObjectChecksums;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.hadoop.HadoopConfigurable;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.ResolvingFileIO;
import org.apache.iceberg.io.StorageCredential;
import org.apache.iceberg.io.SupportsStorageCredentials;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the storage by a location's scheme: {@link LocalFileIO} for none and {@code file}, Iceberg's own
 * {@link ResolvingFileIO} for every other.
 *
 * <p>{@code ResolvingFileIO} sends local files through Hadoop; here they load no class of Hadoop. S3 loads a few if
 * Hadoop is on the class path, because {@code S3FileIO} reports its metrics there too, but no data goes through them.
 */
public final class RoutedFileIO
        implements DelegateFileIO, SupportsStorageCredentials, UnfinishedUploads, ConfinedDeletion, ObjectChecksums {
    /** Prefix of a storage property that is applied last, over the values of a catalog's server. */
    public static final String OVERRIDE = "sink.override.";

    /** The property with the class of storage for what is not local; if it is not set, the scheme decides. */
    static final String REMOTE = "sink.remote-io-impl";

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(RoutedFileIO.class);
    /** Locations that one bulk deletion holds in memory at most. */
    private static final int BATCH_FILES = 10_000;

    private final LocalFileIO local = new LocalFileIO();
    private Map<String, String> properties = Map.of();
    private HashMap<String, String> overrides = new HashMap<>();
    /** As the catalog sent them, without overrides. */
    private ArrayList<StorageCredential> given = new ArrayList<>();

    private ArrayList<StorageCredential> credentials = new ArrayList<>();
    private transient @Nullable DelegateFileIO remote;
    private transient @Nullable S3Checksums checksums;

    /** Called by Iceberg for {@code io-impl}. */
    public RoutedFileIO() {}

    /**
     * The same properties with this class as {@code io-impl}, and the class that they name, if any, behind it.
     *
     * <p>A class that cannot list or delete in bulk, needs Hadoop's configuration or is missing stays {@code io-impl}.
     */
    static Map<String, String> inFrontOf(Map<String, String> given) {
        Map<String, String> complete = new HashMap<>(behind(given));
        complete.putIfAbsent(CatalogProperties.FILE_IO_IMPL, RoutedFileIO.class.getName());
        return complete;
    }

    /** The same properties with their {@code io-impl}, if any, as the class behind this one; else as they are. */
    static Map<String, String> behind(Map<String, String> given) {
        String named = given.get(CatalogProperties.FILE_IO_IMPL);
        if (named == null || !serves(named)) {
            return given;
        }
        Map<String, String> complete = new HashMap<>(given);
        complete.remove(CatalogProperties.FILE_IO_IMPL);
        if (!named.equals(ResolvingFileIO.class.getName()) && !named.equals(RoutedFileIO.class.getName())) {
            complete.put(REMOTE, named);
        }
        return complete;
    }

    private static boolean serves(String named) {
        try {
            Class<?> type = Class.forName(named, false, RoutedFileIO.class.getClassLoader());
            return type == ResolvingFileIO.class
                    || (DelegateFileIO.class.isAssignableFrom(type)
                            && !HadoopConfigurable.class.isAssignableFrom(type));
        } catch (ClassNotFoundException | LinkageError missing) {
            return false;
        }
    }

    /** Takes new properties, and closes the storage that was opened with the old ones. */
    @Override
    public synchronized void initialize(Map<String, String> newProperties) {
        close();
        this.properties = overridden(newProperties);
        this.overrides = overrides(newProperties);
        this.credentials = overridden(given, overrides);
        local.initialize(properties);
    }

    private static HashMap<String, String> overrides(Map<String, String> given) {
        HashMap<String, String> overrides = new HashMap<>();
        given.forEach((key, value) -> {
            if (key.startsWith(OVERRIDE)) {
                overrides.put(key.substring(OVERRIDE.length()), value);
            }
        });
        return overrides;
    }

    /** A vended credential wins over the storage's properties, so that overrides have to be applied to it too. */
    private static ArrayList<StorageCredential> overridden(
            List<StorageCredential> given, Map<String, String> overrides) {
        ArrayList<StorageCredential> credentials = new ArrayList<>();
        for (StorageCredential credential : given) {
            Map<String, String> config = new HashMap<>(credential.config());
            config.putAll(overrides);
            credentials.add(StorageCredential.create(credential.prefix(), config));
        }
        return credentials;
    }

    /** A server's properties of a table win over the client's; properties with the prefix win over the server's. */
    private static Map<String, String> overridden(Map<String, String> given) {
        Map<String, String> complete = new HashMap<>(given);
        given.forEach((key, value) -> {
            if (key.startsWith(OVERRIDE)) {
                complete.remove(key);
                complete.put(key.substring(OVERRIDE.length()), value);
            }
        });
        // Iceberg 1.12 no longer reads the names by which servers named their signer before, and asks elsewhere
        for (String signer : List.of("signer.uri", "signer.endpoint")) {
            if (complete.containsKey("s3." + signer)) {
                complete.putIfAbsent(signer, complete.get("s3." + signer));
            }
        }
        if (complete.containsKey("client.refresh-credentials-endpoint")
                && !"false".equalsIgnoreCase(complete.get("client.refresh-credentials-enabled"))) {
            complete.putIfAbsent("client.credentials-provider", NotedCredentials.class.getName());
        }
        S3Region.addTo(complete);
        return Map.copyOf(complete);
    }

    @Override
    public synchronized Map<String, String> properties() {
        return properties;
    }

    /**
     * Takes credentials that a catalog vended, with the overrides applied. Storage that is already open goes on with
     * them.
     */
    @Override
    public synchronized void setCredentials(List<StorageCredential> newCredentials) {
        this.given = new ArrayList<>(newCredentials);
        this.credentials = overridden(given, overrides);
        closeChecksums();
        if (remote instanceof SupportsStorageCredentials open) {
            open.setCredentials(credentials);
        }
    }

    @Override
    public synchronized List<StorageCredential> credentials() {
        return List.copyOf(credentials);
    }

    @Override
    public InputFile newInputFile(String location) {
        return opened(location, io -> io.newInputFile(location));
    }

    @Override
    public InputFile newInputFile(String location, long length) {
        return opened(location, io -> io.newInputFile(location, length));
    }

    private InputFile opened(String location, Function<DelegateFileIO, InputFile> open) {
        try {
            return WholeMetadata.of(open.apply(io(location)));
        } catch (RuntimeException e) {
            throw MetadataReading.failed(location, e);
        }
    }

    @Override
    public OutputFile newOutputFile(String location) {
        ExactLocation.require(location);
        // Only these belong to one commit. Every commit overwrites the version hint, so no commit may delete it.
        if (location.endsWith(".metadata.json")) {
            CommitFiles.aboutToCreate(location);
            return new CommittedOutput(io(location).newOutputFile(location));
        }
        return io(location).newOutputFile(location);
    }

    /** Deletes a file; during a commit only an older metadata file of the table. */
    @Override
    public void deleteFile(String location) {
        ExactLocation.require(location);
        OutgoingMetadata outgoing = CommitFiles.outgoing();
        if (outgoing == null) {
            io(location).deleteFile(location);
        } else if (CommitFiles.keepsMetadata()) {
            LOG.info("{} is not deleted: another entry of the table may use it", location);
        } else {
            removed(outgoing, location);
        }
    }

    /**
     * Deletes in bulk, per storage. Every location is tried. A location that the storage could take for another counts
     * as a failure and is not tried; during a commit so does one that is no older metadata file of the table.
     *
     * @throws BulkDeletionFailureException with the number of all failures
     */
    @Override
    public void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException {
        List<String> here = new ArrayList<>();
        List<String> away = new ArrayList<>();
        int failed = 0;
        OutgoingMetadata outgoing = CommitFiles.outgoing();
        for (Iterator<String> all = locations.iterator(); all.hasNext(); ) {
            String location = all.next();
            if (ExactLocation.refusal(location, false) != null) {
                failed++;
            } else if (outgoing == null) {
                (LocalLocation.isLocal(location) ? here : away).add(location);
            } else if (!CommitFiles.keepsMetadata()) {
                failed += removed(outgoing, location) ? 0 : 1;
            }
            if (here.size() + away.size() == BATCH_FILES || !all.hasNext()) {
                failed += here.isEmpty() ? 0 : failures(local, here);
                failed += away.isEmpty() ? 0 : failures(remote(), away);
                here.clear();
                away.clear();
            }
        }
        if (failed > 0) {
            throw new BulkDeletionFailureException(failed);
        }
    }

    @Override
    public void deleteFileWithin(Path root, String location) {
        local.deleteFileWithin(root, location);
    }

    @Override
    public Map<String, String> deleteFilesWithin(Path root, Collection<String> locations) {
        return local.deleteFilesWithin(root, locations);
    }

    private boolean removed(OutgoingMetadata outgoing, String location) {
        try {
            String refusal = outgoing.refusal(location);
            if (refusal != null) {
                LOG.info("{} left the metadata log and stays: {}", location, refusal);
                return false;
            }
            outgoing.remove(io(location), location);
        } catch (NotFoundException e) {
            LOG.debug("Already gone: {}", location);
        } catch (RuntimeException e) {
            LOG.warn("Cannot delete {}: {}", location, e.toString());
            return false;
        }
        return true;
    }

    private static int failures(DelegateFileIO io, List<String> locations) {
        try {
            io.deleteFiles(locations);
            return 0;
        } catch (BulkDeletionFailureException e) {
            return e.numberFailedObjects();
        }
    }

    @Override
    public Iterable<FileInfo> listPrefix(String prefix) {
        DelegateFileIO io = io(prefix);
        return AzureListing.isFor(prefix) ? AzureListing.of(io, prefix) : io.listPrefix(prefix);
    }

    /** Always refuses: files are deleted by name, one by one. */
    @Override
    public void deletePrefix(String prefix) {
        throw new UnsupportedOperationException("Will not delete by prefix: " + prefix);
    }

    /** Aborts uploads to S3. Other storages remove the parts of unfinished uploads by themselves. */
    @Override
    public int abortUploads(Collection<String> locations) {
        List<S3Location> onS3 =
                locations.stream().filter(S3Location::isS3).map(S3Location::of).toList();
        if (onS3.isEmpty()) {
            return 0;
        }
        try (S3Uploads uploads = new S3Uploads(properties(), credentials())) {
            return uploads.abort(onS3);
        }
    }

    /** That of an object on S3; other storages are read back. */
    @Override
    public synchronized @Nullable ObjectChecksum checksum(String location) {
        if (!S3Location.isS3(location)) {
            return null;
        }
        String written = S3FileIO.class.getName();
        if (!properties.getOrDefault(REMOTE, written).equals(written)) {
            return null;
        }
        S3Checksums open = checksums;
        try {
            if (open == null) {
                open = new S3Checksums(properties, credentials);
                checksums = open;
            }
            return open.of(S3Location.of(location));
        } catch (RuntimeException e) {
            LOG.debug("Files are read back, since there is no client for their checksums: {}", e.toString());
            return null;
        }
    }

    private synchronized void closeChecksums() {
        if (checksums != null) {
            checksums.close();
            checksums = null;
        }
    }

    @Override
    public synchronized void close() {
        closeChecksums();
        if (remote != null) {
            remote.close();
            remote = null;
        }
    }

    private DelegateFileIO io(String location) {
        AddOns.require(location);
        if (LocalLocation.isLocal(location)) {
            return local;
        }
        if (!properties.containsKey(REMOTE)) {
            AddOns.requireKnown(location);
        }
        return remote();
    }

    private synchronized DelegateFileIO remote() {
        DelegateFileIO open = remote;
        if (open == null) {
            String impl = properties.getOrDefault(REMOTE, ResolvingFileIO.class.getName());
            open = (DelegateFileIO) CatalogUtil.loadFileIO(impl, properties, null, credentials);
            remote = open;
        }
        return open;
    }
}
