package io.sink.storage;

import io.sink.table.LocationNormalizer;
import io.sink.table.TableHead;
import java.util.Objects;
import java.util.Optional;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * Which metadata files a commit may delete that leave the metadata log, where the table's properties say so.
 *
 * <p>The log is text that anybody can have written who may write metadata: it can name data files, files of other
 * tables and the metadata file that the commit is about to make. So only what is an older metadata file of this very
 * table is deleted, by what the file itself says. Anything else stays, and is an orphan at worst.
 *
 * @ref LLP 0019#metadata-log
 */
public final class OutgoingMetadata {
    private final TableMetadata base;
    private final FileIO io;
    private final Locations locations;
    private final LocationNormalizer spelling;

    /**
     * @param base the metadata that the commit replaces
     * @param io the table's own storage
     */
    public OutgoingMetadata(TableMetadata base, FileIO io) {
        this.base = base;
        this.io = io;
        this.locations = Locations.of(base, io);
        this.spelling = LocationNormalizer.of(io);
    }

    /**
     * Why a file that leaves the log stays, or null if it may be deleted. Reads the beginning of the file.
     *
     * @throws RuntimeException if that cannot be read
     */
    public @Nullable String refusal(String file) {
        String outside = locations.refusal(file);
        if (outside != null) {
            return outside;
        }
        if (!TableHead.isMetadata(file) || !isInFolder(file)) {
            return "it is no metadata file in the table's metadata folder";
        }
        if (spelling.folded(file).equals(spelling.folded(base.metadataFileLocation()))) {
            return "it is the table's metadata";
        }
        Optional<TableHead> head = TableHead.read(io, file);
        if (head.isEmpty()) {
            return "it is gone, or no metadata file";
        }
        if (!isOwn(head.get())) {
            return "it is a metadata file of another table";
        }
        return head.get().updatedMillis() < base.lastUpdatedMillis() ? null : "it is as new as the table's metadata";
    }

    /**
     * Deletes a file that may be deleted.
     *
     * @param storage the storage that has it
     */
    public void remove(FileIO storage, String file) {
        Storage.remove(storage, locations, file);
    }

    private boolean isInFolder(String file) {
        String folder = spelling.normal(file.substring(0, file.lastIndexOf('/')));
        String property = base.property(TableProperties.WRITE_METADATA_LOCATION, base.location() + "/metadata");
        return folder.equals(spelling.normal(property))
                || folder.equals(spelling.normal(base.location() + "/metadata"));
    }

    private boolean isOwn(TableHead head) {
        return head.uuid() == null && base.uuid() == null
                ? base.location().equals(head.location())
                : Objects.equals(head.uuid(), base.uuid());
    }
}
