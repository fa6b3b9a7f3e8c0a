package io.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every reference into {@code llp/} and every link of the documents leads somewhere. */
class LlpTest {
    private static final Pattern REF = Pattern.compile("@ref LLP ([0-9]{4})(#([a-z0-9-]+))?");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HREF = Pattern.compile("href=\"([^\"]+\\.md)\"");
    private static final Pattern NAME = Pattern.compile("([0-9]{4})-[a-z0-9-]+\\.(explainer|spec|decision|plan)\\.md");

    static List<Path> llps() {
        return files(Path.of("llp"), ".md");
    }

    static List<Path> documents() {
        List<Path> documents = new ArrayList<>(llps());
        documents.add(Path.of("README.md"));
        documents.add(Path.of("CHANGELOG.md"));
        return documents;
    }

    static List<Path> sources() {
        return Stream.of("src", "smoke")
                .flatMap(folder -> files(Path.of(folder), ".java").stream())
                .toList();
    }

    @Test
    void resolves_every_reference_in_the_code() {
        TreeMap<String, Set<String>> broken = new TreeMap<>();
        int found = 0;
        for (Path source : sources()) {
            Matcher ref = REF.matcher(read(source));
            while (ref.find()) {
                found++;
                String anchor = ref.group(3);
                Path llp = llp(ref.group(1));
                if (llp == null || (anchor != null && !anchors(llp).contains(anchor))) {
                    broken.computeIfAbsent(source.toString(), s -> new TreeSet<>())
                            .add(ref.group());
                }
            }
        }

        assertThat(broken).isEmpty();
        assertThat(found).isGreaterThan(10);
    }

    @Test
    void knows_every_way_in_which_a_reference_is_written() {
        for (Path source : sources()) {
            String text = read(source);

            long refs = text.lines()
                    .filter(line -> line.matches("\\s*(\\*|//) @ref .*"))
                    .count();

            assertThat(text.lines().filter(line -> line.matches("\\s*(\\*|//) @ref LLP [0-9]{4}#[a-z0-9-]+")))
                    .as(source.toString())
                    .hasSize((int) refs);
        }
    }

    @Test
    void resolves_links_in_javadoc() {
        for (Path source : sources()) {
            Matcher link = HREF.matcher(read(source));
            while (link.find()) {
                assertThat(source.resolveSibling(link.group(1)))
                        .as(source.toString())
                        .exists();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void resolves_every_link(Path document) {
        Matcher link = LINK.matcher(read(document));

        while (link.find()) {
            String target = link.group(1);
            if (target.startsWith("https://")) {
                continue;
            }
            int hash = target.indexOf('#');
            String path = hash < 0 ? target : target.substring(0, hash);
            Path file = path.isEmpty() ? document : document.toAbsolutePath().resolveSibling(path);
            assertThat(file).as(target).exists();
            if (hash >= 0) {
                assertThat(anchors(file)).as(target).contains(target.substring(hash + 1));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("llps")
    void has_its_head(Path llp) {
        Matcher name = NAME.matcher(String.valueOf(llp.getFileName()));
        assertThat(name.matches()).isTrue();

        List<String> lines = read(llp).lines().toList();

        assertThat(lines.get(0)).startsWith("# LLP " + name.group(1) + ": ");
        assertThat(lines.get(2)).isEqualTo("**Type:** " + name.group(2));
        assertThat(lines.get(3)).matches("\\*\\*Status:\\*\\* (draft|accepted|superseded by \\[LLP .*)");
        assertThat(lines.get(4)).matches("\\*\\*Systems:\\*\\* .+");
        assertThat(lines.get(5)).matches("\\*\\*Date:\\*\\* 20[0-9]{2}-[0-9]{2}-[0-9]{2}");
        assertThat(lines.get(6)).matches("\\*\\*Related:\\*\\* .*\\[LLP [0-9]{4}].*");
        assertThat(lines.get(8)).startsWith("> ");
    }

    @Test
    void numbers_each_document_once_and_lists_it_in_the_map() {
        List<String> names =
                llps().stream().map(llp -> String.valueOf(llp.getFileName())).toList();

        assertThat(names.stream().map(name -> name.substring(0, 4))).doesNotHaveDuplicates();
        String map = read(Path.of("llp/0000-map.explainer.md"));
        assertThat(names.subList(1, names.size())).allMatch(map::contains);
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void explains_every_reason_with_its_outcome(Reason reason) {
        String text = read(Path.of("llp/0004-outcomes.decision.md"));

        List<String> rows = text.lines()
                .filter(line -> line.startsWith("| `" + reason.code() + "` |"))
                .toList();

        if (rows.isEmpty()) {
            String reserved = text.substring(text.indexOf("These are reserved"));
            int at = reserved.indexOf("`" + reason.code() + "`");
            assertThat(at).as(reason.code()).isNotNegative();
            int from = reserved.indexOf('(', at);
            assertThat(reserved.substring(from + 1, reserved.indexOf(')', from)))
                    .isEqualTo(reason.outcome().code());
        } else {
            assertThat(rows)
                    .singleElement()
                    .satisfies(row -> assertThat(row.split("\\|")[2].strip())
                            .isEqualTo(reason.outcome().code()));
        }
        assertThat(text).contains(Stream.of(Outcome.values()).map(Outcome::code).toList());
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void gives_every_reason_the_remedy_that_the_program_prints(Reason reason) {
        String row = read(Path.of("llp/0004-outcomes.decision.md"))
                .lines()
                .filter(line -> line.startsWith("| `" + reason.code() + "` |"))
                .collect(Collectors.joining());

        String[] cells = row.split(" \\|");

        String remedy = cells.length < 5 ? "" : cells[4];
        assertThat(remedy.replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
                        .replace("`", "")
                        .strip())
                .isEqualTo(reason.remedy());
    }

    private static @Nullable Path llp(String number) {
        return llps().stream()
                .filter(llp -> String.valueOf(llp.getFileName()).startsWith(number + "-"))
                .findFirst()
                .orElse(null);
    }

    /** The anchors that a reader on a code host sees: each heading in lower case, dashes for spaces, without signs. */
    static Set<String> anchors(Path document) {
        return read(document)
                .replaceAll("(?s)```.*?```", "")
                .lines()
                .filter(line -> line.matches("#+ .*"))
                .map(line -> line.replaceFirst("#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .strip()
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    private static List<Path> files(Path folder, String suffix) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
