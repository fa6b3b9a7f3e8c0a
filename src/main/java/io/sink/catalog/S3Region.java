package io.sink.catalog;

import java.util.Map;
import org.apache.iceberg.aws.AwsClientProperties;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProvider;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;

/**
 * Sets a region for an S3 store with its own endpoint if none is configured: the client needs one to sign requests,
 * and such stores accept any.
 */
final class S3Region {

    private S3Region() {}

    /**
     * Adds {@code client.region}, unless the properties, the environment or a profile have it, or there is no endpoint.
     */
    static void addTo(Map<String, String> properties) {
        if (properties.containsKey(S3FileIOProperties.ENDPOINT)
                && !properties.containsKey(AwsClientProperties.CLIENT_REGION)
                && !isNamed(new SystemSettingsRegionProvider())
                && !isNamed(new AwsProfileRegionProvider())) {
            properties.put(AwsClientProperties.CLIENT_REGION, Region.US_EAST_1.id());
        }
    }

    private static boolean isNamed(AwsRegionProvider provider) {
        try {
            return provider.getRegion() != null;
        } catch (SdkClientException e) {
            return false;
        }
    }
}
