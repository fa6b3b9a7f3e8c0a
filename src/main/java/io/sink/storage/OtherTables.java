package io.sink.storage;

import io.sink.table.LocationNormalizer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The tables other than the one at work: those that the run loaded, and all that the configured catalogs have.
 *
 * @ref LLP 0019#known
 */
public interface OtherTables {

    /** No other table is known. */
    OtherTables NONE = new OtherTables() {
        @Override
        public @Nullable KnownTable loadedAt(String folded, Set<String> except) {
            return null;
        }

        @Override
        public List<KnownTable> sameAs(String name, TableMetadata metadata) {
            return List.of();
        }

        @Override
        public Survey survey(Runnable safePoint) {
            return new Survey(List.of(), List.of());
        }

        @Override
        public Need needOf(Collection<KnownTable> sharers, Collection<String> locations, Runnable safePoint) {
            return new Need(Map.of(), List.of());
        }

        @Override
        public boolean isSameEntry(KnownTable other, TableMetadata metadata) {
            return false;
        }

        @Override
        public boolean hasOtherEntry(String name, TableMetadata metadata) {
            return false;
        }
    };

    /**
     * A table with a place in which the location lies, of those that the run loaded before it changed any; null if
     * there is none.
     *
     * @param folded the location as {@link LocationNormalizer#folded} gives it
     * @param except full names of tables that do not count
     */
    @Nullable
    KnownTable loadedAt(String folded, Set<String> except);

    /** The other catalog entries that the run loaded and that are this same table, by UUID and metadata file. */
    List<KnownTable> sameAs(String name, TableMetadata metadata);

    /**
     * Every table of every configured catalog, and what could not be read. Listed once per run, at the first call.
     *
     * @param safePoint called between tables; throws to end the search
     */
    Survey survey(Runnable safePoint);

    /**
     * Which of these locations the tables need. The manifests of each table are read once per run; a table that names
     * one of the locations, or could, is read again as it is now.
     *
     * @param locations as {@link LocationNormalizer#normal} gives them
     * @param safePoint called between tables; throws to end the search
     */
    Need needOf(Collection<KnownTable> sharers, Collection<String> locations, Runnable safePoint);

    /**
     * Whether a table with this UUID exists, or may exist among what cannot be read.
     *
     * @param safePoint called between tables; throws to end the search
     */
    default boolean couldHave(String uuid, Runnable safePoint) {
        Survey survey = survey(safePoint);
        return !survey.unknown().isEmpty() || survey.tables().stream().anyMatch(table -> uuid.equals(table.uuid()));
    }

    /** Whether the run loaded another catalog entry with this table's UUID, at whatever metadata file. */
    boolean hasOtherEntry(String name, TableMetadata metadata);

    /**
     * Whether the other entry shows the same metadata file as this one, when it was loaded or now. Then both are one
     * table.
     */
    boolean isSameEntry(KnownTable other, TableMetadata metadata);

    /**
     * A table, and where its files are.
     *
     * @param name its full name, by which entries are told apart
     * @param uuid null where the table has none
     * @param metadataLocation its metadata file when it was loaded
     * @param places its own places, its location first
     * @param given places outside of them that the operator gave to it, where it may have files as well
     * @param borrowed further places in which it names files: where it was before, and the places of another entry of
     *     it
     */
    record KnownTable(
            String name,
            @Nullable String uuid,
            @Nullable String metadataLocation,
            List<Locations.Place> places,
            List<Locations.Place> given,
            List<Locations.Place> borrowed) {
        public KnownTable {
            places = List.copyOf(places);
            given = List.copyOf(given);
            borrowed = List.copyOf(borrowed);
        }

        /** The same table, known to name files in further places. */
        public KnownTable withBorrowed(Collection<Locations.Place> further) {
            return new KnownTable(
                    name,
                    uuid,
                    metadataLocation,
                    places,
                    given,
                    Stream.concat(borrowed.stream(), further.stream())
                            .distinct()
                            .toList());
        }

        /** The places where it has files without the operator saying so: its own and the borrowed ones. */
        public List<Locations.Place> held() {
            return Stream.concat(places.stream(), borrowed.stream()).toList();
        }

        /** Whether a place of this table could lie in the given one, or hold it. */
        public boolean shares(Locations.Place place) {
            return Stream.concat(held().stream(), given.stream()).anyMatch(place::nests);
        }

        /** Whether no place of either table could lie in a place of the other. */
        public boolean isApartFrom(KnownTable other) {
            return held().stream()
                    .noneMatch(
                            place -> other.held().stream().anyMatch((Locations.Place theirs) -> theirs.nests(place)));
        }
    }

    /**
     * A catalog or a table that could not be read, so that nobody knows where its files are.
     *
     * @param what such as {@code catalog lake} or {@code table lake.web.events}
     * @param isCatalog whether it is a catalog that was not listed to its end
     * @param why the failure in one line
     */
    record Unknown(String what, boolean isCatalog, String why) {
        @Override
        public String toString() {
            return what + ", which cannot be read (" + why + ")";
        }
    }

    /** The tables of the configured catalogs, and what could not be read. */
    record Survey(List<KnownTable> tables, List<Unknown> unknown) {
        public Survey {
            tables = List.copyOf(tables);
            unknown = List.copyOf(unknown);
        }
    }

    /**
     * Which tables need which locations.
     *
     * @param neededBy the name of a table that needs it, by location
     * @param unknown tables whose needs could not be read
     */
    record Need(Map<String, String> neededBy, List<Unknown> unknown) {
        public Need {
            neededBy = Map.copyOf(neededBy);
            unknown = List.copyOf(unknown);
        }
    }
}
