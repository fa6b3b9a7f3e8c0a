package io.sink.testing;

import io.sink.storage.OtherTables;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/** Others of whom, besides, these UUIDs are known. */
public record KnownUuids(Predicate<String> uuids, OtherTables others) implements OtherTables {

    @Override
    public boolean couldHave(String uuid, Runnable safePoint) {
        return uuids.test(uuid) || others.couldHave(uuid, safePoint);
    }

    @Override
    public @Nullable KnownTable loadedAt(String folded, Set<String> except) {
        return others.loadedAt(folded, except);
    }

    @Override
    public List<KnownTable> sameAs(String name, TableMetadata metadata) {
        return others.sameAs(name, metadata);
    }

    @Override
    public Survey survey(Runnable safePoint) {
        return others.survey(safePoint);
    }

    @Override
    public Need needOf(Collection<KnownTable> sharers, Collection<String> locations, Runnable safePoint) {
        return others.needOf(sharers, locations, safePoint);
    }

    @Override
    public boolean isSameEntry(KnownTable other, TableMetadata metadata) {
        return others.isSameEntry(other, metadata);
    }

    @Override
    public boolean hasOtherEntry(String name, TableMetadata metadata) {
        return others.hasOtherEntry(name, metadata);
    }
}
