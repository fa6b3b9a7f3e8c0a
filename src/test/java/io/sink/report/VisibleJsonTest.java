package io.sink.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.run.RunListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class VisibleJsonTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Every control character above ASCII, every mark of direction, and others that hide. */
    static final List<String> MOVING = List.of(
            "\u007f\u0080\u0085\u009b\u009f",
            "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c",
            "\u00ad\u200b\u200d\u2028\u2029\ufeff",
            "\udb40\udc41\ud834\udd73",
            "\u001b[31m\n\r\t\u0000\"\\");

    static final List<Function<Writer, RunListener>> REPORTS = List.of(JsonReport::new, NdjsonReport::new);

    @ParameterizedTest
    @FieldSource("MOVING")
    void escapes_what_moves_hides_or_turns_and_means_the_same(String name) throws IOException {
        String plain = JSON.writeValueAsString(name);

        String visible = VisibleJson.of(plain);
        StringWriter characters = new StringWriter();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator to = VisibleJson.FACTORY.createGenerator(characters);
                JsonGenerator stream = VisibleJson.FACTORY.createGenerator(bytes)) {
            to.writeString(name);
            stream.writeString(name);
        }

        assertThat(List.of(visible, characters.toString(), bytes.toString(StandardCharsets.UTF_8)))
                .allSatisfy(json -> {
                    assertThat(json).matches("[ -~]+");
                    assertThat(JSON.readTree(json).textValue()).isEqualTo(name);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"lake.wêb.事件", "a → b …", "<b> 'q' \\u202e"})
    void leaves_what_can_be_seen(String name) throws IOException {
        String plain = JSON.writeValueAsString(name);

        assertThat(VisibleJson.of(plain)).isEqualTo(plain);
    }

    @ParameterizedTest
    @FieldSource("REPORTS")
    void is_what_reports_are_written_in(Function<Writer, RunListener> report) throws IOException {
        String written = Reported.by(report, Reported.everyHostileName());

        assertThat(written.codePoints().filter(c -> c != '\n')).noneMatch(c -> switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        });
        assertThat(written).contains("\\u202Egnp.exe\\u2066", "\\u009B1A", "\\uDB40\\uDC41");
    }

    @Test
    void escapes_half_a_pair() throws IOException {
        StringWriter written = new StringWriter();
        try (JsonGenerator to = VisibleJson.FACTORY.createGenerator(written)) {
            to.writeString("half \ud83d of a pair");
        }

        JsonNode read = JSON.readTree(written.toString());

        assertThat(written.toString()).isEqualTo("\"half \\uD83D of a pair\"");
        assertThat(read.textValue()).isEqualTo("half \ud83d of a pair");
    }
}
