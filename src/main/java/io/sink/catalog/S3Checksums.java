package io.sink.catalog;

import io.sink.table.ObjectChecksum;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.io.StorageCredential;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * The checksums that S3 keeps of objects that {@link S3FileIO} writes: CRC-32, which the client sends with each request
 * unless it is told not to, or the entity tag, which is an MD5 where the store does not encrypt with a key of its own.
 *
 * <p>A checksum that is equal shows that the object is whole. One that differs shows nothing, since it may be of
 * another kind.
 *
 * @ref LLP 0026#stored
 */
final class S3Checksums implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(S3Checksums.class);

    private final S3FileIO io = new S3FileIO();
    private final S3FileIOProperties settings;
    /** What was seen: an MD5 takes more CPU time than a merge that copies pages, so it is not made for nothing. */
    private final Map<Place, Kept> seen = new ConcurrentHashMap<>();

    private record Place(String bucket, boolean inParts) {}

    private enum Kept {
        CRC32,
        MD5,
        NOTHING
    }

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
        Kept whole = seen.get(new Place(location.bucket(), false));
        Kept inParts = seen.get(new Place(location.bucket(), true));
        if (whole == Kept.NOTHING && inParts == Kept.NOTHING) {
            return null;
        }
        int partSize = settings.multiPartSize();
        return new Written(
                location,
                new UploadDigest(
                        partSize,
                        (long) (partSize * settings.multipartThresholdFactor()),
                        whole == null || whole == Kept.MD5,
                        inParts == null || inParts == Kept.MD5));
    }

    private HeadObjectResponse head(S3Location location) {
        String bucket = settings.bucketToAccessPointMapping().getOrDefault(location.bucket(), location.bucket());
        return io.client(location.toString())
                .headObject(head -> head.bucket(bucket).key(location.key()).checksumMode(ChecksumMode.ENABLED));
    }

    @Override
    public void close() {
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
            if (seen.get(place) == Kept.NOTHING) {
                return null;
            }
            try {
                Kept kept = kept(head(location));
                seen.put(place, kept);
                return kept == Kept.NOTHING ? null : kept.name();
            } catch (RuntimeException e) {
                // Then the object is fetched, which shows more.
                LOG.debug("The store did not tell the checksum of {}: {}", location, e.toString());
                return null;
            }
        }

        private Kept kept(HeadObjectResponse stored) {
            UploadDigest.Ended ended = digest.end();
            if (stored.contentLength() == null || stored.contentLength() != digest.length()) {
                return Kept.NOTHING;
            }
            String crc = stored.checksumCRC32();
            if (ended.crc32().equals(crc) || ended.crc32OfParts().equals(crc)) {
                return Kept.CRC32;
            }
            String tag = stored.eTag() == null ? null : stored.eTag().replace("\"", "");
            return ended.md5() != null && ended.md5().equals(tag) ? Kept.MD5 : Kept.NOTHING;
        }
    }
}
