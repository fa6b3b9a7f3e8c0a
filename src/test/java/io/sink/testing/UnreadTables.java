package io.sink.testing;

import io.sink.storage.OtherTables;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/** Catalogs of which nothing is known but what could not be read. */
public record UnreadTables(List<OtherTables.Unknown> unknown) implements OtherTables {

    public static UnreadTables catalog(String name) {
        return new UnreadTables(List.of(new OtherTables.Unknown("catalog " + name, true, "no answer")));
    }

    public static UnreadTables table(String name) {
        return new UnreadTables(List.of(new OtherTables.Unknown("table " + name, false, "no answer")));
    }

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
        return new Survey(List.of(), unknown);
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
}
