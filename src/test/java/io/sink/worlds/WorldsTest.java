package io.sink.worlds;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.S3Server;
import io.sink.testing.Seeds;
import io.sink.testing.Trees;
import io.sink.worlds.AnyWorld.Template;
import io.sink.worlds.Oracle.Moment;
import io.sink.worlds.Program.Ran;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Runs over random worlds: nobody loses a row, and what nobody needs goes or stays for a reason that holds.
 *
 * <p>System properties: {@code sink.worlds}, how many (100); {@code sink.seed}, the first world's, or {@code random};
 * {@code sink.worlds.s3}, one of how many is on S3 (10, 0 for none); {@code sink.worlds.strict}, whether losses that
 * the documentation names as limits fail too (false).
 */
@ExtendWith(Seeds.Given.class)
class WorldsTest {
    private static final int WORLDS = 100;
    private static final int S3_EVERY = Integer.getInteger("sink.worlds.s3", 10);
    private static final boolean STRICT = Boolean.getBoolean("sink.worlds.strict");
    private static final long FIXED = 20261128;
    private static final Tally TALLY = new Tally();

    @TempDir(factory = InMemory.class)
    static Path folder;

    /**
     * In memory where the system has such a place: a world is a thousand small files, and nobody needs them durable.
     */
    static final class InMemory implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
                throws IOException {
            Path memory = Path.of("/dev/shm");
            return Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "worlds")
                    : Files.createTempDirectory("worlds");
        }
    }

    private static List<Template> templates = List.of();
    private static boolean exclusive;
    private static @Nullable S3Server server;

    @BeforeAll
    static void make_templates() throws IOException {
        templates = AnyWorld.templates(Files.createDirectories(folder.resolve("templates")));
        exclusive = knows("exclusive-locations: [\"/nowhere\"]");
    }

    /** Whether this build has a setting of {@code expire}. */
    private static boolean knows(String setting) throws IOException {
        Path home = Files.createDirectories(folder.resolve("probe"));
        Files.createDirectories(home.resolve("empty"));
        Path file = Files.writeString(home.resolve("sink.yaml"), """
                version: 1
                catalogs:
                  probe: { type: path, warehouse: ./empty }
                maintenance:
                  expire: { %s }
                """.formatted(setting));
        boolean known =
                Program.run(file, home, List.of("maintain", "--dry-run")).exit() != 10;
        if (!known) {
            System.out.println("WorldsTest: this build does not know " + setting);
        }
        return known;
    }

    @AfterAll
    static void tell() {
        if (server != null) {
            server.close();
        }
        for (String group : List.of(
                "world: ",
                "checked: ",
                "expired: ",
                "not expired: ",
                "went: ",
                "stayed after an expiry: ",
                "stayed after a sweep: ",
                "limit: ",
                "lost: ")) {
            System.out.printf("WorldsTest: %s%s%n", group, TALLY.line(group));
        }
        assertNotEmpty();
    }

    /** By default the seeds stand in the build, so that what they exercise is always the same. */
    private static void assertNotEmpty() {
        if (TALLY.of("world: on disk") + TALLY.of("world: on S3") >= WORLDS && S3_EVERY > 0) {
            assertThat(List.of(
                            "world: on S3",
                            "world: broken catalog",
                            "world: nested locations",
                            "world: one location for two tables",
                            "world: shared data path",
                            "world: files of another table",
                            "world: stale twin",
                            "world: twin with the same metadata file",
                            "world: table that cannot be read",
                            "world: moved table",
                            "world: table in the place of a moved one",
                            "world: table in no namespace",
                            "world: namespace data or metadata",
                            "world: metadata files deleted by commits",
                            "checked: snapshots' rows",
                            "went: by expiry",
                            "went: by sweep",
                            "stayed after an expiry: another table needs it"))
                    .allMatch(what -> TALLY.of(what) > 0);
        }
    }

    @TestFactory
    List<DynamicTest> loses_nothing_that_is_needed_and_leaves_nothing_without_a_reason(Seeds seeds) {
        return seeds.tests(
                "sink.worlds",
                WORLDS,
                draws -> assertThat(violations(draws.seed(), TALLY, (world, step) -> {}))
                        .isEmpty());
    }

    private static boolean isOnS3(long seed) {
        return S3_EVERY > 0 && seed % S3_EVERY == 0;
    }

    /** Draws a world, runs over it, mends it and runs once more; what a stranger does after each run is given. */
    private static List<String> violations(long seed, Tally tally, BiConsumer<World, Step> stranger) throws Exception {
        Path home = Files.createDirectories(folder.resolve("w" + seed));
        Ground ground = ground(seed, home);
        try (World world = AnyWorld.draw(seed, ground, home, templates, exclusive)) {
            world.features.forEach(feature -> tally.count("world: " + feature));
            tally.count(ground.onS3() ? "world: on S3" : "world: on disk");
            Oracle oracle = new Oracle(world, tally, STRICT);
            Moment start = oracle.look();
            var rows = oracle.rows(start);
            List<String> runs = new ArrayList<>();
            Random random = new Random(seed);
            Moment now = start;
            for (Step step : steps(world, random)) {
                now = run(world, oracle, step, random.nextInt(3) == 0, now, stranger, runs);
            }
            world.mend();
            for (String command : List.of("maintain", "orphans")) {
                now = run(world, oracle, new Step(command, "", false, false), false, now, stranger, runs);
            }
            oracle.judgeRows(rows, now);
            if (!oracle.violations().isEmpty()) {
                System.out.printf(
                        "%n%s%n  then: %s%n  %s%n", world.describe(), String.join("; ", runs), "seed " + seed);
            }
            return List.copyOf(oracle.violations());
        } finally {
            Trees.delete(home);
            if (ground.onS3()) {
                Trees.delete(ground.directory());
            }
        }
    }

    private static Ground ground(long seed, Path home) throws IOException, InterruptedException {
        if (!isOnS3(seed)) {
            Path directory = Files.createDirectories(home.resolve("ground"));
            return new Ground(directory.toString(), directory, Map.of());
        }
        if (server == null) {
            server = S3Server.start(Files.createDirectories(folder.resolve("s3")));
        }
        String root = "s3://" + S3Server.BUCKET + "/w" + seed;
        Path directory = Files.createDirectories(server.locate(root));
        return new Ground(root, directory, server.properties());
    }

    private static List<Step> steps(World world, Random random) {
        List<Step> steps = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            Entry entry = world.entries.get(random.nextInt(world.entries.size()));
            int drawn = random.nextInt(100);
            String selection = drawn < 55 ? "" : drawn < 70 ? entry.cat().name : entry.fullName();
            steps.add(
                    new Step(random.nextBoolean() ? "maintain" : "orphans", selection, false, random.nextInt(5) == 0));
        }
        return steps;
    }

    private static Moment run(
            World world,
            Oracle oracle,
            Step step,
            boolean rehearsed,
            Moment before,
            BiConsumer<World, Step> stranger,
            List<String> runs) {
        Set<Path> planned = new TreeSet<>();
        if (rehearsed) {
            Step rehearsal = step.rehearsed();
            runs.add(rehearsal.toString());
            Ran ran = Program.run(world.configuration(), world.home, rehearsal.arguments());
            stranger.accept(world, rehearsal);
            oracle.judgeRehearsal(rehearsal, before, oracle.look());
            planned.addAll(oracle.said(ran));
        }
        runs.add(step.toString());
        Ran ran = Program.run(world.configuration(), world.home, step.arguments());
        stranger.accept(world, step);
        Moment after = oracle.look();
        oracle.judge(step, ran, before, after, planned);
        return after;
    }

    @Test
    void notices_a_live_file_that_a_stranger_deletes() throws Exception {
        AtomicBoolean deleted = new AtomicBoolean();
        List<String> violations = violations(FIXED + 1, new Tally(), (world, step) -> {
            if (step.dry() || deleted.getAndSet(true)) {
                return;
            }
            Seen seen = new Seen.Reader(world.ground).read(world.pointer(world.entries.get(0)));
            seen.needs(Set.of()).stream()
                    .filter(file -> file.toString().contains(".parquet") && Files.exists(file))
                    .findFirst()
                    .ifPresent(WorldsTest::delete);
        });

        assertThat(violations).anyMatch(violation -> violation.contains(" needs "));
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void notices_an_orphan_that_stays_without_a_reason() throws Exception {
        List<Path> returned = new ArrayList<>();
        List<String> violations = violations(
                FIXED + 1,
                new Tally(),
                (world, step) -> world.planted.stream()
                        .filter(file -> step.sweeps() && !step.dry() && !Files.exists(file))
                        .forEach(file -> {
                            world.ground.put(file, new byte[] {1});
                            returned.add(file);
                        }));

        assertThat(returned).isNotEmpty();
        assertThat(violations.stream()
                        .filter(violation -> violation.contains("orphan "))
                        .collect(Collectors.toList()))
                .isNotEmpty();
    }
}
