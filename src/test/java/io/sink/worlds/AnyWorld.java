package io.sink.worlds;

import io.sink.testing.PathTable;
import io.sink.testing.Pen;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.TableChanges;
import io.sink.worlds.Cat.Breakage;
import io.sink.worlds.Cat.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.GenericBlobMetadata;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;

/** Draws a world by a seed: which catalogs there are, where their tables lie, and what their past was. */
final class AnyWorld {
    private static final String TWIN = "twin";
    private static final List<String> NAMES =
            List.of("t1", "t10", "t1", "T1", "a b", "x=1", "t~1", "ünï", "sub", "data", "t1.bak", "m+n", "_h");
    private static final List<String> FOLDERS =
            List.of("", "", "", "p=a%2Fb/", "a b/", "deep/er/", "ü/", "P=1/", "part=x/");

    /** Real Parquet files of a few rows, made once; a world's data files are copies of them. */
    record Template(byte[] content, long records) {}

    private final Random random;
    private final World world;
    private final Ground ground;
    private final List<Template> templates;
    private final boolean exclusive;
    private final List<Made> tables = new ArrayList<>();
    /** Locations that tables had before they were moved. */
    private final List<String> left = new ArrayList<>();

    private int files;

    /** A table on its way into catalogs. */
    private static final class Made {
        private final Entry entry;
        private final Pen pen;
        private final Map<String, DataFile> live = new LinkedHashMap<>();
        private final List<DataFile> ever = new ArrayList<>();
        private final Set<String> withDeletes = new HashSet<>();
        private final List<String> versions = new ArrayList<>();
        private String dataPlace;
        private int refs;

        Made(Entry entry, Pen pen, String dataPlace) {
            this.entry = entry;
            this.pen = pen;
            this.dataPlace = dataPlace;
        }

        BaseTable table() {
            return pen.table();
        }

        String location() {
            return pen.current().location();
        }

        String metadataFile() {
            return pen.current().metadataFileLocation();
        }
    }

    private AnyWorld(World world, List<Template> templates, boolean exclusive) {
        this.random = new Random(world.seed);
        this.world = world;
        this.ground = world.ground;
        this.templates = templates;
        this.exclusive = exclusive;
    }

    /** @param exclusive whether the configuration may name places that only the configured tables use */
    static World draw(long seed, Ground ground, Path home, List<Template> templates, boolean exclusive) {
        World world = new World(seed, ground, home);
        try {
            new AnyWorld(world, templates, exclusive).make();
            return world;
        } catch (IOException e) {
            world.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            world.close();
            throw new IllegalStateException("world " + seed + " cannot be made: " + world.describe(), e);
        }
    }

    /** Files of one to five rows with ids that no other template has. */
    static List<Template> templates(Path directory) {
        Ground ground = new Ground(directory.toString(), directory, Map.of());
        BaseTable table = Pen.create(
                        ground.io(),
                        true,
                        TableMetadata.newTableMetadata(
                                PathTable.SCHEMA,
                                PartitionSpec.unpartitioned(),
                                SortOrder.unsorted(),
                                directory + "/templates",
                                Map.of("format-version", "2")))
                .table();
        List<Template> templates = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                List<Record> rows = new ArrayList<>();
                for (int row = 0; row <= i % 5; row++) {
                    Record record = GenericRecord.create(PathTable.SCHEMA);
                    record.setField("id", 100L * i + row);
                    record.setField("name", "name of " + (100 * i + row));
                    rows.add(record);
                }
                DataFile file = new TableChanges(table).write(rows, PathTable.SCHEMA, table.spec(), null);
                templates.add(new Template(Files.readAllBytes(ground.locate(file.location())), file.recordCount()));
            }
            return templates;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private String root() {
        return ground.root();
    }

    private void feature(String name) {
        world.features.add(name);
    }

    private void tell(String what, Object... values) {
        world.story.add(String.format(Locale.ROOT, what, values));
    }

    private void make() throws IOException {
        catalogs();
        // one more than there are catalogs: a page can only break where there is a second one
        int count = Math.max(2 + random.nextInt(5), world.cats.size() + 1);
        for (int i = 0; i < count; i++) {
            table(i);
        }
        for (Made made : tables) {
            history(made);
        }
        if (!left.isEmpty()) {
            table(count);
        }
        for (Made made : tables) {
            history(made);
        }
        for (Made made : tables) {
            if (made.entry.cat().kind != Kind.PATH) {
                world.point(made.entry, made.metadataFile());
            }
            world.entries.add(made.entry);
            plant(made);
        }
        nobodys();
        if (chance(25)) {
            twin();
        }
        for (Cat cat : world.cats) {
            if (cat.kind == Kind.REST && cat.database.equals(world.cats.get(0).database)) {
                world.entries.stream()
                        .filter(entry -> entry.cat() == world.cats.get(0))
                        .toList()
                        .forEach(entry -> world.entries.add(new Entry(cat, entry.path())));
            }
        }
        hide();
        world.retainLast = 1 + random.nextInt(2);
        if (exclusive && chance(15)) {
            world.exclusive = root() + "/landing";
            feature("exclusive-locations");
        }
        ground.age();
        world.cats.forEach(cat -> cat.serve(ground));
    }

    private void catalogs() throws IOException {
        int count = 1 + random.nextInt(3);
        boolean broken = count > 1 && chance(35);
        boolean endpoints = count > 1 && !broken && chance(12);
        for (int i = 0; i < count; i++) {
            boolean last = i == count - 1;
            Kind kind = i == 0 ? Kind.JDBC : any(List.of(Kind.JDBC, Kind.PATH, Kind.REST));
            kind = last && (endpoints || (broken && chance(60))) ? Kind.REST : kind;
            Breakage breakage = Breakage.NONE;
            if (last && broken) {
                breakage = kind == Kind.REST
                        ? any(List.of(
                                Breakage.REFUSED,
                                Breakage.NOT_FOUND,
                                Breakage.FORBIDDEN,
                                Breakage.ERROR,
                                Breakage.BROKEN_PAGE))
                        : Breakage.MISSING;
                feature("broken catalog " + breakage);
                feature("broken catalog");
            }
            String name = "c" + i;
            if (last && endpoints) {
                Cat first = world.cats.get(0);
                world.cats.add(new Cat(name, kind, breakage, first.database, first.owner, first.warehouse));
                feature("one catalog behind two endpoints");
                continue;
            }
            Path database = world.home.resolve(name + ".db");
            world.cats.add(new Cat(
                    name, kind, breakage, database, name, kind == Kind.PATH ? root() + "/p" + i : root() + "/d"));
            if (kind == Kind.PATH) {
                Files.createDirectories(ground.locate(root() + "/p" + i));
            } else {
                Files.copy(emptyDatabase(), database);
            }
        }
    }

    private static volatile byte[] empty = new byte[0];

    /** A catalog's tables without a row: to make them takes longer than to copy them. */
    private static java.io.InputStream emptyDatabase() throws IOException {
        synchronized (AnyWorld.class) {
            if (empty.length == 0) {
                Path directory = Files.createTempDirectory("worlds");
                SqliteCatalog.make("empty", directory).close();
                empty = Files.readAllBytes(directory.resolve("catalog.db"));
                Files.delete(directory.resolve("catalog.db"));
                Files.delete(directory);
            }
            return new java.io.ByteArrayInputStream(empty);
        }
    }

    private void table(int number) {
        Cat cat = number < world.cats.size() ? world.cats.get(world.cats.size() - 1 - number) : any(world.cats);
        if (cat.breakage == Breakage.NONE
                && world.cats.get(world.cats.size() - 1).breakage == Breakage.BROKEN_PAGE
                && number == world.cats.size()) {
            // a page can only break where there is a second one
            cat = world.cats.get(world.cats.size() - 1);
        }
        if (cat != world.cats.get(0) && cat.database.equals(world.cats.get(0).database)) {
            cat = world.cats.get(0);
        }
        String name = any(NAMES);
        if (cat.kind != Kind.JDBC) {
            name = name.replaceAll("[^A-Za-z0-9_=]", "");
        }
        name = name.replace(".", "") + (taken(cat, name.replace(".", "")) ? "-" + number : "");
        Made other = tables.isEmpty() ? null : any(tables);
        String location;
        String path = Cat.NAMESPACE + "." + name;
        if (cat.kind == Kind.JDBC && !hasEndpoints(cat) && chance(15)) {
            path = name;
            feature("table in no namespace");
        }
        if (cat.kind == Kind.PATH) {
            String namespace = any(List.of("", "", "", "data/", "metadata/"));
            location = cat.warehouse + "/" + namespace + name;
            path = namespace.replace('/', '.') + name;
            if (!namespace.isEmpty()) {
                feature("namespace data or metadata");
            }
            if (other != null && other.entry.cat() == cat && chance(40)) {
                location = cat.warehouse + "/" + other.entry.path().replace('.', '/') + "/in/" + name;
                path = other.entry.path() + ".in." + name;
                feature("nested locations");
            }
        } else if (!left.isEmpty() && chance(80)) {
            location = any(left);
            feature("table in the place of a moved one");
        } else if (other != null && chance(18)) {
            location = plain(other.location()) + any(List.of("/", "/data/", "/in/")) + name;
            feature("nested locations");
        } else if (other != null && chance(12)) {
            location = plain(other.location());
            feature("one location for two tables");
        } else {
            location = spelled(root() + "/d/" + name);
        }
        int format = any(List.of(1, 2, 2, 2, 3));
        Map<String, String> properties = new HashMap<>();
        properties.put("format-version", Integer.toString(format));
        properties.put("commit.manifest.min-count-to-merge", any(List.of("2", "100")));
        if (chance(15)) {
            properties.put("write.metadata.delete-after-commit.enabled", "true");
            properties.put("write.metadata.previous-versions-max", "2");
            feature("metadata files deleted by commits");
        }
        if (chance(5)) {
            properties.put("gc.enabled", "false");
            feature("gc disabled");
        }
        String data = dataPlace(number, location, other, properties);
        if (cat.kind != Kind.PATH && chance(20)) {
            properties.put("write.metadata.path", root() + any(List.of("/meta", "/meta/" + number)));
            feature("metadata path");
        }
        TableMetadata metadata = TableMetadata.newTableMetadata(
                PathTable.SCHEMA, PartitionSpec.unpartitioned(), SortOrder.unsorted(), location, properties);
        tables.add(new Made(new Entry(cat, path), Pen.create(ground.io(), cat.kind == Kind.PATH, metadata), data));
        tell("%s: at %s, %s", cat.name + "." + path, location, properties);
    }

    /** A REST catalog shows no table that is in no namespace. */
    private boolean hasEndpoints(Cat cat) {
        return world.cats.stream().anyMatch(other -> other != cat && other.database.equals(cat.database));
    }

    private boolean taken(Cat cat, String name) {
        return tables.stream()
                .anyMatch(made -> made.entry.cat() == cat && made.entry.table().equals(name));
    }

    private static String plain(String location) {
        return location.replaceAll("/+$", "");
    }

    private String spelled(String location) {
        if (!chance(18)) {
            return location;
        }
        feature("odd spelling");
        if (ground.onS3()) {
            return chance(50) ? location + "/" : location.replaceFirst("^s3:", "s3a:");
        }
        return switch (random.nextInt(3)) {
            case 0 -> location + "/";
            case 1 -> location.replace("/d/", "//d/");
            default -> "file:" + location;
        };
    }

    private String dataPlace(
            int number,
            String location,
            @org.jspecify.annotations.Nullable Made other,
            Map<String, String> properties) {
        int drawn = random.nextInt(100);
        String place;
        if (drawn < 35) {
            return plain(location) + "/data";
        } else if (drawn < 57) {
            place = root() + "/shared";
            feature("shared data path");
        } else if (drawn < 70 && other != null) {
            place = plain(other.location());
            feature("data path at another's location");
        } else if (drawn < 80 && other != null) {
            place = plain(other.location()) + "/data";
            feature("data path inside another's location");
        } else if (drawn < 88) {
            place = root() + "/shared/" + number;
            feature("data path inside a shared one");
        } else if (drawn < 94) {
            place = root() + "/d";
            feature("data path around locations");
        } else {
            place = plain(location) + "/elsewhere";
        }
        String key = any(List.of(
                "write.data.path",
                "write.data.path",
                "write.data.path",
                "write.folder-storage.path",
                "write.object-storage.path"));
        properties.put(key, place);
        return place;
    }

    private DataFile copy(String location) {
        Template template = any(templates);
        ground.put(ground.locate(location), template.content());
        return file(location, template.content().length, template.records());
    }

    private static DataFile file(String location, long bytes, long records) {
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(location)
                .withFormat("parquet")
                .withFileSizeInBytes(bytes)
                .withRecordCount(records)
                .build();
    }

    private DataFile fresh(Made made) {
        files++;
        String end = chance(8) ? any(List.of("#1.parquet", "?v=1.parquet", " .parquet", "%23.parquet")) : ".parquet";
        if (end.contains("#") || end.contains("?")) {
            feature("data file with # or ?");
        }
        return copy(made.dataPlace + "/" + any(FOLDERS) + "f" + files + end);
    }

    private void history(Made made) throws IOException {
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            change(made);
            made.versions.add(made.metadataFile());
        }
    }

    private void change(Made made) throws IOException {
        int drawn = made.live.isEmpty() ? random.nextInt(30) : random.nextInt(100);
        if (drawn < 30) {
            append(made, fresh(made));
        } else if (drawn < 52) {
            replace(made);
        } else if (drawn < 60) {
            DataFile gone = any(List.copyOf(made.live.values()));
            made.table().newDelete().deleteFile(gone).commit();
            made.live.remove(gone.location());
        } else if (drawn < 74) {
            borrow(made);
        } else if (drawn < 82) {
            confuse(made);
        } else if (drawn < 86) {
            deleteRows(made);
        } else if (drawn < 93) {
            refer(made);
        } else if (drawn < 95) {
            move(made);
        } else if (drawn < 97) {
            DataFile staged = fresh(made);
            made.table().newFastAppend().appendFile(staged).stageOnly().commit();
            feature("staged snapshot");
        } else {
            statistics(made);
        }
    }

    /** Gives the table another location; what it has stays where it is. */
    private void move(Made made) {
        if (made.entry.cat().kind == Kind.PATH) {
            append(made, fresh(made));
            return;
        }
        String from = made.location();
        String to = (chance(30) ? plain(any(tables).location()) : root() + "/d") + "/moved" + files++;
        made.table().updateLocation().setLocation(to).commit();
        if (made.dataPlace.equals(plain(from) + "/data")) {
            made.dataPlace = to + "/data";
        }
        left.add(from);
        feature("moved table");
        tell("%s: moved from %s to %s", made.entry, from, to);
    }

    private static void append(Made made, DataFile file) {
        made.table().newAppend().appendFile(file).commit();
        made.live.put(file.location(), file);
        made.ever.add(file);
    }

    private void replace(Made made) {
        DataFile added = fresh(made);
        OverwriteFiles overwrite = made.table().newOverwrite().addFile(added);
        made.live.values().forEach(overwrite::deleteFile);
        overwrite.commit();
        made.live.clear();
        made.live.put(added.location(), added);
        made.ever.add(added);
    }

    /** Appends a file that another table has or had, or that nobody has, as {@code add_files} does. */
    private void borrow(Made made) {
        if (chance(20)) {
            files++;
            append(made, copy(root() + "/landing/" + any(FOLDERS) + "l" + files + ".parquet"));
            feature("files of a landing zone");
            return;
        }
        List<Made> lenders = tables.stream()
                .filter(other -> other != made && !other.ever.isEmpty())
                .toList();
        List<Made> near = lenders.stream()
                .filter(other -> ground.locate(other.dataPlace).startsWith(ground.locate(made.dataPlace)))
                .toList();
        if (lenders.isEmpty()) {
            append(made, fresh(made));
            return;
        }
        DataFile theirs = any(any(near.isEmpty() || chance(10) ? lenders : near).ever);
        if (made.live.containsKey(theirs.location())) {
            replace(made);
            return;
        }
        append(made, file(theirs.location(), theirs.fileSizeInBytes(), theirs.recordCount()));
        feature("files of another table");
    }

    /** Appends a file whose name, cut or folded, is that of a live one, and takes it out again. */
    private void confuse(Made made) {
        String live = any(List.copyOf(made.live.keySet()));
        String name = live.substring(live.lastIndexOf('/') + 1);
        String like = live.substring(0, live.lastIndexOf('/') + 1)
                + any(List.of(name + "#copy", name + "?copy", name.toUpperCase(Locale.ROOT), name + ".copy"));
        if (Files.exists(ground.locate(like))) {
            return;
        }
        DataFile file = copy(like);
        made.table().newFastAppend().appendFile(file).commit();
        made.table().newDelete().deleteFile(file).commit();
        feature("expired file named like a live one");
    }

    private void deleteRows(Made made) throws IOException {
        if (made.pen.current().formatVersion() < 2) {
            append(made, fresh(made));
            return;
        }
        DataFile file = any(List.copyOf(made.live.values()));
        if (!made.withDeletes.add(file.location())) {
            // a second deletion vector would have to replace the first
            append(made, fresh(made));
            return;
        }
        RowDelta delta = made.table().newRowDelta();
        new TableChanges(made.table()).writePositionDeletes(List.of(file), 0).forEach(delta::addDeletes);
        delta.commit();
        feature("delete files");
    }

    private void refer(Made made) {
        BaseTable table = made.table();
        if (table.currentSnapshot() == null) {
            return;
        }
        String name = "ref" + made.refs++;
        long id = table.currentSnapshot().snapshotId();
        if (chance(50)) {
            table.manageSnapshots().createTag(name, id).commit();
            feature("tag");
            return;
        }
        table.manageSnapshots().createBranch(name, id).commit();
        feature("branch");
        if (chance(30)) {
            table.manageSnapshots().setMinSnapshotsToKeep(name, 2).commit();
        }
        if (chance(60)) {
            table.newFastAppend().appendFile(fresh(made)).toBranch(name).commit();
        }
    }

    private void statistics(Made made) {
        BaseTable table = made.table();
        if (table.currentSnapshot() == null) {
            return;
        }
        long id = table.currentSnapshot().snapshotId();
        String location = plain(made.location()) + "/metadata/stats-" + files++ + ".puffin";
        byte[] content = ("statistics of " + id).getBytes(StandardCharsets.UTF_8);
        ground.put(ground.locate(location), content);
        table.updateStatistics()
                .setStatistics(new GenericStatisticsFile(
                        id,
                        location,
                        content.length,
                        10,
                        List.of(new GenericBlobMetadata("ndv", id, 1, List.of(1), Map.of()))))
                .commit();
    }

    private void plant(Made made) {
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            String place = chance(60) ? made.dataPlace : plain(made.location());
            plant(place + "/" + any(List.of("", "metadata/", "data/", "a b/", "p=a%2Fb/"))
                    + any(List.of(
                            "orphan" + i + ".parquet", "or phan.avro", "o#" + i + ".parquet", "o?.parquet", "Ö")));
        }
        if (!made.ever.isEmpty() && chance(50)) {
            String file = any(made.ever).location();
            String name = file.substring(file.lastIndexOf('/') + 1);
            plant(file.substring(0, file.lastIndexOf('/') + 1)
                    + any(List.of(
                            name + "#copy",
                            name + "?copy",
                            name.toUpperCase(Locale.ROOT),
                            name + ".bak",
                            name + "%20")));
            feature("planted file named like a table's");
        }
        if (chance(15)) {
            plant(made.metadataFile() + "#copy");
            feature("planted file named like a table's");
        }
    }

    private void nobodys() {
        plant(root() + "/nobody/old.parquet");
        plant(root() + "/landing/never-added.parquet");
    }

    private void plant(String location) {
        Path file = ground.locate(location);
        if (!Files.exists(file)) {
            ground.put(file, ("planted at " + location).getBytes(StandardCharsets.UTF_8));
            world.planted.add(file);
        }
    }

    /**
     * One table under a second entry: the same metadata file, an older one, a copy elsewhere with the same UUID, or one
     * whose location alone was changed.
     */
    private void twin() throws IOException {
        List<Made> able =
                tables.stream().filter(made -> made.versions.size() > 1).toList();
        List<Cat> into = world.cats.stream()
                .filter(cat -> cat.kind == Kind.JDBC && !cat.isBroken())
                .toList();
        Made made = any(able);
        Cat cat = any(into);
        Entry entry = new Entry(cat, Cat.NAMESPACE + "." + TWIN);
        switch (random.nextInt(4)) {
            case 0 -> {
                world.point(entry, made.metadataFile());
                feature("twin with the same metadata file");
            }
            case 1 -> {
                world.point(entry, any(made.versions.subList(0, made.versions.size() - 1)));
                feature("stale twin");
            }
            case 2 -> {
                moved(entry, made);
                feature("twin with another location");
            }
            default -> {
                replica(entry, made);
                feature("replica");
            }
        }
        world.entries.add(entry);
        tell("%s: twin of %s, at %s", entry, made.entry, world.pointer(entry));
    }

    /** Names the first one's files, and would write its own elsewhere. */
    private void moved(Entry entry, Made of) throws IOException {
        String location = root() + "/moved";
        Path metadata = ground.locate(location + "/metadata/00009-moved.metadata.json");
        TableMetadata moved = TableMetadata.buildFrom(of.pen.current())
                .setLocation(location)
                .discardChanges()
                .build();
        ground.put(metadata, TableMetadataParser.toJson(moved).getBytes(StandardCharsets.UTF_8));
        world.point(entry, location + "/metadata/00009-moved.metadata.json");
    }

    private void replica(Entry entry, Made of) throws IOException {
        String location = root() + "/replica";
        TableMetadata fresh = TableMetadata.newTableMetadata(
                PathTable.SCHEMA,
                PartitionSpec.unpartitioned(),
                SortOrder.unsorted(),
                location,
                Map.of("format-version", "2"));
        String json = TableMetadataParser.toJson(fresh)
                .replace(
                        String.valueOf(fresh.uuid()),
                        String.valueOf(of.pen.current().uuid()));
        Made replica =
                new Made(entry, Pen.create(ground.io(), false, TableMetadataParser.fromJson(json)), location + "/data");
        append(replica, fresh(replica));
        replace(replica);
        append(replica, fresh(replica));
        world.point(entry, replica.metadataFile());
    }

    /** Makes a catalog point to a metadata file that is not there. */
    private void hide() {
        boolean drops = tables.stream()
                .anyMatch(made ->
                        made.pen.current().properties().containsKey("write.metadata.delete-after-commit.enabled"));
        List<Entry> able = world.entries.stream()
                .filter(entry -> entry.cat().kind == Kind.JDBC
                        && !entry.cat().isBroken()
                        // A documented limit, after which the entry could not be looked at any more.
                        && !(entry.path().endsWith(TWIN) && drops)
                        && world.cats.stream()
                                .noneMatch(cat -> cat != entry.cat() && cat.database.equals(entry.cat().database)))
                .toList();
        if (able.size() < 2 || !chance(12)) {
            return;
        }
        Entry entry = any(able);
        String pointer = world.pointer(entry);
        world.point(entry, pointer.replace(".metadata.json", "-gone.metadata.json"));
        world.unreadable.put(entry, pointer);
        feature("table that cannot be read");
        tell("%s cannot be read", entry);
    }
}
