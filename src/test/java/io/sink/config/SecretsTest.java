package io.sink.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.report.VisibleJson;
import io.sink.testing.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Seeds.Given.class)
class SecretsTest {

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hunter2",
                "a\"b\\c/d\te",
                "p&<q>'r\"",
                "sp ace+plus%&=",
                "schlüssel",
                "k~ey*-._",
                "\uD83D\uDD11key",
                "schl\u00fcssel\u202e\u009b"
            })
    void hides_a_value_in_every_form(String secret) throws JsonProcessingException {
        Secrets secrets = Secrets.of(List.of(secret));
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        String url = URLEncoder.encode(secret, StandardCharsets.UTF_8);

        for (String form : List.of(
                secret,
                new ObjectMapper().writeValueAsString(secret).replaceAll("^\"|\"$", ""),
                VisibleJson.of(new ObjectMapper().writeValueAsString(secret)).replaceAll("^\"|\"$", ""),
                url,
                url.replace("+", "%20"),
                Base64.getEncoder().encodeToString(bytes),
                Base64.getUrlEncoder().withoutPadding().encodeToString(bytes))) {
            assertThat(secrets.redact("before " + form + " after " + form)).isEqualTo("before *** after ***");
        }
    }

    @Test
    void hides_the_longest_first_and_all_of_what_overlaps() {
        Secrets secrets = Secrets.of(List.of("abcd", "abcdefgh", "ghij"));

        assertThat(secrets.redact("x abcdefgh y")).isEqualTo("x *** y");
        assertThat(secrets.redact("x abcdefghij y")).isEqualTo("x *** y");
        assertThat(secrets.redact("x abcdx y")).isEqualTo("x ***x y");
        assertThat(Secrets.of(List.of("aaaa")).redact("aaaaaa")).isEqualTo("***");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "GET https://ann:hunter2@example.com/x?a=1&X-Amz-Signature=0af&b=2: 403 > GET https://***@example.com/x?a=***&X-Amz-Signature=***&b=***: 403",
                "to jdbc:postgresql://h/db?user=ann&password=x, then \"http://h/?token=y\" > to jdbc:postgresql://h/db?user=ann&password=***, then \"http://h/?token=***\"",
                "see https://h/cb#access_token=abc > see https://h/cb#access_token=***",
                "see https://ann:p/w#d@h:8181/x > see https://***@h:8181/x",
                "see https://h:8181/@scope/x > see https://h:8181/@scope/x",
                "see jdbc:oracle:thin:scott/tiger@h:1 > see jdbc:oracle:thin:scott/***@h:1",
                "'postgresql://ann:pw@h/db, mysql://ann:pw@h' > 'postgresql://***@h/db, mysql://***@h'",
                "sent Authorization: Bearer abc > sent Authorization: ***",
                "sent X-Api-Key: abc > sent X-Api-Key: ***",
                "{\"access_token\":\"abc\", \"type\" : \"x\"} > {\"access_token\":\"***\", \"type\" : \"x\"}",
                "{\\\"client_secret\\\":\\\"abc\\\"} > {\\\"client_secret\\\":\\\"***\\\"}",
                "grant_type=x&client_secret=abc&y > grant_type=x&client_secret=***&y",
                "Unknown option: '--password=abc' > Unknown option: '--password=***'",
                "Unknown options: '--client-secret', 'abc' > Unknown options: '--client-secret', '***'",
                "of eyJhbGciOiJ9.eyJzdWIi.c2ln here > of *** here",
            })
    void hides_what_is_secret_by_its_place_and_that_nobody_configured(String text, String shown) {
        assertThat(Secrets.of(List.of()).redact(text)).isEqualTo(shown);
        print(Secrets.of(List.of()), text);
        assertThat(text()).isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://lake/a?token=b",
                "abfss://data@account.dfs.core.windows.net/x",
                "s3://lake/t/data/token=abc/pin=1/f.parquet (missing)",
                "data/x/my-token=abc/f.parquet",
                "{\"reason\" : \"expired\", \"table\" : \"lake.token\"}",
                "no credentials for S3: set s3.access-key-id",
                "table property commit.retry.num-retries=abc is not a number",
                "http://127.0.0.1:8181/catalog/v1/config",
                "jdbc:postgresql://h:5432/db?user=ann&ssl=true",
            })
    void shows_what_is_no_secret_by_its_place(String text) {
        assertThat(Secrets.of(List.of()).redact(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sp%20ace+plus%25", "sp ace%2Bplus%25", "%73p%20ace%2bplus%25", "sp%2520ace%252Bplus%2525"})
    void hides_a_value_whatever_of_it_is_percent_encoded(String encoded) {
        Secrets secrets = Secrets.of(List.of("sp ace+plus%", "schl\u00fcssel"));

        assertThat(secrets.redact("a " + encoded + " b 5% schl%C3%BCssel")).isEqualTo("a *** b 5% ***");
        print(secrets, "a " + encoded + " b 5% schl%C3%BCssel");
        assertThat(text()).isEqualTo("a *** b 5% ***");
    }

    @ParameterizedTest
    @ValueSource(strings = {"...", " ...", "\u2026", " \u2026"})
    void hides_the_beginning_of_a_value_that_was_cut_off_with_an_ellipsis(String ellipsis) {
        Secrets secrets = Secrets.of(List.of("hunter2more"));

        assertThat(secrets.redact("was hunter2" + ellipsis + " and hun" + ellipsis))
                .isEqualTo("was ***" + ellipsis + " and hun" + ellipsis);
        print(secrets, "was hunter2" + ellipsis);
        assertThat(text()).isEqualTo("was ***" + ellipsis);
    }

    @Test
    void hides_a_value_as_a_report_a_page_and_a_log_have_it() {
        Secrets secrets = Secrets.of(List.of("hun\ter\u202e2'x"));

        assertThat(secrets.redact("hun\\u0009er\\u202e2'x, hun\\u0009er\\u202e2&#x27;x, hun?er?2'x"))
                .isEqualTo("***, ***, ***");
    }

    @Test
    void leaves_short_values_and_other_text_alone() {
        Secrets secrets = Secrets.of(List.of("abc", "", "hunter2"));

        assertThat(secrets.redact("abc hunter HUNTER2")).isEqualTo("abc hunter HUNTER2");
        assertThat(Secrets.of(List.of()).redact("hunter2")).isEqualTo("hunter2");
    }

    @Test
    void hides_a_value_of_several_lines_line_by_line() {
        Secrets secrets = Secrets.of(List.of("-----BEGIN KEY-----\n  MIIEabc\r\nxyz\nlast line\n"));

        assertThat(secrets.redact("at MIIEabc and last line, xyz")).isEqualTo("at *** and ***, xyz");
        print(secrets, "-----BEGIN KEY-----\n  MIIEabc\r\nlast line\n");
        assertThat(text()).isEqualTo("***\n  ***\r\n***\n");
    }

    @Test
    void does_not_show_itself() {
        assertThat(Secrets.of(List.of("hunter2")).toString()).doesNotContain("hunter2");
    }

    @Test
    void passes_a_line_on_when_it_ends() {
        PrintStream stream =
                Secrets.of(List.of("hunter2")).wrap(new PrintStream(written, true, StandardCharsets.UTF_8));

        stream.print("one hun");
        stream.print("ter2 two");
        assertThat(text()).isEmpty();
        stream.println(" three");

        assertThat(text()).isEqualTo("one *** two three" + System.lineSeparator());
    }

    @ParameterizedTest
    @CsvSource({
        "progress 10%, progress 10%",
        "ends with hun, 'ends with '",
        "ends with hunter2, ends with ***",
        "hunter2hunter2hunter, ******",
        "hunter, ''",
    })
    void holds_back_on_flush_only_what_could_become_a_secret(String line, String passed) {
        PrintStream stream =
                Secrets.of(List.of("hunter2")).wrap(new PrintStream(written, true, StandardCharsets.UTF_8));

        stream.print(line);
        stream.flush();

        assertThat(text()).isEqualTo(passed.replace("******", "***"));
    }

    @Test
    void passes_the_rest_on_when_it_is_closed() {
        PrintStream stream =
                Secrets.of(List.of("hunter2")).wrap(new PrintStream(written, true, StandardCharsets.UTF_8));

        stream.print("ends with hunter");
        stream.close();

        assertThat(text()).isEqualTo("ends with hunter");
    }

    @Test
    void ends_a_line_at_a_carriage_return_too() {
        PrintStream stream =
                Secrets.of(List.of("hunter2")).wrap(new PrintStream(written, true, StandardCharsets.UTF_8));

        stream.print("10% hunter2\r20% hunter");

        assertThat(text()).isEqualTo("10% ***\r");
    }

    @Test
    void passes_any_bytes_unchanged() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }

        PrintStream stream =
                Secrets.of(List.of("schlüssel")).wrap(new PrintStream(written, true, StandardCharsets.UTF_8));
        stream.write(bytes, 0, bytes.length);
        stream.close();

        assertThat(written.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void lets_nothing_through_however_the_text_is_cut_up(Seeds seeds) throws Exception {
        seeds.once(random -> {
            Secrets secrets = Secrets.of(List.of("hunter2", "hunter2more", "schlüssel", "oreo"));
            byte[] text = "a hunter2 b hunter2moreo c schlüssel\nhunter2schlüssel hunter\n2 oreoreo"
                    .getBytes(StandardCharsets.UTF_8);

            for (int round = 0; round < 500; round++) {
                written.reset();
                PrintStream stream = secrets.wrap(new PrintStream(written, true, StandardCharsets.UTF_8));
                int at = 0;
                while (at < text.length) {
                    int length = Math.min(text.length - at, 1 + random.nextInt(9));
                    stream.write(text, at, length);
                    if (random.nextInt(3) == 0) {
                        stream.flush();
                    }
                    at += length;
                }
                stream.close();

                assertThat(text())
                        .doesNotContain("hunter2", "schlüssel", "oreo")
                        .startsWith("a *** b ***")
                        .contains(" c ***\n")
                        .contains(" hunter\n2 ***");
            }
        });
    }

    private void print(Secrets secrets, String text) {
        PrintStream stream = secrets.wrap(new PrintStream(written, true, StandardCharsets.UTF_8));
        stream.print(text);
        stream.close();
    }

    private String text() {
        return written.toString(StandardCharsets.UTF_8);
    }

    @Test
    void hides_what_a_server_gave_out_from_streams_that_were_open_before() {
        Secrets secrets = Secrets.of(List.of("hunter2"));
        PrintStream out = secrets.wrap(new PrintStream(written, true, StandardCharsets.UTF_8));
        out.println("tok-1234 hunter2");

        secrets.learn(Map.of("token", "tok-1234", "s3.session-token", "vended/1+2=", "expires", "tok"));
        out.println("tok-1234 hunter2 vended%2F1%2B2%3D");
        out.flush();

        assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo("tok-1234 ***\n*** *** ***\n");
        assertThat(secrets.redact("of tok-1234")).isEqualTo("of ***");
    }

    @Test
    void forgets_the_oldest_of_what_servers_gave_out_and_nothing_that_is_configured() {
        Secrets secrets = Secrets.of(List.of("hunter2"));

        for (int i = 0; i < 1000; i++) {
            secrets.learn(Map.of("token", "tok-" + i + ".", "s3.access-key-id", "AKIA"));
            secrets.learn(Map.of("token", "renewed."));
            if (i == 0) {
                secrets.keep(Map.of("api-key", "kept-for-good."));
            }
        }

        assertThat(secrets.redact("hunter2 tok-999. tok-990. renewed. tok-1. AKIA kept-for-good."))
                .isEqualTo("*** *** *** *** tok-1. AKIA ***");
    }

    @Test
    void a_configured_secret_that_a_server_sends_again_and_again_pushes_nothing_out() {
        Secrets secrets = Secrets.of(List.of("hunter2"));
        secrets.learn(Map.of("token", "tok-1234"));

        for (int i = 0; i < 1000; i++) {
            secrets.learn(Map.of("token", "hunter2"));
        }
        secrets.learn(Map.of("token", "tok-5678"));

        assertThat(secrets.redact("hunter2 tok-1234 tok-5678")).isEqualTo("*** *** ***");
    }
}
