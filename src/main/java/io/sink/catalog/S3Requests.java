package io.sink.catalog;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.io.FileInfo;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.DelegatingS3Client;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/**
 * Two requests to S3 that {@link S3FileIO} does not make: listing one level, and creating an object only if there is
 * none.
 *
 * <p>Everything that the properties say of a client or of a written object (endpoint, region, credentials, encryption,
 * tags, ACL, storage class) is left to S3FileIO: its writer is used as it is, over a client that adds one header.
 */
final class S3Requests implements AutoCloseable {

    private final S3FileIO plain;
    private final S3FileIO exclusive;
    private final S3FileIOProperties settings;

    /** @param properties Iceberg's own properties, as for S3FileIO */
    S3Requests(Map<String, String> properties) {
        Map<String, String> complete = new HashMap<>(properties);
        complete.put("init-creation-stacktrace", "false");
        this.settings = new S3FileIOProperties(complete);
        this.plain = new S3FileIO();
        plain.initialize(complete);
        S3FileIO client = plain;
        this.exclusive = new S3FileIO(() -> new OnlyWhereNoneIs(client.client()));
        exclusive.initialize(complete);
    }

    /** The names of the directories directly inside this one: the parts of keys from it to the next slash. */
    List<String> directories(S3Location directory) {
        String prefix = directory.directory().key();
        ListObjectsV2Request request = ListObjectsV2Request.builder()
                .bucket(settings.bucketToAccessPointMapping().getOrDefault(directory.bucket(), directory.bucket()))
                .prefix(prefix)
                .delimiter("/")
                .build();
        List<String> names = new ArrayList<>();
        for (CommonPrefix found : plain.client().listObjectsV2Paginator(request).commonPrefixes()) {
            names.add(found.prefix().substring(prefix.length(), found.prefix().length() - 1));
        }
        return names;
    }

    /**
     * Creates an object if there is none; a store that ignores the condition replaces it.
     *
     * @throws software.amazon.awssdk.core.exception.SdkException if the store refused it, or did not answer
     */
    void create(S3Location location, byte[] content) throws IOException {
        write(exclusive, location, content);
    }

    /** Creates or replaces an object. */
    void put(S3Location location, byte[] content) throws IOException {
        write(plain, location, content);
    }

    /** Deletes an object, if deletion is enabled in the properties. */
    void delete(S3Location location) {
        plain.deleteFile(location.toString());
    }

    /** Whether the properties let anything be deleted. */
    boolean deletes() {
        return settings.isDeleteEnabled();
    }

    /** Every object whose key begins with this one. */
    Iterable<FileInfo> list(S3Location prefix) {
        return plain.listPrefix(prefix.toString());
    }

    boolean exists(S3Location location) {
        return plain.newInputFile(location.toString()).exists();
    }

    private static void write(S3FileIO io, S3Location location, byte[] content) throws IOException {
        try (OutputStream out = io.newOutputFile(location.toString()).createOrOverwrite()) {
            out.write(content);
        }
    }

    @Override
    public void close() {
        exclusive.close();
        plain.close();
    }

    private static final class OnlyWhereNoneIs extends DelegatingS3Client {
        private static final String ANY = "*";

        OnlyWhereNoneIs(S3Client client) {
            super(client);
        }

        @Override
        public PutObjectResponse putObject(PutObjectRequest request, RequestBody body) {
            return super.putObject(request.toBuilder().ifNoneMatch(ANY).build(), body);
        }

        @Override
        public CompleteMultipartUploadResponse completeMultipartUpload(CompleteMultipartUploadRequest request) {
            return super.completeMultipartUpload(
                    request.toBuilder().ifNoneMatch(ANY).build());
        }

        /** The client belongs to another S3FileIO, which closes it. */
        @Override
        public void close() {}
    }
}
