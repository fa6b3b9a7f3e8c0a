package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.catalog.LocalFileIO;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.SupportsBulkOperations;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadOnlyFileIOTest {
    @TempDir
    Path folder;

    @Test
    void refuses_every_write_and_delete_and_reads_on() throws IOException {
        Path file = Files.writeString(folder.resolve("f"), "here");
        String location = file.toString();
        FileIO io = ReadOnlyFileIO.of(new LocalFileIO());

        assertThatThrownBy(() -> io.newOutputFile(location)).isInstanceOf(ReadOnlyException.class);
        assertThatThrownBy(() -> io.deleteFile(location)).isInstanceOf(ReadOnlyException.class);
        assertThatThrownBy(() -> io.deleteFile(io.newInputFile(location))).isInstanceOf(ReadOnlyException.class);
        assertThatThrownBy(() -> ((SupportsPrefixOperations) io).deletePrefix(location))
                .isInstanceOf(ReadOnlyException.class);
        assertThat(io).isNotInstanceOf(SupportsBulkOperations.class);
        assertThat(file).hasContent("here");
        assertThat(((SupportsPrefixOperations) io).listPrefix(folder + "/")).hasSize(1);
    }

    @Test
    void lists_only_where_the_other_can() {
        FileIO plain = (FileIO) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {FileIO.class}, (proxy, method, args) -> null);

        assertThat(ReadOnlyFileIO.of(plain)).isNotInstanceOf(SupportsPrefixOperations.class);
    }
}
