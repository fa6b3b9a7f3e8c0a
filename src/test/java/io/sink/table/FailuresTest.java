package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.junit.jupiter.api.Test;
import shaded.parquet.org.apache.thrift.protocol.TProtocolException;

class FailuresTest {
    @Test
    void a_header_that_cannot_be_decoded_is_damage_and_a_connection_that_broke_is_none() {
        assertThat(Failures.isDamage(new RuntimeIOException(
                        new IOException("can not read class PageHeader", new TProtocolException("what type")))))
                .isTrue();
        assertThat(Failures.isDamage(new RuntimeIOException(new IOException("Connection reset"))))
                .isFalse();
    }
}
