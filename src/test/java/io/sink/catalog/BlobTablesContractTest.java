package io.sink.catalog;

import io.sink.testing.OpenCatalogs;
import io.sink.testing.Trees;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** As {@link PathTablesContractTest}, with locations inside the metadata that are relative to a blob store. */
class BlobTablesContractTest extends TableSourceContract {

    @Override
    void makeTable(List<String> namespace, String name) {
        String key = String.join("/", namespace) + "/" + name;
        Samples.writeTable(directory.resolve(key), "blob://" + key, Map.of());
    }

    @Override
    void dropNamespace(String namespace, String table) {
        Trees.delete(directory.resolve(namespace));
    }

    @Override
    TableSource open() {
        Path parent = Objects.requireNonNull(directory.getParent());
        String name = String.valueOf(directory.getFileName());
        return OpenCatalogs.open(CATALOG, "path", Map.of("warehouse", "./" + name, "blob-root", name), parent);
    }
}
