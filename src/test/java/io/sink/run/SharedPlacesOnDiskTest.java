package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.table.LocationNormalizer;
import io.sink.testing.SecondReader;
import io.sink.testing.Sweeping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.junit.jupiter.api.Test;

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

    @Override
    String respelled(String location) {
        return "file:" + location;
    }

    @Test
    void a_file_that_is_live_through_a_link_stays() throws IOException {
        BaseTable table = make("t", Map.of());
        DataFile file = append(table, 1);
        Files.createSymbolicLink(folder.resolve("warehouse/alias"), folder.resolve("warehouse/db"));
        DataFile linked = DataFiles.builder(table.spec())
                .copy(file)
                .withPath(file.location().replace("/warehouse/db/", "/warehouse/alias/"))
                .build();
        table.newAppend().appendFile(linked).commit();
        table.newDelete().deleteFile(file).commit();
        append(table, 2);
        Sweeping.age(locate(warehouse()));

        ActionResult swept = sweep("t", known);
        assertThat(locate(file.location())).as(swept.toString()).exists();
        ActionResult expired = expire("t", known);

        assertThat(locate(file.location())).as(expired.toString()).exists();
        assertThat(expired.reason()).isEqualTo(Reason.EXPIRED);
        isWhole("t");
    }

    @Test
    void a_place_that_is_another_tables_through_a_link_is_not_swept() throws IOException {
        BaseTable owner = make("owner", Map.of());
        append(owner, 1);
        Files.createSymbolicLink(folder.resolve("warehouse/alias"), folder.resolve("warehouse/db"));
        BaseTable other =
                make("other", warehouse() + "/alias/owner", Map.of("write.metadata.path", warehouse() + "/elsewhere"));
        append(other, 2);
        Sweeping.age(locate(warehouse()));

        ActionResult swept = sweep("owner", known);
        ActionResult others = sweep("other", known);

        isWhole("owner", "other");
        assertThat(swept.reason()).isEqualTo(Reason.ORPHAN_GUARD);
        assertThat(others.detail()).contains("a place of lake.db.owner");
    }

    @Test
    void a_path_is_folded_to_what_it_is_from_wherever_it_is_spelled() throws IOException {
        LocationNormalizer spelling = new LocationNormalizer(null);
        Path real = Files.createDirectories(folder.toRealPath().resolve("real/in"));
        Path alias = Files.createSymbolicLink(folder.resolve("alias"), real.getParent());
        Path here = Path.of("").toAbsolutePath();
        String folded = spelling.folded(real.resolve("not-there/f").toString());

        assertThat(folded).isEqualTo(real.resolve("not-there/f").toString().toLowerCase(Locale.ROOT));
        assertThat(spelling.folded(alias.resolve("in/not-there/f").toString())).isEqualTo(folded);
        Path file = Files.createFile(real.resolve("f"));
        Path link = Files.createSymbolicLink(folder.resolve("l"), file);
        assertThat(spelling.folded(link.toString())).isEqualTo(spelling.folded(file.toString()));
        assertThat(spelling.folded("file://localhost" + real + "/not-there/f")).isEqualTo(folded);
        assertThat(spelling.folded("wh/n/a")).isEqualTo(spelling.folded(here + "/wh/n/a"));
        assertThat(spelling.folded("./wh/n/a")).isEqualTo(spelling.folded(here + "/wh/n/a"));
        assertThat(spelling.folded("file:wh/n/a")).isEqualTo(spelling.folded(here + "/wh/n/a"));
    }
}
