package io.sink.catalog;

import io.sink.table.ObjectChecksum;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.io.StorageCredential;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * The checksums that S3 keeps of objects that {@link S3FileIO} writes: the entity tag, which is an MD5 unless the
 * object is encrypted with a key of the client or of KMS, or a CRC-32, which the client sends with objects that are
 * uploaded at once, unless it is told not to.
 *
 * <p>A checksum that is equal shows that the object is whole. One that differs shows nothing, since it may be of
 * another kind.
 *
 * @ref LLP 0026#stored
 */
final class S3Checksums implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(S3Checksums.class);
    private static final String NOTHING = "";
    /** Answers to a request that this store or these credentials do not allow, and that come again. */
    private static final Set<Integer> REFUSED = Set.of(400, 403, 405, 501);

    private final S3FileIO io = new S3FileIO();
    private final S3FileIOProperties settings;
    /** What was seen: an MD5 takes more CPU time than a merge that copies pages, so it is not made for nothing. */
    private final Map<Place, String> seen = new ConcurrentHashMap<>();

    private volatile boolean closed;

    private record Place(String bucket, boolean inParts) {}

    /** @param properties Iceberg's own properties, as for S3FileIO */
    S3Checksums(Map<String, String> properties, List<StorageCredential> credentials) {
        Map<String, String> complete = new HashMap<>(properties);
        complete.put("init-creation-stacktrace", "false");
        this.settings = new S3FileIOProperties(complete);
        io.setCredentials(credentials);
        io.initialize(complete);
    }

    /** The checksum of an object that is about to be written; null if the bucket was seen to keep none. */
    @Nullable
    ObjectChecksum of(S3Location location) {
        String whole = seen.get(new Place(location.bucket(), false));
        String inParts = seen.get(new Place(location.bucket(), true));
        if (NOTHING.equals(whole) && NOTHING.equals(inParts)) {
            return null;
        }
        int partSize = settings.multiPartSize();
        return new Written(
                location,
                new UploadDigest(
                        partSize,
                        (long) (partSize * settings.multipartThresholdFactor()),
                        whole == null || whole.equals(UploadDigest.MD5),
                        inParts == null || inParts.equals(UploadDigest.MD5)));
    }

    private HeadObjectResponse head(S3Location location) {
        String bucket = settings.bucketToAccessPointMapping().getOrDefault(location.bucket(), location.bucket());
        return io.client(location.toString())
                .headObject(head -> head.bucket(bucket).key(location.key()).checksumMode(ChecksumMode.ENABLED));
    }

    @Override
    public void close() {
        closed = true;
        io.close();
    }

    private final class Written implements ObjectChecksum {
        private final S3Location location;
        private final UploadDigest digest;

        Written(S3Location location, UploadDigest digest) {
            this.location = location;
            this.digest = digest;
        }

        @Override
        public void update(byte[] bytes, int from, int count) {
            digest.update(bytes, from, count);
        }

        @Override
        public @Nullable String held() {
            Place place = new Place(location.bucket(), digest.inParts());
            if (closed || NOTHING.equals(seen.get(place))) {
                return null;
            }
            String kept = null;
            try {
                HeadObjectResponse stored = head(location);
                if (Objects.equals(stored.contentLength(), digest.length())) {
                    kept = digest.end().holds(stored);
                }
                seen.put(place, kept == null ? NOTHING : kept);
            } catch (RuntimeException e) {
                // Then the object is fetched, which shows more.
                LOG.debug("The store did not tell the checksum of {}: {}", location, e.toString());
                if (e instanceof SdkServiceException refusal && REFUSED.contains(refusal.statusCode())) {
                    seen.put(place, NOTHING);
                }
            }
            return kept;
        }
    }
}
