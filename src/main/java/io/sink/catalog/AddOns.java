package io.sink.catalog;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Modules that are not shipped, so that the program stays small, and the advice to give if one is needed and missing.
 *
 * @ref LLP 0010#add-ons
 */
final class AddOns {
    private static final String GCS = "org.apache.iceberg:iceberg-gcp and com.google.cloud:google-cloud-storage";
    private static final String AZURE = "org.apache.iceberg:iceberg-azure and com.azure:azure-storage-file-datalake";
    private static final String HDFS = "org.apache.hadoop.hdfs.DistributedFileSystem";
    private static final String HADOOP = "a Hadoop client with the file system's own jars";

    /** Modules by the prefix of the names of their classes. */
    private static final Map<String, String> MODULES = Map.of(
            "software.amazon.awssdk.services.glue.", "software.amazon.awssdk:glue",
            "software.amazon.awssdk.services.dynamodb.", "software.amazon.awssdk:dynamodb",
            "org.apache.iceberg.gcp.", GCS,
            "org.apache.iceberg.azure.", AZURE,
            "org.apache.iceberg.hive.", "org.apache.iceberg:iceberg-hive-metastore with a Hive metastore client",
            "org.apache.iceberg.nessie.", "org.apache.iceberg:iceberg-nessie (or type: rest, which Nessie serves too)",
            "org.apache.iceberg.snowflake.", "org.apache.iceberg:iceberg-snowflake with Snowflake's JDBC driver",
            "org.apache.hadoop.", HADOOP);

    /** By scheme, the class that Iceberg loads for such locations, and the module that has it. */
    private static final Map<String, Map.Entry<String, String>> STORAGES = Map.of(
            "gs", Map.entry("org.apache.iceberg.gcp.gcs.GCSFileIO", GCS),
            "abfs", Map.entry("org.apache.iceberg.azure.adlsv2.ADLSFileIO", AZURE),
            "abfss", Map.entry("org.apache.iceberg.azure.adlsv2.ADLSFileIO", AZURE),
            "wasb", Map.entry("org.apache.iceberg.azure.adlsv2.ADLSFileIO", AZURE),
            "wasbs", Map.entry("org.apache.iceberg.azure.adlsv2.ADLSFileIO", AZURE),
            "hdfs", Map.entry(HDFS, HADOOP));

    private static final Set<String> S3 = Set.of("s3", "s3a", "s3n");
    private static final Pattern SCHEME = Pattern.compile("([a-z][a-z0-9+.-]+):", Pattern.CASE_INSENSITIVE);

    private AddOns() {}

    /** Names the missing module and says where it goes, if a class of a known module was not found; else null. */
    static @Nullable String missing(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ClassNotFoundException
                    || cause instanceof LinkageError
                    || cause instanceof IllegalArgumentException) {
                String text = String.valueOf(cause.getMessage()).replace('/', '.');
                for (Map.Entry<String, String> module : MODULES.entrySet()) {
                    if (text.contains(module.getKey())) {
                        return advice(module.getValue());
                    }
                }
            }
        }
        return null;
    }

    /**
     * Makes sure that the classes are there to open files at this location. By itself Iceberg falls back to Hadoop,
     * tries for a minute and a half, and names a class that has nothing to do with it.
     *
     * @throws NoClassDefFoundError naming the missing module and where it goes
     */
    static void require(String location) {
        int colon = location.indexOf(':');
        String scheme = colon < 0 ? "" : location.substring(0, colon).toLowerCase(Locale.ROOT);
        Map.Entry<String, String> storage = STORAGES.get(scheme);
        if (storage != null && !isThere(storage.getKey())) {
            throw new NoClassDefFoundError(scheme + ":// needs an add-on: " + advice(storage.getValue()));
        }
    }

    /**
     * Makes sure that Iceberg knows a storage for this location. By itself it tries Hadoop's for every other scheme.
     *
     * @throws NoClassDefFoundError naming the location
     */
    static void requireKnown(String location) {
        Matcher scheme = SCHEME.matcher(location);
        if (scheme.lookingAt()
                && !S3.contains(scheme.group(1).toLowerCase(Locale.ROOT))
                && !STORAGES.containsKey(scheme.group(1).toLowerCase(Locale.ROOT))
                && !isThere(HDFS)) {
            throw new NoClassDefFoundError(location + " lies in no storage that is known here: " + scheme.group(1));
        }
    }

    private static boolean isThere(String name) {
        try {
            Class.forName(name, false, AddOns.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    private static String advice(String module) {
        return module + " and what they depend on are not shipped with sink; put the jars into its directory ext,"
                + " or name them in SINK_CLASSPATH";
    }
}
