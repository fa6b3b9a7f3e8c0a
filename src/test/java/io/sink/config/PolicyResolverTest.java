package io.sink.config;

import static io.sink.config.Written.HEAD;
import static io.sink.config.Written.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import io.sink.action.Setting;
import io.sink.action.SettingKey;
import io.sink.catalog.TableRef;
import io.sink.compact.CompactPolicy;
import io.sink.compact.CompactPolicy.OnUnreadable;
import io.sink.compact.CompactPolicy.WhenAboveCap;
import io.sink.deletes.DeletesPolicy;
import io.sink.expire.ExpirePolicy;
import io.sink.expire.OlderThan;
import io.sink.manifests.ManifestsPolicy;
import io.sink.orphans.OrphanPolicy;
import io.sink.rewrite.ProofLevel;
import io.sink.run.Step;
import io.sink.table.Where;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyResolverTest {

    private static final TableRef EVENTS = new TableRef("lake", List.of("web"), "events");
    private static final TableRef AUDIT = new TableRef("lake", List.of("ops"), "audit");

    private static final String EVERYWHERE = HEAD + """
            maintenance:
              expire: { older-than: 5d, retain-last: 10 }
              compact: { max-bytes: 10GiB }
            tables:
              - match: "lake.**"
                expire: { older-than: 4d, max-expire-snapshots: 7 }
              - match: "lake.web.*"
                expire: { older-than: 3d }
              - match: "lake.tmp.*"
                exclude: true
            """;

    @Test
    void tells_what_an_earlier_rule_says_in_vain() {
        PolicyResolver rules = resolver(HEAD + """
                maintenance:
                  expire: { older-than: 5d }
                tables:
                  - match: "lake.fin.*"
                    expire: { older-than: 8d }
                    compact: { enabled: false }
                  - match: "lake.fin.rates"
                    compact: { enabled: false }
                  - match: "lake.ops.**"
                    exclude: true
                  - match: "lake.ops.audit.**"
                    expire: { older-than: 9d }
                  - match: "lake.fin.tmp"
                    exclude: true
                  - match: "lake.f*.ledger"
                    expire: { older-than: 8d }
                """);

        assertThat(rules.hidden())
                .containsExactly(
                        "rule \"lake.fin.rates\" comes after rule \"lake.fin.*\", and rules are not merged:"
                                + " expire.older-than is 5d (maintenance) and not 8d; repeat it if it is to apply",
                        "rule \"lake.ops.audit.**\" comes after rule \"lake.ops.**\", and rules are not merged:"
                                + " its tables are not excluded; repeat it if it is to apply");
        assertThat(resolver(EVERYWHERE).hidden())
                .containsExactly("rule \"lake.web.*\" comes after rule \"lake.**\", and rules are not merged:"
                        + " expire.max-expire-snapshots is - (no limit) and not 7; repeat it if it is to apply");
    }

    @ParameterizedTest
    @CsvSource({
        "lake.**, lake.web.*, true",
        "lake.**, lake.web.**, true",
        "lake, lake.web.events, true",
        "lake.web.*, lake.web.events, true",
        "lake.web.e*, lake.web.*, false",
        "lake.web.?, lake.web.*, false",
        "lake.web.*, lake.web.**, false",
        "lake.web.*, lake.*.events, false",
        "lake.**.t, lake.web.**, false",
        "lake.web.**, lake.**, false",
    })
    void knows_which_pattern_covers_another(String one, String other, boolean covers) {
        assertThat(TablePattern.of(one).covers(TablePattern.of(other))).isEqualTo(covers);
    }

    @Test
    void leaves_to_the_table_what_nobody_set_and_has_defaults_for_the_rest() {
        TablePolicy policy = resolver(HEAD).resolve(EVENTS);

        assertThat(policy)
                .isEqualTo(new TablePolicy(
                        false,
                        false,
                        "defaults",
                        Map.of(),
                        new ExpirePolicy(
                                null,
                                null,
                                null,
                                null,
                                new ExpirePolicy.History(new Setting<>(90, "default"), null, null),
                                new Setting<>(ExpirePolicy.Exclusive.NONE, "default")),
                        new CompactPolicy(
                                new Setting<>(32, "default"),
                                new Setting<>(10L << 30, "default"),
                                null,
                                new Setting<>(5, "default"),
                                new Setting<>(WhenAboveCap.SKIP, "default"),
                                new Setting<>(ProofLevel.COLUMNS, "default"),
                                new Setting<>("main", "default"),
                                new Setting<>(OnUnreadable.FAIL, "default"),
                                new Setting<>(1, "default"),
                                new Setting<>(1, "default"),
                                CompactPolicy.Partitions.ALL),
                        new DeletesPolicy(new Setting<>(1, "default"), new Setting<>("main", "default")),
                        new ManifestsPolicy(null, new Setting<>("main", "default")),
                        new OrphanPolicy(new Setting<>(Duration.ofDays(3), "default"), new Setting<>(50, "default"))));
    }

    @Test
    void reads_every_setting() {
        TablePolicy policy = resolver(HEAD + """
                maintenance:
                  expire:
                    older-than: 2026-11-01T00:00:00Z
                    retain-last: 3
                    max-expire-snapshots: 4
                    max-expire-bytes-percent: 100
                    max-shrink-percent: 80
                    max-growth-percent: 900
                    longest-reader: 6h
                    exclusive-locations: ["s3://lake/landing", /mnt/in]
                  compact:
                    min-data-files: 6
                    max-bytes: 1MiB
                    target-file-size-bytes: 1073741824
                    min-input-files: 7
                    when-above-cap: partial
                    verify: full
                    branch: audit
                    on-unreadable: skip-group
                    commit-attempts: 7
                    waves: 4
                    where: day(ts) < '2026-11-01'
                    skip-newest: 2h
                  deletes: { min-dangling-deletes: 8 }
                  manifests: { min-manifests: 9 }
                  orphans: { older-than: 7d, max-orphan-bytes-percent: 20 }
                """).resolve(EVENTS);

        assertThat(policy)
                .isEqualTo(new TablePolicy(
                        false,
                        false,
                        "maintenance",
                        Map.of(),
                        new ExpirePolicy(
                                set(new OlderThan.Before(Instant.parse("2026-11-01T00:00:00Z"))),
                                set(3),
                                set(4),
                                set(100),
                                new ExpirePolicy.History(set(80), set(900), set(Duration.ofHours(6))),
                                set(new ExpirePolicy.Exclusive(List.of("s3://lake/landing", "/mnt/in")))),
                        new CompactPolicy(
                                set(6),
                                set(1L << 20),
                                set(1L << 30),
                                set(7),
                                set(WhenAboveCap.PARTIAL),
                                set(ProofLevel.FULL),
                                set("audit"),
                                set(OnUnreadable.SKIP_GROUP),
                                set(7),
                                set(4),
                                new CompactPolicy.Partitions(
                                        set(Where.parse("day(ts) < '2026-11-01'")), set(Duration.ofHours(2)))),
                        new DeletesPolicy(set(8), set("audit")),
                        new ManifestsPolicy(set(9), set("audit")),
                        new OrphanPolicy(set(Duration.ofDays(7)), set(20))));
    }

    @Test
    void prefers_flag_then_environment_then_rule_then_maintenance() {
        Map<String, String> env = Map.of("SINK_OLDER_THAN", "2d");
        Map<String, String> flags = Map.of("older-than", "1d");

        assertThat(olderThan(resolver(EVERYWHERE, flags, env), EVENTS)).isEqualTo(age(1, "flag --older-than"));
        assertThat(olderThan(resolver(EVERYWHERE, Map.of(), env), EVENTS)).isEqualTo(age(2, "env SINK_OLDER_THAN"));
        assertThat(olderThan(resolver(EVERYWHERE), EVENTS)).isEqualTo(age(3, "rule \"lake.web.*\""));
        assertThat(olderThan(resolver(EVERYWHERE), AUDIT)).isEqualTo(age(4, "rule \"lake.**\""));
        assertThat(olderThan(resolver(EVERYWHERE), new TableRef("pond", List.of(), "x")))
                .isEqualTo(age(5, "maintenance"));
    }

    @Test
    void takes_the_last_rule_that_matches_and_nothing_from_the_ones_before() {
        TablePolicy policy = resolver(EVERYWHERE).resolve(EVENTS);

        assertThat(policy.rule()).isEqualTo("lake.web.*");
        assertThat(policy.expire().maxExpireSnapshots()).isNull();
        assertThat(policy.expire().retainLast()).isEqualTo(set(10));
        assertThat(policy.compact().maxBytes()).isEqualTo(set(10L << 30));
        assertThat(policy.compact().minDataFiles()).isEqualTo(new Setting<>(32, "default"));
    }

    @Test
    void excludes_by_the_last_match_only() {
        String reincluded = EVERYWHERE + "  - match: lake.tmp.kept\n";

        assertThat(resolver(reincluded)
                        .resolve(new TableRef("lake", List.of("tmp"), "x"))
                        .excluded())
                .isTrue();
        assertThat(resolver(reincluded)
                        .resolve(new TableRef("lake", List.of("tmp"), "kept"))
                        .excluded())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "older-than, SINK_OLDER_THAN, 5d",
        "retain-last, SINK_RETAIN_LAST, 3",
        "max-expire-snapshots, SINK_MAX_EXPIRE_SNAPSHOTS, 3",
        "max-expire-bytes-percent, SINK_MAX_EXPIRE_BYTES_PERCENT, 3",
        "min-data-files, SINK_MIN_DATA_FILES, 3",
        "max-bytes, SINK_MAX_BYTES, 3.0 GiB",
        "target-file-size-bytes, SINK_TARGET_FILE_SIZE_BYTES, 3.0 GiB",
        "min-input-files, SINK_MIN_INPUT_FILES, 3",
        "when-above-cap, SINK_WHEN_ABOVE_CAP, partial",
        "on-unreadable, SINK_ON_UNREADABLE, skip-group",
        "commit-attempts, SINK_COMMIT_ATTEMPTS, 3",
        "waves, SINK_WAVES, 3",
        "where, SINK_WHERE, id = 1",
        "skip-newest, SINK_SKIP_NEWEST, 2h",
        "verify, SINK_VERIFY, full",
        "branch, SINK_BRANCH, audit",
        "deadline, SINK_DEADLINE, 2h",
        "commit-timeout, SINK_COMMIT_TIMEOUT, 5m",
        "catalog-timeout, SINK_CATALOG_TIMEOUT, 5m",
        "parallel, SINK_PARALLEL, 3",
    })
    void takes_every_setting_from_a_flag_and_from_the_environment(String name, String variable, String text) {
        String value = text.replace(".0 ", "");

        assertThat(lines(resolver(HEAD, Map.of(name, value), Map.of(variable, value))))
                .contains(new Explained.Line(name, text, "flag --" + name));
        assertThat(lines(resolver(HEAD, Map.of(name.replace('-', '_'), value), Map.of())))
                .contains(new Explained.Line(name, text, "flag --" + name));
        assertThat(lines(resolver(HEAD, Map.of(), Map.of(variable, value))))
                .contains(new Explained.Line(name, text, "env " + variable));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "older-than               | 5                    | has no unit",
                "older-than               | 2026-11-21T02:00:05Z | lies in the future",
                "older-than               | 2026-11-21           | is not an instant",
                "older-than               | -5d                  | is negative",
                "retain-last              | 0                    | is too small",
                "retain-last              | -1                   | is not a whole number",
                "max-expire-snapshots     | 0                    | is too small",
                "max-expire-bytes-percent | 0                    | is too small",
                "max-expire-bytes-percent | 101                  | is too large",
                "max-expire-bytes-percent | 50%                  | is not a whole number",
                "min-data-files           | 1.5                  | is not a whole number",
                "max-bytes                | 0                    | is too small",
                "max-bytes                | 10G                  | has an unknown unit",
                "target-file-size-bytes   | 0B                   | is too small",
                "min-input-files          | five                 | is not a whole number",
                "when-above-cap           | SKIP                 | is not a choice here; write skip or partial",
                "verify                   | none                 | is not a choice here; write counts or columns or full",
                "branch                   | ' '                  | is not a branch name",
                "deadline                 | 0s                   | leaves no time",
                "parallel                 | 0                    | is too small",
            })
    void names_a_flag_a_variable_or_a_key_whose_value_cannot_be_used(String name, String value, String message) {
        String variable = "SINK_" + name.toUpperCase(java.util.Locale.ROOT).replace('-', '_');
        SettingKey<?> key = SettingKeys.ALL.stream()
                .filter(k -> k.name().equals(name))
                .findFirst()
                .orElseThrow();
        String path = key.group().equals(RunPolicy.GROUP) ? "run" : "maintenance." + key.group();
        String yaml = key.group().equals(RunPolicy.GROUP)
                ? "run: { %s: \"%s\" }\n".formatted(name, value)
                : "maintenance: { %s: { %s: \"%s\" } }\n".formatted(key.group(), name, value);

        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> resolver(HEAD, Map.of(name, value), Map.of()))
                .withMessageStartingWith("--" + name + ": \"" + value + "\" " + message);
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> resolver(HEAD, Map.of(), Map.of(variable, value)))
                .withMessageStartingWith("env " + variable + ": \"" + value + "\" " + message);
        assertThat(Written.problems(HEAD + yaml))
                .singleElement()
                .asString()
                .contains(": " + path + "." + name + ": \"" + value + "\" " + message);
    }

    @Test
    void names_every_bad_flag_at_once() {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> resolver(HEAD, Map.of("older-than", "5", "retain-last", "0"), Map.of()))
                .withMessageMatching("--older-than: .*\n--retain-last: .*");
    }

    @Test
    void refuses_an_empty_variable() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> resolver(HEAD, Map.of(), Map.of("SINK_RETAIN_LAST", "")));
    }

    @Test
    void knows_a_flag_that_is_no_setting_for_a_mistake_of_the_program() {
        assertThatIllegalArgumentException().isThrownBy(() -> resolver(HEAD, Map.of("dry-run", "x"), Map.of()));
    }

    @Test
    void takes_an_instant_that_is_past() {
        assertThat(olderThan(resolver(HEAD, Map.of("older-than", NOW.toString()), Map.of()), EVENTS))
                .isEqualTo(new Setting<>(new OlderThan.Before(NOW), "flag --older-than"));
    }

    @Test
    void resolves_the_run() {
        assertThat(resolver(HEAD).run())
                .isEqualTo(new RunPolicy(
                        null,
                        null,
                        null,
                        new Setting<>(Duration.ofMinutes(1), "default"),
                        new Setting<>(Duration.ofMinutes(15), "default"),
                        new Setting<>(false, "default")));
        assertThat(resolver(HEAD + "run: { deadline: 2h, parallel: 4 }\n", Map.of("parallel", "8"), Map.of())
                        .run())
                .isEqualTo(new RunPolicy(
                        new Setting<>(Duration.ofHours(2), "run"),
                        new Setting<>(8, "flag --parallel"),
                        null,
                        new Setting<>(Duration.ofMinutes(1), "default"),
                        new Setting<>(Duration.ofMinutes(15), "default"),
                        new Setting<>(false, "default")));
    }

    private static PolicyResolver resolver(String yaml) {
        return resolver(yaml, Map.of(), Map.of());
    }

    private static PolicyResolver resolver(String yaml, Map<String, String> flags, Map<String, String> env) {
        return new PolicyResolver(Written.load(yaml), flags, env, NOW);
    }

    private static Object olderThan(PolicyResolver resolver, TableRef table) {
        return java.util.Objects.requireNonNull(resolver.resolve(table).expire().olderThan());
    }

    private static Setting<OlderThan> age(int days, String source) {
        return new Setting<>(new OlderThan.Age(Duration.ofDays(days)), source);
    }

    private static <T> Setting<T> set(T value) {
        return new Setting<>(value, "maintenance");
    }

    private static List<Explained.Line> lines(PolicyResolver resolver) {
        return resolver.explain().stream()
                .flatMap(explained -> explained.lines().stream())
                .toList();
    }

    @Test
    void an_action_is_disabled_for_a_table_by_the_part_of_the_rule_that_configures_it() {
        PolicyResolver resolver = resolver(HEAD + """
            maintenance:
              compact: { enabled: false }
              orphans: { enabled: false }
            tables:
              - match: "lake.web.*"
                compact: { enabled: true }
                expire: { enabled: false }
            """);

        assertThat(resolver.resolve(EVENTS).disabled())
                .containsOnly(
                        entry("orphans", "orphans.enabled is false by maintenance"),
                        entry("expire", "expire.enabled is false by rule \"lake.web.*\""));
    }

    @Test
    void each_part_that_can_be_disabled_is_that_of_an_action() {
        assertThat(SettingKeys.ENABLED)
                .extracting(SettingKey::group)
                .containsExactlyInAnyOrderElementsOf(Step.PARTS.values());
    }
}
