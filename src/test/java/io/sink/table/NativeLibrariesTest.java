package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.Reason;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.apache.iceberg.exceptions.NotFoundException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** In the words in which the JVM and the libraries said it where the temporary directory was mounted noexec. */
class NativeLibrariesTest {
    private static final String NOT_MAPPED = "/tmp/lib.so: /tmp/lib.so: failed to map segment from shared object";

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(
                        new UnsatisfiedLinkError(
                                "/tmp/libzstd-jni-1.5.7-3.so: failed to map segment from shared object"),
                        " for zstd"),
                Arguments.of(
                        new IllegalStateException(
                                "wrapped",
                                new NoClassDefFoundError("Could not initialize class com.github.luben.zstd.Zstd")),
                        " for zstd"),
                Arguments.of(new UnsatisfiedLinkError("/tmp/libsnappyjava.so: " + NOT_MAPPED), " for Snappy"),
                Arguments.of(
                        new NoClassDefFoundError("Could not initialize class org.xerial.snappy.Snappy"), " for Snappy"),
                Arguments.of(
                        new SQLException(
                                "Error opening connection",
                                new NativeLibraryNotFoundException("No native library found; /org/sqlite/native")),
                        " for SQLite"),
                Arguments.of(
                        new UnsatisfiedLinkError("'void org.sqlite.core.NativeDB._open_utf8(byte[], int)'"),
                        " for SQLite"),
                Arguments.of(new UnsatisfiedLinkError(NOT_MAPPED), ""));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void the_directory_and_what_to_set_are_named(Throwable failure, String library) {
        String sentence = Failures.message(failure);

        assertThat(sentence)
                .startsWith("the native library" + library + " cannot be loaded from the temporary directory "
                        + System.getProperty("java.io.tmpdir"))
                .contains(": name another one by SINK_JAVA_OPTS=-Djava.io.tmpdir=DIR")
                .doesNotContain("\n");
        assertThat(Failures.reason(failure, Reason.INTERNAL_ERROR)).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(Failures.loadReason(failure)).isEqualTo(Reason.PERMISSION_DENIED);
    }

    @Test
    void that_it_is_mounted_noexec_is_told_where_it_is_known() {
        assertThat(Failures.message(new UnsatisfiedLinkError(NOT_MAPPED))).contains(", which is mounted noexec: ");
        assertThat(Failures.message(new UnsatisfiedLinkError("wrong architecture")))
                .contains(System.getProperty("java.io.tmpdir") + ": name");
    }

    @Test
    void other_errors_are_what_they_are() {
        assertThat(Failures.message(new NoClassDefFoundError("org/apache/hadoop/Thing")))
                .isEqualTo("org/apache/hadoop/Thing");
        assertThat(Failures.reason(new NotFoundException("gone"), Reason.INTERNAL_ERROR))
                .isEqualTo(Reason.MISSING_FILE);
    }

    /** Named as that of the SQLite driver, which is known by its name alone. */
    private static final class NativeLibraryNotFoundException extends Exception {
        private static final long serialVersionUID = 1L;

        NativeLibraryNotFoundException(String message) {
            super(message);
        }
    }
}
