package io.sink.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/**
 * A table's past without a catalog: each commit writes a metadata file that catalogs can then be told of, or none.
 *
 * <p>A table costs what its files cost, so that a test can make thousands.
 */
public final class Pen implements TableOperations {
    private final FileIO io;
    private final boolean byPath;
    private final boolean writes;
    private TableMetadata current;
    private int version;

    private Pen(FileIO io, boolean byPath, boolean writes, TableMetadata first) {
        this.io = io;
        this.byPath = byPath;
        this.writes = writes;
        this.current = first;
    }

    /**
     * Writes the first metadata file, and one at each commit.
     *
     * @param byPath whether they are named as tables without a catalog are found
     */
    public static Pen create(FileIO io, boolean byPath, TableMetadata first) {
        Pen pen = new Pen(io, byPath, true, first);
        pen.write();
        return pen;
    }

    /** Commits to memory; {@link #write} writes what came of it. */
    public static Pen rehearsing(FileIO io, TableMetadata base) {
        return new Pen(io, false, false, base);
    }

    public BaseTable table() {
        return new BaseTable(this, "made");
    }

    @Override
    public TableMetadata current() {
        return current;
    }

    @Override
    public TableMetadata refresh() {
        return current;
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        if (base != current) {
            throw new CommitFailedException("not the current metadata");
        }
        current = metadata;
        if (writes) {
            write();
        }
    }

    /** Writes the metadata as it is now to a file, and says where. */
    public String write() {
        version++;
        String name = byPath
                ? "v" + version + ".metadata.json"
                : String.format(Locale.ROOT, "%05d-%s.metadata.json", version, UUID.randomUUID());
        String location = metadataFileLocation(name);
        String json = TableMetadataParser.toJson(current);
        try (OutputStream out = io.newOutputFile(location).create()) {
            out.write(json.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        current = TableMetadataParser.fromJson(location, json);
        return location;
    }

    @Override
    public FileIO io() {
        return io;
    }

    @Override
    public String metadataFileLocation(String fileName) {
        String elsewhere = current.property(TableProperties.WRITE_METADATA_LOCATION, "");
        String place = elsewhere.isEmpty() ? current.location() + "/metadata" : elsewhere;
        return (place.endsWith("/") ? place : place + "/") + fileName;
    }

    @Override
    public LocationProvider locationProvider() {
        Map<String, String> properties = new HashMap<>(current.properties());
        for (String retired : List.of("write.folder-storage.path", "write.object-storage.path")) {
            // Iceberg still reads tables with these, and refuses to write to them.
            String place = properties.remove(retired);
            if (place != null) {
                properties.putIfAbsent(TableProperties.WRITE_DATA_LOCATION, place);
            }
        }
        return LocationProviders.locationsFor(current.location(), properties);
    }
}
