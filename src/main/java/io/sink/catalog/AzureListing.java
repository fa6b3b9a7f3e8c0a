package io.sink.catalog;

import java.util.Locale;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;

/**
 * Lists Azure's storage as all others are listed: by the beginning of a location. Iceberg's client sends a prefix as
 * the name of a directory, and one that is not there is an empty list; and it gives names without their container.
 *
 * @ref LLP 0010#azure
 */
final class AzureListing {
    private static final Set<String> SCHEMES = Set.of("abfs", "abfss", "wasb", "wasbs");

    private AzureListing() {}

    /** Whether the location is one of Azure's. */
    static boolean isFor(String location) {
        int colon = location.indexOf("://");
        return colon > 0 && SCHEMES.contains(location.substring(0, colon).toLowerCase(Locale.ROOT));
    }

    /** The files whose locations begin with the prefix, each as a location of its own. */
    static Iterable<FileInfo> of(SupportsPrefixOperations io, String prefix) {
        int container = prefix.indexOf('/', prefix.indexOf("://") + 3) + 1;
        if (container == 0) {
            return of(io, prefix + "/");
        }
        String root = prefix.substring(0, container);
        String directory = prefix.substring(0, prefix.lastIndexOf('/') + 1);
        return () -> StreamSupport.stream(io.listPrefix(directory).spliterator(), false)
                .map(file -> located(root, file))
                .filter(file -> file.location().startsWith(prefix))
                .iterator();
    }

    private static FileInfo located(String root, FileInfo file) {
        String name = file.location();
        return name.contains("://")
                ? file
                : new FileInfo(
                        root + (name.startsWith("/") ? name.substring(1) : name), file.size(), file.createdAtMillis());
    }
}
