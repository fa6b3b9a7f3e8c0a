package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sink.outcome.Reason;
import io.sink.outcome.UnsupportedFeatureException;
import io.sink.testing.FaultyWire;
import io.sink.testing.S3Server;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3FailuresTest {

    @Test
    void a_403_is_a_permission_that_is_named_by_the_request_which_needed_it() {
        assertThat(refused("list")).contains("s3:ListBucket");
        assertThat(refused("read")).contains("s3:GetObject");
        assertThat(refused("look")).contains("s3:GetObject");
        assertThat(refused("write")).contains("s3:PutObject");
        assertThat(refused("delete")).contains("s3:DeleteObject");
    }

    @Test
    void what_s3_does_is_the_storage_and_not_the_catalog() {
        Throwable slow =
                S3Exception.builder().statusCode(503).message("slow down").build();
        Throwable down = SdkClientException.create("Unable to execute", new ConnectException("Connection refused"));

        for (Throwable failure : List.of(slow, down, new IllegalStateException(down))) {
            assertThat(Failures.reason(failure, Reason.EXPIRE_ERROR)).isEqualTo(Reason.STORAGE_ERROR);
            assertThat(Failures.loadReason(failure)).isEqualTo(Reason.STORAGE_ERROR);
        }
        assertThat(Failures.reason(new RuntimeIOException(new ConnectException("refused")), Reason.EXPIRE_ERROR))
                .isEqualTo(Reason.CATALOG_UNREACHABLE);
        assertThat(Failures.reason(
                        new IllegalStateException(new UnsupportedFeatureException("x")), Reason.EXPIRE_ERROR))
                .isEqualTo(Reason.UNSUPPORTED_FEATURE);
    }

    @Test
    void an_empty_metadata_file_is_no_failure_of_the_storage() {
        Throwable empty = S3Exception.builder()
                .statusCode(416)
                .message("The requested range is not satisfiable")
                .build();

        assertThat(Failures.loadReason(new RuntimeIOException("%s", empty.getMessage())))
                .isEqualTo(Reason.STORAGE_ERROR);
        assertThat(Failures.loadReason(empty)).isEqualTo(Reason.METADATA_UNREADABLE);
        assertThat(Failures.loadReason(new IllegalStateException(empty))).isEqualTo(Reason.METADATA_UNREADABLE);
    }

    @Test
    void missing_credentials_and_a_missing_region_say_what_to_set() {
        Throwable credentials = SdkClientException.create(
                "Unable to load credentials from any of the providers in the chain AwsCredentialsProviderChain(…)");
        Throwable region = SdkClientException.create("Unable to load region from any of the providers in the chain …");

        assertThat(Failures.reason(credentials, Reason.EXPIRE_ERROR)).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(Failures.message(credentials)).contains("s3.access-key-id").contains("AWS_ACCESS_KEY_ID");
        assertThat(Failures.message(region)).contains("client.region").contains("AWS_REGION");
    }

    @Test
    void ended_credentials_a_bucket_elsewhere_and_a_wrong_clock_are_told_as_that() {
        Throwable ended = answered(400, "ExpiredToken", "The provided token has expired.");
        Throwable elsewhere = answered(301, "PermanentRedirect", "The bucket must be addressed otherwise");

        assertThat(Failures.reason(ended, Reason.REWRITE_ERROR)).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(Failures.message(ended))
                .startsWith("the credentials for S3 have ended: ExpiredToken: The provided token has expired.")
                .endsWith("give the run some that are renewed, or that last longer");
        assertThat(Failures.message(answered(403, "RequestTimeTooSkewed", "said in other words")))
                .startsWith("the clock of this host differs from that of S3");
        assertThat(Failures.reason(elsewhere, Reason.REWRITE_ERROR)).isEqualTo(Reason.STORAGE_ERROR);
        assertThat(Failures.message(elsewhere)).contains("PermanentRedirect").contains("set client.region");
    }

    @Test
    void the_code_of_an_error_is_told_once_however_often_it_was_wrapped() {
        Throwable slow = answered(503, "SlowDown", "Please reduce your request rate.");

        assertThat(Failures.message(new UncheckedIOException(new IOException(new CompletionException(slow)))))
                .isEqualTo(Failures.message(slow))
                .startsWith("SlowDown: Please reduce your request rate.");
    }

    private static Throwable answered(int status, String code, String message) {
        return S3Exception.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage(message)
                        .build())
                .message(message)
                .build();
    }

    @Test
    void an_answer_that_was_cut_before_it_said_the_length_is_told_as_that() {
        Throwable failure = cut("HTTP/1.1 200 Replaced\r\n".length());

        assertThat(failure).isInstanceOf(NullPointerException.class);
        assertThat(Failures.reason(failure, Reason.REWRITE_ERROR)).isEqualTo(Reason.STORAGE_ERROR);
        assertThat(Failures.loadReason(failure)).isEqualTo(Reason.STORAGE_ERROR);
        assertThat(Failures.message(failure)).contains("no Content-Length").doesNotContain("NullPointer");
        assertThat(Failures.reason(new NullPointerException("ours"), Reason.REWRITE_ERROR))
                .isEqualTo(Reason.REWRITE_ERROR);
    }

    /** What comes of a look at a file of which the answer ends after so many bytes. */
    private static Throwable cut(int bytes) {
        try (FaultyWire server = FaultyWire.to(1);
                FaultyWire wire = FaultyWire.to(server.port());
                S3FileIO io = new S3FileIO()) {
            server.plan(exchange -> WireFault.refused(200, Map.of(), ""));
            wire.plan(exchange -> WireFault.cutAnswer(bytes));
            Map<String, String> properties = S3Server.properties(wire.uri());
            properties.put("client.region", "eu-central-1");
            io.initialize(properties);
            return catchThrowable(
                    () -> io.newInputFile("s3://lake/t/metadata/x").getLength());
        }
    }

    private static String refused(String request) {
        try (FaultyWire wire = FaultyWire.to(1);
                S3FileIO io = new S3FileIO()) {
            wire.plan(exchange -> WireFault.refused(403, Map.of(), ""));
            Map<String, String> properties = S3Server.properties(wire.uri());
            properties.put("client.region", "eu-central-1");
            io.initialize(properties);
            String at = "s3://lake/t/metadata/x";
            Throwable failure = switch (request) {
                case "list" ->
                    catchThrowable(() -> assertThat(io.listPrefix(at)).isEmpty());
                case "read" ->
                    catchThrowable(() -> io.newInputFile(at).newStream().readAllBytes());
                case "look" -> catchThrowable(() -> io.newInputFile(at).getLength());
                case "write" ->
                    catchThrowable(
                            () -> io.newOutputFile(at).createOrOverwrite().close());
                default -> catchThrowable(() -> io.deleteFile(at));
            };
            assertThat(Failures.reason(failure, Reason.EXPIRE_ERROR)).isEqualTo(Reason.PERMISSION_DENIED);
            return Failures.message(failure);
        }
    }
}
