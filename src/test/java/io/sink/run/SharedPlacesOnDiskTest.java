package io.sink.run;

import io.sink.testing.SecondReader;
import java.nio.file.Path;
import java.util.Map;

/** Shared places on local disk. */
class SharedPlacesOnDiskTest extends SharedPlacesContract {
    @Override
    String warehouse() {
        return folder.resolve("warehouse").toString();
    }

    @Override
    Map<String, String> storage() {
        return Map.of();
    }

    @Override
    Path locate(String location) {
        return SecondReader.local(location);
    }
}
