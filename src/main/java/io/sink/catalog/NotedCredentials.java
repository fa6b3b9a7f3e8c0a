package io.sink.catalog;

import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.aws.s3.VendedCredentialsProvider;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Iceberg's provider of vended keys. It reports each new key for redaction before use: storage repeats keys in errors.
 *
 * @ref LLP 0000#secrets
 */
public final class NotedCredentials implements AwsCredentialsProvider, SdkAutoCloseable {
    private final VendedCredentialsProvider vended;
    private final @Nullable String told;
    private volatile @Nullable AwsCredentials last;

    private NotedCredentials(VendedCredentialsProvider vended, @Nullable String told) {
        this.vended = vended;
        this.told = told;
    }

    /** Called by Iceberg for {@code client.credentials-provider}, with the properties of the storage. */
    public static NotedCredentials create(Map<String, String> properties) {
        return new NotedCredentials(
                VendedCredentialsProvider.create(properties), properties.get(VendedProperties.PROPERTY));
    }

    @Override
    public AwsCredentials resolveCredentials() {
        AwsCredentials now = vended.resolveCredentials();
        if (!now.equals(last)) {
            Map<String, String> secrets = new HashMap<>();
            secrets.put("s3.secret-access-key", now.secretAccessKey());
            if (now instanceof AwsSessionCredentials session) {
                secrets.put("s3.session-token", session.sessionToken());
            }
            VendedProperties.tell(told, secrets);
            last = now;
        }
        return now;
    }

    @Override
    public void close() {
        vended.close();
    }
}
