package io.sink.run;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.table.Failures;
import io.sink.table.Locations;
import io.sink.table.Neighbourhood;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every table of every catalog that is configured, asked for or not, loaded when they are first wanted: a few hundred bytes
 * each.
 */
public final class Neighbours implements Neighbourhood {
    private static final Logger LOG = LoggerFactory.getLogger(Neighbours.class);

    private final List<CatalogOpening> catalogs;
    private @Nullable Known known;

    public Neighbours(List<CatalogOpening> catalogs) {
        this.catalogs = List.copyOf(catalogs);
    }

    @Override
    public synchronized Known known() {
        if (known == null) {
            List<Neighbour> tables = new ArrayList<>();
            List<String> unknown = new ArrayList<>();
            for (CatalogOpening catalog : catalogs) {
                read(catalog, tables, unknown);
            }
            LOG.info("{} tables are known, {} cannot be read", tables.size(), unknown.size());
            known = new Known(tables, unknown);
        }
        return known;
    }

    private static void read(CatalogOpening catalog, List<Neighbour> tables, List<String> unknown) {
        try (TableSource source = catalog.open().get()) {
            for (Iterator<TableRef> refs = source.list(); refs.hasNext(); ) {
                TableRef ref = refs.next();
                try {
                    tables.add(neighbour(ref, source.load(ref)));
                } catch (NoSuchTableException droppedMeanwhile) {
                    LOG.debug("{} went while it was read", ref);
                } catch (RuntimeException | LinkageError e) {
                    LOG.info("{} cannot be read: {}", ref, Failures.message(e));
                    unknown.add("table " + ref);
                }
            }
        } catch (RuntimeException | LinkageError e) {
            LOG.info("catalog {} cannot be read: {}", catalog.name(), Failures.message(e));
            unknown.add("catalog " + catalog.name());
        }
    }

    private static Neighbour neighbour(TableRef ref, BaseTable table) {
        TableMetadata metadata = table.operations().current();
        return new Neighbour(
                ref.fullName(),
                String.valueOf(metadata.uuid()),
                metadata.metadataFileLocation(),
                Locations.of(metadata, table.io()).places());
    }
}
