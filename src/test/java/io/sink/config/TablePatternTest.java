package io.sink.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sink.catalog.TableRef;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TablePatternTest {

    @ParameterizedTest
    @CsvSource({
        "lake.web.events, lake/web/events, true",
        "lake.web.events, lake/web/clicks, false",
        "lake.web.events, lake/web/events2, false",
        "lake.web, lake/web/events, false",
        "lake.web, lake/web, true",
        "lake.web.*, lake/web/events, true",
        "lake.web.*, lake/web/a/events, false",
        "lake.web.*, lake/web, false",
        "lake.*.events, lake/web/events, true",
        "lake.*.events, lake/events, false",
        "lake.w?b.e*s, lake/web/events, true",
        "lake.w?b.events, lake/wb/events, false",
        "lake.web.?, lake/web/\uD83D\uDE00, true",
        "lake.**, lake/events, true",
        "lake.**, lake/web/a/b/events, true",
        "lake.**, pond/events, false",
        "lake.**.events, lake/events, true",
        "lake.**.events, lake/a/b/events, true",
        "lake.**.events, lake/a/b/clicks, false",
        "lake.**.a.**.t, lake/x/a/t, true",
        "lake.**.a.**.t, lake/a/y/z/t, true",
        "lake.**.a.**.t, lake/y/z/t, false",
        "**.events, lake/web/events, true",
        "**, lake/web/events, true",
        "lake, lake/web/events, true",
        "lake, pond/web/events, false",
        "la*, lake/web/events, true",
        "*, lake/web/events, true",
        "*.web.events, lake/web/events, true",
        "lake.a+b.[c], lake/a+b/[c], true",
        "lake.a+b.[c], lake/aab/c, false",
        "Lake.web.events, lake/web/events, false",
    })
    void selects_by_levels(String pattern, String table, boolean selected) {
        assertThat(TablePattern.of(pattern).matches(table(table))).isEqualTo(selected);
    }

    @Test
    void selects_an_odd_name_that_is_typed_exactly() {
        TableRef dotted = new TableRef("lake", List.of("a.b"), "t.v1");
        TableRef starred = new TableRef("lake", List.of("a"), "*");

        assertThat(TablePattern.of("lake.a.b.t.v1").matches(dotted)).isTrue();
        assertThat(TablePattern.of("lake.a*.t*").matches(dotted)).isTrue();
        assertThat(TablePattern.of("lake.a.b.t").matches(dotted)).isFalse();
        assertThat(TablePattern.of("lake.a.*").matches(starred)).isTrue();
    }

    /** One that goes back to every star it has passed would not end within a lifetime. */
    @Test
    @Timeout(20)
    void a_pattern_of_many_stars_is_matched_in_time_that_grows_with_its_length_alone() {
        TableRef long300 = new TableRef("lake", List.of("web"), "x".repeat(300));
        TableRef deep300 = new TableRef("lake", Collections.nCopies(300, "x"), "x");

        assertThat(TablePattern.of("lake.web." + "*x".repeat(40) + "*y").matches(long300))
                .isFalse();
        assertThat(TablePattern.of("lake.web." + "*x".repeat(40) + "*").matches(long300))
                .isTrue();
        assertThat(TablePattern.of("lake" + ".**.x".repeat(40) + ".**.y").matches(deep300))
                .isFalse();
        assertThat(TablePattern.of("lake" + ".**.x".repeat(40)).matches(deep300))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "lake.web.*, lake, true",
        "lake.web.*, pond, false",
        "lake, lake, true",
        "la*.**, lake, true",
        "la*.**, pond, false",
        "**.events, pond, true",
        "*, pond, true",
    })
    void opens_only_catalogs_that_could_match(String pattern, String catalog, boolean could) {
        assertThat(TablePattern.of(pattern).couldMatchCatalog(catalog)).isEqualTo(could);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "lake.", ".web", "lake..events", "lake. .events", "lake.tmp**", "lake.**x.y", "***"})
    void refuses_patterns_that_cannot_be_meant(String pattern) {
        assertThatIllegalArgumentException().isThrownBy(() -> TablePattern.of(pattern));
    }

    private static TableRef table(String path) {
        List<String> levels = List.of(path.split("/"));
        return new TableRef(levels.get(0), levels.subList(1, levels.size() - 1), levels.get(levels.size() - 1));
    }

    @ParameterizedTest
    @CsvSource({
        "lake.tmp.*, lake/tmp, true",
        "lake.tmp.**, lake/tmp, true",
        "lake.*.*, lake/tmp, true",
        "lake.**, lake/tmp, true",
        "lake, lake, true",
        "lake.tmp.*, lake/web, false",
        "lake.tmp.*, lake/tmp/deep, false",
        "lake.tmp.**, lake/tmp/deep, true",
        "lake.tmp.e*, lake/tmp, false",
        "lake.tmp.events, lake/tmp, false",
        "lake.**.events, lake/tmp, false"
    })
    void selects_all_of_a_namespace_where_its_last_level_names_none(String pattern, String levels, boolean all) {
        List<String> names = List.of(levels.split("/"));

        assertThat(TablePattern.of(pattern).selectsAllOf(names.get(0), names.subList(1, names.size())))
                .isEqualTo(all);
    }

    @ParameterizedTest
    @CsvSource({
        "lake.web.evnts, lake.web.events",
        "lake.wbe.*, lake.web.clicks",
        "lake.w?b.event, lake.web.events",
        "lake.**.event, lake.web.events",
        "lake.tmp.*_old, lake.tmp.a_ld",
        "lake.Web.events, lake.web.events",
        "pond.xyzzy.qqqqqqqqqqqqqqqq, ''"
    })
    void knows_the_nearest_name(String pattern, String nearest) {
        List<String> names = List.of("lake.web.clicks", "lake.web.events", "lake.tmp.a_ld");

        assertThat(TablePattern.of(pattern).nearest(names).orElse("")).isEqualTo(nearest);
    }
}
