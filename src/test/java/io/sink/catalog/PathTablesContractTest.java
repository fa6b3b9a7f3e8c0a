package io.sink.catalog;

import io.sink.testing.OpenCatalogs;
import io.sink.testing.Trees;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class PathTablesContractTest extends TableSourceContract {

    @Override
    void makeTable(List<String> namespace, String name) {
        Path table = directory.resolve(String.join("/", namespace)).resolve(name);
        Samples.writeTable(table, table.toString(), Map.of());
    }

    @Override
    void dropNamespace(String namespace, String table) {
        Trees.delete(directory.resolve(namespace));
    }

    @Override
    TableSource open() {
        return OpenCatalogs.open(CATALOG, "path", Map.of("warehouse", directory.toString()), directory);
    }
}
