package io.sink;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaStaticInitializer;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.sink.commit.SettlingOperations;
import io.sink.commit.SnapshotCommit;
import io.sink.storage.ConfinedDeletion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.io.FileIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds what may import what, and where the dangerous calls stand.
 *
 * <p>Read from bytecode: a constant that is inlined leaves no trace, and a call on a subtype counts as one on its
 * method.
 *
 * @ref LLP 0023#arrows
 */
class HouseTest {
    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.sink");

    /** A line of the document: a room, and what it may know. */
    private static final Pattern ARROW = Pattern.compile("([a-z]+) +→ ([^:]*): .*");

    private static final int MOST_FIELDS = 15;
    private static final int MOST_LINES = 60;

    private static final String JDK = "java..";
    private static final String NULLNESS = "org.jspecify..";
    private static final String ICEBERG = "org.apache.iceberg..";
    private static final String LOG = "org.slf4j..";
    private static final String JSON = "com.fasterxml.jackson..";

    private static final String STORAGE = "io.sink.storage";

    /**
     * What an action may know that only reads metadata; one that looks at storage or deletes; one that commits as well.
     */
    private static final List<String> READING =
            List.of("io.sink.action", "io.sink.table", "io.sink.outcome", "io.sink.text", ICEBERG);

    private static final List<String> DELETING = with(READING, STORAGE);
    private static final List<String> COMMITTING = with(DELETING, "io.sink.commit");

    /** What each package may know besides itself and the JDK. */
    private static final Map<String, List<String>> ARROWS = Map.ofEntries(
            Map.entry("outcome", List.of()),
            Map.entry("text", List.of()),
            Map.entry("predicate", List.of("org.antlr.v4.runtime..")),
            Map.entry(
                    "table",
                    List.of(
                            "io.sink.engine",
                            "io.sink.pages",
                            "io.sink.predicate",
                            "io.sink.text",
                            "io.sink.outcome",
                            ICEBERG,
                            "org.antlr.v4.runtime..",
                            "org.apache.parquet.format..",
                            LOG,
                            JSON)),
            Map.entry("storage", List.of("io.sink.table", "io.sink.outcome", ICEBERG, LOG, JSON)),
            Map.entry("action", List.of("io.sink.table", "io.sink.outcome", "io.sink.text", ICEBERG)),
            Map.entry(
                    "commit",
                    List.of(
                            "io.sink.action",
                            STORAGE,
                            "io.sink.table",
                            "io.sink.outcome",
                            ICEBERG,
                            "org.apache.avro..",
                            LOG)),
            Map.entry(
                    "rows",
                    List.of(
                            "io.sink.action",
                            "io.sink.engine",
                            "io.sink.pages",
                            "io.sink.table",
                            ICEBERG,
                            "org.apache.parquet..",
                            "org.apache.orc..",
                            "org.roaringbitmap..")),
            Map.entry(
                    "rewrite",
                    List.of(
                            "io.sink.rows",
                            "io.sink.columns",
                            "io.sink.engine",
                            "io.sink.text",
                            "io.sink.action",
                            "io.sink.pages",
                            "io.sink.table",
                            "io.sink.outcome",
                            ICEBERG,
                            "org.apache.parquet..",
                            "org.apache.avro..",
                            "org.apache.orc..",
                            "org.apache.hadoop.conf..",
                            LOG)),
            Map.entry("columns", List.of("io.sink.pages", "org.apache.parquet..")),
            Map.entry("expire", with(COMMITTING, LOG)),
            Map.entry(
                    "compact",
                    with(COMMITTING, "io.sink.rewrite", "io.sink.rows", "io.sink.engine", "io.sink.pages", LOG)),
            Map.entry("orphans", with(DELETING, JSON)),
            Map.entry("settle", DELETING),
            Map.entry("verify", with(DELETING, "io.sink.rewrite", "io.sink.rows", "io.sink.engine")),
            Map.entry("deletes", COMMITTING),
            Map.entry("manifests", COMMITTING),
            Map.entry("rollback", COMMITTING),
            Map.entry("inspect", READING),
            Map.entry("engine", List.of()),
            Map.entry(
                    "pages",
                    List.of(
                            "org.apache.parquet..",
                            "org.apache.hadoop.conf..",
                            "com.github.luben.zstd..",
                            "org.brotli.dec..")),
            Map.entry(
                    "catalog",
                    List.of(
                            STORAGE,
                            "io.sink.engine",
                            "io.sink.text",
                            "io.sink.table",
                            "io.sink.outcome",
                            ICEBERG,
                            LOG,
                            "org.sqlite..",
                            "software.amazon.awssdk..")),
            Map.entry(
                    "config",
                    List.of(
                            "io.sink.text",
                            "io.sink.action",
                            "io.sink.expire",
                            "io.sink.compact",
                            "io.sink.deletes",
                            "io.sink.manifests",
                            "io.sink.orphans",
                            "io.sink.catalog",
                            JSON,
                            "org.apache.commons.text..")),
            Map.entry(
                    "run",
                    List.of(
                            "io.sink.engine",
                            "io.sink.text",
                            "io.sink.catalog",
                            "io.sink.config",
                            "io.sink.action",
                            STORAGE,
                            "io.sink.table",
                            "io.sink.outcome",
                            ICEBERG,
                            LOG,
                            JSON)),
            Map.entry(
                    "report",
                    List.of("io.sink.text", "io.sink.outcome", "io.sink.run", JSON, "org.jline.utils..", "j2html..")),
            Map.entry(
                    "metrics",
                    List.of(
                            "io.sink.text",
                            "io.sink.outcome",
                            "io.sink.run",
                            "io.sink.report",
                            "io.micrometer..",
                            "io.prometheus..")),
            Map.entry(
                    "lineage",
                    List.of(
                            "io.sink.text",
                            "io.sink.outcome",
                            "io.sink.run",
                            "io.sink.report",
                            "io.openlineage..",
                            LOG)),
            Map.entry("demo", List.of("io.sink.catalog", ICEBERG)));

    private static List<String> with(List<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).toList();
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void lets_each_package_know_only_what_it_may(String room) {
        String[] allowed = Stream.concat(
                        Stream.of("io.sink." + room, JDK, NULLNESS), ARROWS.getOrDefault(room, List.of()).stream())
                .toArray(String[]::new);

        classes()
                .that()
                .resideInAPackage("io.sink." + room)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed).or(primitiveOrArray()))
                .check(HOUSE);
    }

    static Stream<String> rooms() {
        return ARROWS.keySet().stream().sorted();
    }

    @Test
    void names_every_package_there_is() throws IOException {
        try (Stream<Path> folders = Files.list(Path.of("src/main/java/io/sink"))) {
            Set<String> rooms = folders.filter(Files::isDirectory)
                    .map(folder -> String.valueOf(folder.getFileName()))
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<String> known = new TreeSet<>(ARROWS.keySet());
            known.add("cli");

            assertThat(rooms).isEqualTo(known);
        }
    }

    @Test
    void says_the_same_as_the_document() throws IOException {
        Map<String, Set<String>> written = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("llp/0023-house.decision.md"))) {
            Matcher arrow = ARROW.matcher(line);
            if (arrow.matches()) {
                Set<String> known = new TreeSet<>(List.of(arrow.group(2).split(", ")));
                known.retainAll(ARROWS.keySet());
                written.put(arrow.group(1), known);
            }
        }
        Map<String, Set<String>> held = new TreeMap<>();
        ARROWS.forEach((room, known) -> held.put(
                room,
                known.stream()
                        .filter(name -> name.startsWith("io.sink."))
                        .map(name -> name.substring("io.sink.".length()))
                        .collect(Collectors.toCollection(TreeSet::new))));

        assertThat(written).isEqualTo(held);
    }

    @Test
    void lets_the_configuration_know_policies_and_names_and_nothing_else() {
        classes()
                .that()
                .resideInAPackage("io.sink.config")
                .should()
                .onlyDependOnClassesThat(DescribedPredicate.not(resideInAnyPackage(
                                "io.sink.action",
                                "io.sink.expire",
                                "io.sink.compact",
                                "io.sink.deletes",
                                "io.sink.manifests",
                                "io.sink.orphans",
                                "io.sink.catalog"))
                        .or(describe(
                                "are a setting, a policy or a table's name",
                                type -> Set.of("Setting", "SettingKey", "SettingLookup", "OlderThan", "TableRef")
                                                .contains(outermost(type).getSimpleName())
                                        || outermost(type).getSimpleName().endsWith("Policy"))))
                .check(HOUSE);
    }

    @Test
    void has_no_cycles() {
        slices().matching("io.sink.(*)..").should().beFreeOfCycles().check(HOUSE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"expire", "compact", "deletes", "manifests", "rollback", "orphans", "settle", "verify", "inspect"
            })
    void keeps_actions_apart(String action) {
        noClasses()
                .that()
                .resideInAPackage("io.sink." + action)
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                "io.sink.expire",
                                "io.sink.compact",
                                "io.sink.deletes",
                                "io.sink.manifests",
                                "io.sink.rollback",
                                "io.sink.orphans",
                                "io.sink.settle",
                                "io.sink.verify",
                                "io.sink.inspect")
                        .and(DescribedPredicate.not(resideInAPackage("io.sink." + action))))
                .check(HOUSE);
    }

    @Test
    void lets_nothing_but_the_program_itself_know_the_command_line() {
        noClasses()
                .that(DescribedPredicate.not(resideInAPackage("io.sink.cli")).and(not(Main.class)))
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.sink.cli", "picocli.."))
                .check(HOUSE);
    }

    @Test
    void ends_the_process_in_one_place() {
        noClasses()
                .that(not(Main.class))
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .check(HOUSE);
        // The second signal: no hook may run, no finally, nothing that could take longer.
        noClasses()
                .that(DescribedPredicate.not(simpleNameEndingWith("Signals")))
                .should()
                .callMethod(Runtime.class, "halt", int.class)
                .check(HOUSE);
    }

    @Test
    void says_of_every_public_method_what_it_does() throws IOException {
        Pattern publicType = Pattern.compile("(?m)^public .*(class|interface|record|enum) ");
        Pattern method = Pattern.compile(
                "(?m)^(.*)\\R(?: +@(?!Override).*\\R)*( {4}| {8})public (?!@?interface|class|record|enum)[^=;{]*\\(");
        List<String> undocumented = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String text = Files.readString(file);
                if (publicType.matcher(text).find()) {
                    method.matcher(text)
                            .results()
                            .filter(found -> !found.group(1).strip().endsWith("*/")
                                    && !found.group(1).contains("@Override"))
                            .forEach(found ->
                                    undocumented.add(file + ": " + found.group().strip()));
                }
            }
        }

        assertThat(undocumented).isEmpty();
    }

    @Test
    void keeps_classes_and_methods_small_enough_to_be_read() {
        List<String> large = new ArrayList<>();
        for (JavaClass type : HOUSE) {
            long fields = type.getFields().stream()
                    .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                    .filter(field -> !field.getModifiers().contains(JavaModifier.SYNTHETIC))
                    .count();
            if (fields > MOST_FIELDS && !type.isRecord()) {
                large.add(type.getName() + " has " + fields + " fields");
            }
        }

        assertThat(large).isEmpty();
    }

    @Test
    void has_no_method_that_is_longer_than_a_screen() throws IOException {
        Pattern head = Pattern.compile("^( {4}| {8})[^ ].*\\).*\\{$");
        Pattern other = Pattern.compile(
                ".*\\b(class|record|interface|enum|if|for|while|switch|try|synchronized|catch|new)\\b.*|[^(]*\\) \\{");
        List<String> tooLong = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                List<String> lines = Files.readAllLines(file);
                for (int at = 0; at < lines.size(); at++) {
                    Matcher begin = head.matcher(lines.get(at));
                    if (begin.matches() && !other.matcher(lines.get(at)).matches()) {
                        int end = lines.subList(at, lines.size()).indexOf(begin.group(1) + "}");
                        if (end >= MOST_LINES) {
                            tooLong.add(file + ": " + lines.get(at).strip() + " " + (end + 1) + " lines");
                        }
                    }
                }
            }
        }

        assertThat(tooLong).isEmpty();
    }

    /** What is called from nowhere in the program is there for tests alone, or for nobody. */
    @Test
    void has_nothing_that_only_tests_use() {
        List<String> unused = new ArrayList<>();
        for (JavaClass type : HOUSE) {
            // Made by ANTLR, whole.
            if (type.getPackageName().equals("io.sink.predicate")) {
                continue;
            }
            for (JavaCodeUnit unit : type.getCodeUnits()) {
                boolean byItself = accesses(unit).stream()
                        .allMatch(access -> access.getOrigin().equals(unit));
                if (byItself && !isCalledByOthers(unit)) {
                    unused.add(unit.getFullName());
                }
            }
        }

        assertThat(unused).isEmpty();
    }

    private static Set<? extends JavaAccess<?>> accesses(JavaCodeUnit unit) {
        return unit instanceof JavaMethod method
                ? method.getAccessesToSelf()
                : unit instanceof JavaConstructor constructor ? constructor.getAccessesToSelf() : Set.of();
    }

    /** By the JDK, by a library that finds it by its annotation or its name, or by the compiler's own code. */
    private static boolean isCalledByOthers(JavaCodeUnit unit) {
        JavaClass type = unit.getOwner();
        Set<JavaModifier> modifiers = unit.getModifiers();
        boolean ofARecord = type.isRecord()
                && unit.getRawParameterTypes().isEmpty()
                && type.getFields().stream().anyMatch(field -> field.getName().equals(unit.getName()));
        boolean ofAnEnum = type.isEnum() && Set.of("values", "valueOf").contains(unit.getName());
        boolean generated = modifiers.contains(JavaModifier.SYNTHETIC) || modifiers.contains(JavaModifier.BRIDGE);
        boolean hidden = modifiers.contains(JavaModifier.PRIVATE) && unit.isConstructor();
        boolean byName = Set.of("main", "readResolve", "writeObject").contains(unit.getName())
                // by the AWS client, by Logback's service
                || Set.of("io.sink.catalog.NotedCredentials.create(java.util.Map)", "io.sink.cli.Logging.<init>()")
                        .contains(unit.getFullName());
        boolean byPicocli = unit.isConstructor()
                && (type.isAnnotatedWith("picocli.CommandLine$Command")
                        || type.getName().equals("io.sink.cli.Version"));
        return unit instanceof JavaStaticInitializer
                || ofARecord
                || ofAnEnum
                || generated
                || hidden
                || byName
                || byPicocli
                || !unit.getAnnotations().isEmpty()
                || overrides(unit);
    }

    private static boolean overrides(JavaCodeUnit unit) {
        return Stream.concat(
                        unit.getOwner().getAllRawSuperclasses().stream(),
                        unit.getOwner().getAllRawInterfaces().stream())
                .anyMatch(above -> above.getMethods().stream()
                        .anyMatch(method -> method.getName().equals(unit.getName())
                                && method.getRawParameterTypes().size()
                                        == unit.getRawParameterTypes().size()));
    }

    @Test
    void asks_in_one_place_how_much_memory_there_is() {
        noClasses()
                .that(DescribedPredicate.not(fullName("io.sink.engine.MemoryBudget")))
                .should()
                .callMethod(Runtime.class, "maxMemory")
                .orShould()
                .callMethod(Runtime.class, "totalMemory")
                .orShould()
                .callMethod(Runtime.class, "freeMemory")
                .check(HOUSE);
    }

    @Test
    void deletes_in_few_places() {
        noClasses()
                .that(DescribedPredicate.not(resideInAnyPackage(STORAGE, "io.sink.catalog"))
                        .and(DescribedPredicate.not(fullName("io.sink.report.ReportFile")))
                        // its spill files, in the local temporary directory
                        .and(DescribedPredicate.not(fullName("io.sink.rewrite.RowSorter"))))
                .should()
                .accessTargetWhere(deletes())
                .check(HOUSE);
    }

    @Test
    void deletes_in_two_classes_of_the_storage_package() {
        noClasses()
                .that()
                .resideInAPackage(STORAGE)
                .and()
                .doNotHaveSimpleName("Storage")
                .and()
                .doNotHaveSimpleName("ConfinedDeletion")
                .should()
                .accessTargetWhere(deletes())
                .check(HOUSE);
    }

    @Test
    void deletes_in_the_catalog_package_only_where_files_are_served() {
        noClasses()
                .that()
                .resideInAPackage("io.sink.catalog")
                .and(DescribedPredicate.not(simpleNameEndingWith("FileIO"))
                        .and(DescribedPredicate.not(simpleNameEndingWith("MetadataStore")))
                        .and(DescribedPredicate.not(fullName("io.sink.catalog.LocalOutputFile")))
                        .and(DescribedPredicate.not(fullName("io.sink.catalog.HeldDirectories")))
                        // the probes that it made itself
                        .and(DescribedPredicate.not(fullName("io.sink.catalog.S3Requests")))
                        .and(DescribedPredicate.not(fullName("io.sink.catalog.PathTableOperations"))))
                .should()
                .accessTargetWhere(deletes())
                .check(HOUSE);
    }

    @Test
    void commits_in_one_place() {
        noClasses()
                .that(DescribedPredicate.not(resideInAPackage("io.sink.catalog"))
                        .and(DescribedPredicate.not(fullName("io.sink.commit.Committer"))))
                .should()
                .accessTargetWhere(commits())
                .check(HOUSE);
    }

    @Test
    void counts_the_entries_of_every_snapshot_that_it_commits() {
        noClasses()
                .that(not(SnapshotCommit.class))
                .should()
                .accessTargetWhere(describe(
                        "commit a snapshot",
                        access -> access.getTargetOwner().isEquivalentTo(SettlingOperations.class)
                                && access.getTarget().getName().equals("<init>")))
                .check(HOUSE);
    }

    @Test
    void notices_what_breaks_the_house() {
        ArchRule deleting = noClasses().should().accessTargetWhere(deletes());
        ArchRule committing = noClasses().should().accessTargetWhere(commits());
        JavaClasses table =
                new ClassFileImporter().importClasses(io.sink.storage.Storage.class, io.sink.commit.Committer.class);

        assertThatThrownBy(() -> deleting.check(table))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("deleteFiles")
                .hasMessageContaining("deleteFile(");
        assertThatThrownBy(() -> committing.check(table))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("commit");
    }

    private static DescribedPredicate<JavaAccess<?>> deletes() {
        return describe("delete a file", access -> {
            JavaClass owner = access.getTargetOwner();
            String name = access.getTarget().getName();
            boolean iceberg = owner.isAssignableTo(FileIO.class)
                    && Set.of("deleteFile", "deleteFiles", "deletePrefix").contains(name);
            boolean nio = owner.isEquivalentTo(Files.class) && name.startsWith("delete");
            boolean held =
                    (owner.isAssignableTo(ConfinedDeletion.class) || owner.isAssignableTo(SecureDirectoryStream.class))
                            && name.startsWith("delete");
            boolean io = owner.isEquivalentTo(java.io.File.class) && name.startsWith("delete");
            boolean utility = owner.getName().equals("org.apache.iceberg.CatalogUtil")
                    && Set.of("deleteFiles", "dropTableData", "deleteRemovedMetadataFiles")
                            .contains(name);
            return iceberg || nio || held || io || utility;
        });
    }

    /**
     * A call on the interface or on any implementation of it; commits of Iceberg's own operations are not among them.
     */
    private static DescribedPredicate<JavaAccess<?>> commits() {
        return describe(
                "commit to a table",
                access -> access.getTargetOwner().isAssignableTo(TableOperations.class)
                        && access.getTarget().getName().equals("commit"));
    }

    private static DescribedPredicate<JavaClass> not(Class<?> type) {
        return DescribedPredicate.not(fullName(type.getName()));
    }

    /** The class and the classes inside it. */
    private static DescribedPredicate<JavaClass> fullName(String name) {
        return describe(name, type -> outermost(type).getName().equals(name));
    }

    private static JavaClass outermost(JavaClass type) {
        JavaClass outer = type;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return outer;
    }

    private static DescribedPredicate<JavaClass> primitiveOrArray() {
        return describe("primitive or array", type -> type.isPrimitive() || type.isArray());
    }
}
