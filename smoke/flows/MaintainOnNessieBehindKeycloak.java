package flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sink.catalog.TableSource;
import io.sink.testing.FaultyWire;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import io.sink.testing.SavedTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import lib.Keycloak;
import lib.Keycloak.Client;
import lib.LakeTable;
import lib.Nessie;
import lib.Report;
import lib.Report.Action;
import lib.Running;
import lib.Said;
import lib.Sink;
import lib.Sink.Ended;
import lib.Site;
import lib.Sites;
import lib.SlowWire;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A REST catalog by others behind an OAuth2 server by others, whose tokens live for some seconds: by hand, with
 * {@code -Dsink.keycloak=true}.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MaintainOnNessieBehindKeycloak {
    private static final String MARK = "S3cr3tM4rk";
    private static final Client SERVICE = new Client("service", "of-the-service", Duration.ofHours(5), false);
    private static final Client SINK = new Client("sink", MARK + "-of-sink", Duration.ofSeconds(30), false);
    private static final Client EXCHANGING = new Client("exchanging", MARK + "-to-give", Duration.ofSeconds(60), true);

    /** Its tokens end before Iceberg's client renews them: that is due after nine tenths, and whole seconds are cut. */
    private static final Client HASTY = new Client("hasty", MARK + "-of-haste", Duration.ofSeconds(5), false);

    private static final int TABLES = 4;
    private static final String SCOPE = "    scope: " + Keycloak.SCOPE + "\n";
    private static final Deque<AutoCloseable> SERVERS = new ArrayDeque<>();

    /** The beginning of every JWT. */
    private static final String TOKEN = "eyJ";

    @TempDir
    static Path home;

    private static S3Server storage;
    private static Keycloak keycloak;
    private static Site site;

    @TempDir
    Path directory;

    private final Said said = new Said();

    @BeforeAll
    static void serve() throws IOException, InterruptedException {
        assumeTrue(Boolean.getBoolean("sink.keycloak"), "fetches 421 MB: -Dsink.keycloak=true runs it");
        Optional<Path> java = Nessie.java();
        assumeTrue(java.isPresent(), "Keycloak needs Java 21, and there is none: -Dsink.java21=<home> names one");
        storage = closed(S3Server.start(Files.createDirectory(home.resolve("s3"))));
        keycloak = closed(Keycloak.start(home, java.orElseThrow(), SERVICE, SINK, EXCHANGING, HASTY));
        Nessie nessie = closed(Nessie.startGuarded(home, java.orElseThrow(), storage, keycloak));
        site = closed(Sites.nessieBehindKeycloak(storage, nessie, keycloak, SERVICE, SINK));
    }

    private static <S extends AutoCloseable> S closed(S server) {
        SERVERS.push(server);
        return server;
    }

    @AfterAll
    static void close() throws Exception {
        while (!SERVERS.isEmpty()) {
            SERVERS.pop().close();
        }
    }

    @Test
    @Order(1)
    void a_client_with_a_secret_compacts_to_the_row_and_shows_neither_secret_nor_token() throws Exception {
        site.create("events", 2)
                .append(1, 2)
                .append(3, 3)
                .appendAndDeleteFirst(4, 5, 6)
                .append(7);
        List<String> rows = site.reader("events").rows();
        Files.writeString(directory.resolve("credential"), SINK.credential() + "\n");
        Sink sink = site.sink(directory)
                .configured(site.configuration().replace("${LAKE_CREDENTIAL}", "${file:credential}"));

        Ended planned = said.maintain(sink, "text", "--compact", "--dry-run", "lake.web.events");
        Report done =
                said.maintain(sink, "json", "--compact", "lake.web.events").report();

        assertThat(planned.exit()).as("%s", planned).isZero();
        assertThat(planned.stdout()).contains("would-compact");
        assertThat(done.exit()).as("%s", done).isZero();
        assertThat(done.action("lake.web.events", "expire").reason()).isEqualTo("gc-disabled");
        assertThat(done.action("lake.web.events", "compact").reason()).isEqualTo("compacted");
        assertThat(site.reader("events").rows()).isEqualTo(rows).hasSize(7);
        assertThat(site.reader("events").reachable()).allMatch(Files::exists);
        assertSecretsUnseen();
    }

    @ParameterizedTest
    @Order(2)
    @CsvSource(
            delimiter = '|',
            value = {
                "a wrong secret  | sink:S3cr3tM4rk-wrong     | sink | unauthorized_client: Invalid client",
                "another client  | nobody:S3cr3tM4rk-of-sink | sink | invalid_client: Invalid client",
                "another scope   | sink:S3cr3tM4rk-of-sink   | lake | invalid_scope: Invalid scopes: lake",
                "no scope at all | sink:S3cr3tM4rk-of-sink   |      | invalid_scope: Invalid scopes: catalog",
            })
    void a_refusal_to_grant_a_token_is_told_and_another_catalog_is_done(
            String what, String credential, String scope, String answer) throws Exception {
        PathWarehouse beside = beside();
        List<String> rows = beside.reader("t").rows();
        SavedTree before = SavedTree.of(storage.objects());
        int requests = wire().requests();
        Sink sink = sink(beside, scope == null ? "" : "scope: " + scope).with("LAKE_CREDENTIAL", credential);

        Report report = said.maintain(sink, "json", "--compact").report();
        Ended alone = said.maintain(sink, "text", "--compact", "lake");

        Action refused = report.action("lake");
        System.out.println("MaintainOnNessieBehindKeycloak: " + what + ": " + refused.json());
        assertThat(report.exit()).as("%s", report).isEqualTo(20);
        assertThat(alone.exit()).as("%s", alone).isEqualTo(22);
        assertThat(refused.outcome()).isEqualTo("failed");
        assertThat(refused.reason()).isEqualTo("permission-denied");
        assertThat(refused.detail())
                .contains("catalog lake cannot be opened", "no token from http://127.0.0.1:", answer);
        assertThat(alone.stdout()).contains(answer);
        assertThat(report.lastAction("paths.t").reason()).isEqualTo("compacted");
        assertThat(beside.reader("t").rows()).isEqualTo(rows);
        assertThat(wire().requests()).isEqualTo(requests);
        assertUnchanged(before);
        assertSecretsUnseen();
    }

    @Test
    @Order(3)
    void without_a_credential_nessie_refuses_and_another_catalog_is_done() throws Exception {
        PathWarehouse beside = beside();
        SavedTree before = SavedTree.of(storage.objects());
        Sink sink = sink(beside, "scope: " + Keycloak.SCOPE);

        Ended unset =
                said.by(new Sink(directory, Map.of("S3_SECRET", S3Server.SECRET)).run("maintain", "--compact", "-vv"));
        String credential = "(?m)^    (credential|oauth2-server-uri|scope): .*\n";
        sink.configured(Files.readString(directory.resolve("sink.yaml")).replaceAll(credential, ""));
        Report report = said.maintain(sink, "json", "--compact").report();

        System.out.println("MaintainOnNessieBehindKeycloak: no credential: "
                + report.action("lake").json() + "\n" + unset.stderr());
        assertThat(unset.exit()).as("%s", unset).isEqualTo(10);
        assertThat(unset.stderr()).contains("catalogs.lake.credential", "LAKE_CREDENTIAL");
        assertThat(report.exit()).as("%s", report).isEqualTo(20);
        assertThat(report.action("lake").reason()).isEqualTo("permission-denied");
        assertThat(report.action("lake").detail()).contains("catalog lake cannot be opened", "Not authorized");
        assertThat(report.lastAction("paths.t").reason()).isEqualTo("compacted");
        assertUnchanged(before);
    }

    @Test
    @Order(4)
    void tokens_that_end_during_a_run_are_fetched_anew_by_the_credential() throws Exception {
        Map<String, List<String>> rows = tables("renewed", TABLES);
        int events = keycloak.events().size();
        int requests = wire().log().size();

        Report report = slowly("", SINK, "renewed");

        List<String> granted = since(keycloak.events(), events);
        print("renewed", report, granted);
        assertThat(report.exit()).as("%s", report).isZero();
        rows.keySet().forEach(table -> assertThat(reason(report, table)).isEqualTo("compacted"));
        assertRows(rows);
        assertThat(granted).hasSizeGreaterThan(2).containsOnly("CLIENT_LOGIN");
        assertThat(since(wire().log(), requests)).noneMatch(line -> line.endsWith(" 401"));
        assertSecretsUnseen();
    }

    @ParameterizedTest
    @Order(5)
    @CsvSource({
        "token-exchange-enabled: true, exchanged, TOKEN_EXCHANGE_ERROR",
        "token-refresh-enabled: false, kept, CLIENT_LOGIN",
    })
    void where_tokens_are_not_fetched_anew_their_end_is_the_runs_and_the_next_run_does_the_rest(
            String property, String name, String last) throws Exception {
        Map<String, List<String>> rows = tables(name, TABLES);
        int events = keycloak.events().size();

        Report report = slowly(property, HASTY, name);

        List<String> asked = since(keycloak.events(), events);
        print(property, report, asked);
        assertThat(report.exit()).as("%s", report).isIn(20, 21);
        assertThat(reason(report, name + TABLES)).isEqualTo("permission-denied");
        assertThat(asked.get(0)).isEqualTo("CLIENT_LOGIN");
        assertThat(asked.subList(1, asked.size())).allMatch(event -> event.startsWith("TOKEN_EXCHANGE_ERROR"));
        assertThat(asked.get(asked.size() - 1)).startsWith(last);
        assertRows(rows);
        assertRestDone(report, rows);
        assertSecretsUnseen();
    }

    @Test
    @Order(5)
    void a_client_that_may_exchange_tokens_is_refused_six_times_before_each_exchange() throws Exception {
        Map<String, List<String>> rows = tables("exchanging", 2 * TABLES);
        int events = keycloak.events().size();
        int requests = wire().log().size();
        long begun = System.nanoTime();

        Report report = slowly("token-exchange-enabled: true", EXCHANGING, "exchanging");

        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        List<String> asked = since(keycloak.events(), events);
        print("exchanging, " + took, report, asked);
        assertThat(report.exit()).as("%s", report).isZero();
        assertThat(took).isGreaterThan(EXCHANGING.life().plusSeconds(15));
        assertThat(asked.subList(0, 8))
                .startsWith("CLIENT_LOGIN")
                .endsWith("TOKEN_EXCHANGE")
                .containsOnlyOnce("CLIENT_LOGIN", "TOKEN_EXCHANGE")
                .contains("TOKEN_EXCHANGE_ERROR: client_not_found");
        assertThat(since(wire().log(), requests)).noneMatch(line -> line.endsWith(" 401"));
        assertRows(rows);
        assertSecretsUnseen();
    }

    @Test
    @Order(6)
    void tokens_of_a_few_seconds_can_end_before_they_are_fetched_anew_and_no_row_is_lost() throws Exception {
        Map<String, List<String>> rows = tables("hasty", TABLES);
        int events = keycloak.events().size();
        int requests = wire().log().size();

        Report report = slowly("", HASTY, "hasty");

        print("hasty", report, since(keycloak.events(), events));
        System.out.println("  refused: "
                + since(wire().log(), requests).stream()
                        .filter(line -> line.endsWith(" 401"))
                        .toList());
        rows.keySet()
                .forEach(table -> assertThat(reason(report, table))
                        .isIn("compacted", "permission-denied", "commit-state-unknown"));
        assertRows(rows);
        assertSecretsUnseen();
    }

    @Test
    @Order(7)
    void where_keycloak_goes_away_a_run_ends_refused_and_the_next_one_says_who_does_not_answer() throws Exception {
        PathWarehouse beside = beside();
        Map<String, List<String>> rows = tables("gone", TABLES);
        try (SlowWire slow = SlowWire.downloads(storage.port())) {
            Running running =
                    slow(slow, "", HASTY).start("maintain", "--compact", "-vv", "--report", "json", "lake.web.gone*");
            slow.awaitSlow();
            keycloak.close();
            Report refused = said.by(running.ended(Duration.ofMinutes(10))).report();
            print("gone", refused, List.of());
            assertThat(refused.exit()).as("%s", refused).isIn(20, 21);
            assertThat(reason(refused, "gone" + TABLES)).isEqualTo("permission-denied");
            assertRows(rows);
        }

        SavedTree before = SavedTree.of(storage.objects());
        Sink sink = sink(beside, "scope: " + Keycloak.SCOPE);
        long begun = System.nanoTime();
        Report report = said.maintain(sink, "json", "--compact").report();
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        Ended alone = said.maintain(sink, "text", "--compact", "lake");

        Action unreachable = report.action("lake");
        System.out.println("MaintainOnNessieBehindKeycloak: gone: " + took + " " + unreachable.json());
        assertThat(report.exit()).as("%s", report).isEqualTo(20);
        assertThat(alone.exit()).as("%s", alone).isEqualTo(22);
        assertThat(took).isLessThan(Duration.ofMinutes(2));
        assertThat(unreachable.reason()).isEqualTo("catalog-unreachable");
        assertThat(unreachable.detail())
                .contains("catalog lake cannot be opened", keycloak.uri().replace("/realms/lake", ""));
        assertThat(report.lastAction("paths.t").reason()).isEqualTo("compacted");
        assertUnchanged(before);
        assertSecretsUnseen();
    }

    /** The program with a second catalog, which needs no token, and these properties in place of the scope. */
    private Sink sink(PathWarehouse beside, String properties) throws IOException {
        return site.sink(directory)
                .configured(site.configuration()
                        .replace("catalogs:\n", "catalogs:\n" + beside.yaml())
                        .replace(SCOPE, properties.indent(4)));
    }

    /** A catalog on local disk with one table to compact. */
    private PathWarehouse beside() throws IOException {
        PathWarehouse beside = PathWarehouse.local(Files.createDirectory(directory.resolve("paths")));
        beside.create("t", 2, Map.of());
        try (TableSource source = beside.open()) {
            new LakeTable(PathWarehouse.load(source, "t"))
                    .append(1)
                    .append(2, 3)
                    .append(4);
        }
        return beside;
    }

    /** Makes tables to compact, and gives the rows of each. */
    private static Map<String, List<String>> tables(String name, int tables) throws IOException {
        Map<String, List<String>> rows = new TreeMap<>();
        for (int table = 1; table <= tables; table++) {
            site.create(name + table, 2).append(1, 2).append(3).append(4, 5).appendAndDeleteFirst(6, 7);
            rows.put(name + table, site.reader(name + table).rows());
        }
        return rows;
    }

    /** Compacts the tables whose names begin so, each of whose files takes a second to come. */
    private Report slowly(String properties, Client client, String name) throws IOException, InterruptedException {
        try (SlowWire slow = SlowWire.downloads(storage.port())) {
            return said.maintain(slow(slow, properties, client), "json", "--compact", "lake.web." + name + "*")
                    .report();
        }
    }

    /** Nessie tells its clients where the storage is, and only an override has the last word. */
    private Sink slow(SlowWire wire, String properties, Client client) throws IOException {
        String more = properties + "\noverrides: { s3.endpoint: \"" + wire.uri() + "\" }";
        return site.sink(directory)
                .configured(
                        site.configuration().replace(SCOPE, SCOPE + more.strip().indent(4)))
                .with("LAKE_CREDENTIAL", client.credential());
    }

    private static FaultyWire wire() {
        return Objects.requireNonNull(site.wire());
    }

    private static List<String> since(List<String> all, int before) {
        return all.subList(before, all.size());
    }

    private static String reason(Report report, String table) {
        return report.lastAction(site.fullName(table)).reason();
    }

    private static void print(String what, Report report, List<String> events) {
        System.out.println("MaintainOnNessieBehindKeycloak: " + what + ": exit " + report.exit() + " " + events);
        report.json()
                .path("tables")
                .forEach(table -> System.out.println(
                        "  " + report.lastAction(table.path("table").asText()).json()));
    }

    /** A run with tokens that are renewed leaves nothing to do, and no file of the run before. */
    private void assertRestDone(Report before, Map<String, List<String>> rows) throws Exception {
        String tables = "lake.web." + rows.keySet().iterator().next().replaceAll("\\d$", "*");

        Report report =
                said.maintain(site.sink(directory), "json", "--compact", tables).report();

        assertThat(report.exit()).as("%s", report).isZero();
        for (String table : rows.keySet()) {
            assertThat(reason(report, table)).isIn("compacted", "below-threshold");
            for (String left : before.lastAction(site.fullName(table)).leftFiles()) {
                assertThat(storage.locate(left.replaceFirst(" \\(.*", ""))).doesNotExist();
            }
        }
        assertRows(rows);
    }

    private static void assertRows(Map<String, List<String>> rows) {
        rows.forEach((table, expected) -> {
            assertThat(site.reader(table).rows()).as(table).isEqualTo(expected);
            assertThat(site.reader(table).reachable()).as(table).allMatch(Files::exists);
        });
    }

    private static void assertUnchanged(SavedTree before) {
        assertThat(SavedTree.files(storage.objects())).isEqualTo(before.files()).allMatch(before::intact);
    }

    private void assertSecretsUnseen() {
        said.assertWithout(MARK);
        assertThat(said.texts()).noneMatch(text -> text.contains(TOKEN));
    }
}
