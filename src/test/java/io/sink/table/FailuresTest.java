package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.Reason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import shaded.parquet.org.apache.thrift.protocol.TProtocolException;

class FailuresTest {
    @Test
    @Timeout(60)
    void a_message_of_megabytes_is_cut_before_anything_is_looked_for_in_it() {
        String message = Failures.message(new IllegalArgumentException("no type " + "a".repeat(20_000_000)));

        assertThat(message).startsWith("no type aaa").hasSizeLessThan(2_000).endsWith("…");
    }

    @Test
    void what_a_token_endpoint_refuses_is_a_missing_permission() {
        for (String error :
                List.of("invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope")) {
            assertThat(Failures.reason(
                            new BadRequestException("Malformed request: %s: no", error), Reason.CATALOG_UNREACHABLE))
                    .isEqualTo(Reason.PERMISSION_DENIED);
        }
        assertThat(Failures.reason(
                        new BadRequestException("Malformed request: invalid_request_of_a_table"),
                        Reason.CATALOG_UNREACHABLE))
                .isEqualTo(Reason.CATALOG_UNREACHABLE);
    }

    @Test
    void a_header_that_cannot_be_decoded_is_damage_and_a_connection_that_broke_is_none() {
        assertThat(Failures.isDamage(new RuntimeIOException(
                        new IOException("can not read class PageHeader", new TProtocolException("what type")))))
                .isTrue();
        assertThat(Failures.isDamage(new RuntimeIOException(new IOException("Connection reset"))))
                .isFalse();
    }

    @Test
    void a_path_is_told_once() {
        assertThat(Failures.message(new NotFoundException(
                        new NoSuchFileException("/lake/t/a.avro"), "No such file: /lake/t/a.avro")))
                .isEqualTo("No such file: /lake/t/a.avro");
        assertThat(Failures.message(new RuntimeIOException(
                        new AccessDeniedException("/lake/t/a.avro"), "Failed to open /lake/t/a.avro")))
                .isEqualTo("Failed to open /lake/t/a.avro: AccessDeniedException");
        assertThat(Failures.message(
                        new RuntimeIOException(new NoSuchFileException("/lake/t/b"), "Failed to open /lake/t/a")))
                .isEqualTo("Failed to open /lake/t/a: NoSuchFileException: /lake/t/b");
    }
}
