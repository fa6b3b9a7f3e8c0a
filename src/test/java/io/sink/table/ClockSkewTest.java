package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.PathTable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.apache.iceberg.TableMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Clocks that differ are told in minutes, with which of them is behind, and what to do. */
class ClockSkewTest {
    @TempDir
    Path warehouse;

    @Test
    void a_table_that_was_changed_in_the_future_is_told_in_minutes() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        TableMetadata metadata = table.load().operations().current();
        Instant changed = Instant.ofEpochMilli(metadata.lastUpdatedMillis());

        assertThat(ClockSkew.of(metadata, changed.minus(Duration.parse("PT47M13.2S"))))
                .startsWith("the newest change of the table is dated 47 minutes after the clock of this host (")
                .contains("set the clock of this host right, or that of the writer, as by NTP")
                .doesNotContain("PT");
        assertThat(ClockSkew.of(metadata, changed.minusSeconds(59))).isNull();
        assertThat(ClockSkew.of(metadata, changed.plusSeconds(3600))).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "The difference between the request time and the current time is too large., 47, behind",
        "Signature expired: 20261129T010000Z is now earlier than 20261129T014000Z, -47, ahead of",
        "Signature not yet current: 20261129T010000Z is still later than 20261129T005000Z, -47, ahead of"
    })
    void a_request_that_s3_calls_dated_wrongly_is_told_in_minutes(String message, int ahead, String which) {
        Instant there = Instant.now().plus(Duration.ofMinutes(ahead));

        assertThat(Failures.message(
                        refused(message, DateTimeFormatter.RFC_1123_DATE_TIME.format(there.atOffset(ZoneOffset.UTC)))))
                .startsWith("the clock of this host is 47 minutes " + which + " that of S3 (")
                .endsWith("set it right, as by NTP");
        assertThat(Failures.message(refused(message, "nonsense")))
                .startsWith("the clock of this host differs from that of S3 by more than S3 accepts (15 minutes)");
    }

    private static S3Exception refused(String message, String date) {
        return (S3Exception) S3Exception.builder()
                .statusCode(403)
                .message(message)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode("RequestTimeTooSkewed")
                        .sdkHttpResponse(SdkHttpResponse.builder()
                                .statusCode(403)
                                .putHeader("Date", date)
                                .build())
                        .build())
                .build();
    }
}
