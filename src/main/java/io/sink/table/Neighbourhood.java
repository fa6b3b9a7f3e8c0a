package io.sink.table;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tables that are known, whichever of them is at work: the places of one are not another's to sweep. */
@FunctionalInterface
public interface Neighbourhood {

    /** Nobody else is known. */
    Neighbourhood EMPTY = () -> new Known(List.of(), List.of());

    /** Every table there is; read once and remembered. Never throws: what cannot be read is named. */
    Known known();

    /**
     * A table, and where its files are.
     *
     * @param metadataLocation its current metadata, or null
     */
    record Neighbour(String name, String uuid, @Nullable String metadataLocation, List<Locations.Place> places) {}

    /**
     * The tables that were read.
     *
     * @param unknown catalogs and tables that could not be read, so that nobody knows where their files are
     */
    record Known(List<Neighbour> tables, List<String> unknown) {
        public Known {
            tables = List.copyOf(tables);
            unknown = List.copyOf(unknown);
        }
    }
}
