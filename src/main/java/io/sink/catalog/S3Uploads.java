package io.sink.catalog;

import io.sink.table.Parallel;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.io.StorageCredential;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.paginators.ListMultipartUploadsIterable;

/** Aborts unfinished multipart uploads, which S3 keeps until then; {@link S3FileIO} can only abort its own. */
final class S3Uploads implements AutoCloseable {
    private final S3FileIO io = new S3FileIO();
    private final S3FileIOProperties settings;

    /** @param properties Iceberg's own properties, as for S3FileIO */
    S3Uploads(Map<String, String> properties, List<StorageCredential> credentials) {
        Map<String, String> complete = new HashMap<>(properties);
        complete.put("init-creation-stacktrace", "false");
        this.settings = new S3FileIOProperties(complete);
        io.setCredentials(credentials);
        io.initialize(complete);
    }

    /**
     * Aborts the uploads to exactly these locations.
     *
     * @return the number of aborted uploads
     * @throws software.amazon.awssdk.core.exception.SdkException if the store refused it, or did not answer
     */
    int abort(Collection<S3Location> locations) {
        AtomicInteger aborted = new AtomicInteger();
        Parallel.each(locations, location -> aborted.addAndGet(abort(location)));
        return aborted.get();
    }

    private int abort(S3Location location) {
        try {
            return abortAll(location);
        } catch (S3Exception e) {
            // A store that does not know the request has no uploads to list.
            if (e.statusCode() == 501 || e.statusCode() == 405) {
                return 0;
            }
            throw e;
        }
    }

    private int abortAll(S3Location location) {
        S3Client client = io.client(location.toString());
        String bucket = settings.bucketToAccessPointMapping().getOrDefault(location.bucket(), location.bucket());
        ListMultipartUploadsIterable found =
                client.listMultipartUploadsPaginator(list -> list.bucket(bucket).prefix(location.key()));
        int aborted = 0;
        for (MultipartUpload upload : found.uploads()) {
            // The prefix also matches longer keys.
            if (upload.key().equals(location.key())) {
                aborted += abort(client, bucket, upload);
            }
        }
        return aborted;
    }

    private static int abort(S3Client client, String bucket, MultipartUpload upload) {
        try {
            client.abortMultipartUpload(
                    abort -> abort.bucket(bucket).key(upload.key()).uploadId(upload.uploadId()));
            return 1;
        } catch (NoSuchUploadException gone) {
            return 0;
        }
    }

    @Override
    public void close() {
        io.close();
    }
}
