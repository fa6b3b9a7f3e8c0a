package io.sink.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;

/**
 * A metadata directory on S3. A version is created by a PUT that the store refuses if the name is taken; an object is
 * there whole or not at all. After any answer other than success, the object is read to see what happened.
 *
 * @ref LLP 0009#create
 */
final class S3MetadataStore implements MetadataStore {
    private static final Logger LOG = LoggerFactory.getLogger(S3MetadataStore.class);
    private static final String HINT = "version-hint.text";
    private static final String VERSIONS = "v";

    private final S3Location directory;
    private final DelegateFileIO io;
    private final S3Requests requests;
    private final boolean singleWriter;
    private final Runnable guard;

    /**
     * @param singleWriter whether there is no other writer, so that looking first is as safe as the store's own check
     * @param guard runs before each creation, and refuses it by throwing
     */
    S3MetadataStore(
            S3Location directory, DelegateFileIO io, S3Requests requests, boolean singleWriter, Runnable guard) {
        this.guard = guard;
        this.directory = directory;
        this.io = io;
        this.requests = requests;
        this.singleWriter = singleWriter;
    }

    @Override
    public List<MetadataVersion> versions() {
        List<MetadataVersion> versions = new ArrayList<>();
        for (FileInfo file : io.listPrefix(at(VERSIONS))) {
            version(file).ifPresent(versions::add);
        }
        versions.stream()
                .max(Comparator.comparingLong(MetadataVersion::number))
                .ifPresent(newest -> addUnlisted(newest, versions));
        return versions;
    }

    /**
     * A listing may be older than the newest version. Whoever took an old version for the current one would delete what
     * the newest one needs, so the store is asked for the next name.
     */
    private void addUnlisted(MetadataVersion newest, List<MetadataVersion> versions) {
        MetadataVersion next = newest.following();
        while (io.newInputFile(at(next.fileName())).exists()) {
            LOG.info("{} is not listed, and is there", at(next.fileName()));
            versions.add(next);
            next = next.following();
        }
    }

    @Override
    public boolean holdsVersions() {
        for (FileInfo file : io.listPrefix(at(VERSIONS))) {
            if (version(file).isPresent()) {
                return true;
            }
        }
        return false;
    }

    /** The version that a file is, if any; a file in a directory below is none. */
    private Optional<MetadataVersion> version(FileInfo file) {
        return MetadataVersion.of(file.location().substring(at("").length()));
    }

    @Override
    public byte[] read(String fileName) {
        try (InputStream in = io.newInputFile(at(fileName)).newStream()) {
            return WholeMetadata.read(at(fileName), in);
        } catch (IOException e) {
            throw new RuntimeIOException(e, "Cannot read %s", at(fileName));
        }
    }

    @Override
    public void create(String fileName, byte[] content) {
        S3Location name = directory.child(fileName);
        try {
            guard.run();
        } catch (RuntimeException e) {
            throw new NothingCommittedException(String.valueOf(e.getMessage()), e);
        }
        try {
            if (singleWriter) {
                createWhereNobodyElseDoes(name, content);
            } else {
                requests.create(name, content);
            }
        } catch (AlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            // the writer's local buffer, of which nothing was sent yet
            throw new NothingCommittedException("Cannot write " + name + ": " + e, e);
        } catch (RuntimeException e) {
            settle(fileName, content, e);
        }
    }

    private void createWhereNobodyElseDoes(S3Location name, byte[] content) throws IOException {
        if (requests.exists(name)) {
            throw new AlreadyExistsException("Already exists: %s", name);
        }
        requests.put(name, content);
    }

    /**
     * Finds out what became of a request that did not succeed. The client repeats a request after a lost answer or a
     * 503, and the second answer may then say that the name is taken: by the first request.
     */
    private void settle(String fileName, byte[] content, RuntimeException failure) {
        byte[] found;
        try {
            found = readIfThere(fileName);
        } catch (RuntimeException blind) {
            if (isRefused(failure)) {
                throw new NothingCommittedException(
                        "Cannot create " + at(fileName) + ": " + failure.getMessage(), failure);
            }
            failure.addSuppressed(blind);
            throw new CommitStateUnknownException(failure);
        }
        if (found != null && Arrays.equals(found, content)) {
            LOG.warn("Created {}, although the store answered: {}", at(fileName), failure.toString());
        } else if (found != null || isLost(failure)) {
            throw new AlreadyExistsException(failure, "Already exists: %s", at(fileName));
        } else if (isRefused(failure)) {
            throw new NothingCommittedException("Cannot create " + at(fileName) + ": " + failure.getMessage(), failure);
        } else {
            throw new CommitStateUnknownException(failure);
        }
    }

    private byte @Nullable [] readIfThere(String fileName) {
        try {
            return read(fileName);
        } catch (NotFoundException e) {
            return null;
        }
    }

    /** Another writer's object was there and is gone by now, or another writer was creating it. */
    private static boolean isLost(RuntimeException failure) {
        int status = onlyAnswer(failure);
        return status == 412 || status == 409;
    }

    /** The only request was answered in a way that rules out that it was carried out. */
    private static boolean isRefused(RuntimeException failure) {
        int status = onlyAnswer(failure);
        return status == 501 || (status >= 400 && status < 500 && status != 408 && status != 409 && status != 412);
    }

    /** The status of the answer to a request that was sent once; 0 if there was none, or if it was sent again. */
    private static int onlyAnswer(RuntimeException failure) {
        Integer attempts = failure instanceof SdkException sdk ? sdk.numAttempts() : null;
        return failure instanceof SdkServiceException service && attempts != null && attempts == 1
                ? service.statusCode()
                : 0;
    }

    @Override
    public void writeHint(long version) throws IOException {
        try (OutputStream out = io.newOutputFile(at(HINT)).createOrOverwrite()) {
            out.write(Long.toString(version).getBytes(StandardCharsets.UTF_8));
        }
    }

    private String at(String name) {
        return directory.child(name).toString();
    }
}
