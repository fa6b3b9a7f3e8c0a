package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.compact.CompactPlan;
import io.sink.compact.Compaction;
import io.sink.compact.LocalTable;
import io.sink.compact.PlanDecision.Stay;
import io.sink.compact.SmallTable;
import io.sink.outcome.Reason;
import io.sink.testing.Attempts;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SupportTest {
    @TempDir
    Path directory;

    private SmallTable small;

    @BeforeEach
    void make_a_table() {
        small = SmallTable.plain(directory.resolve("t"), 2);
        small.append(0, 10);
        small.append(1, 10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"puffin", "lance"})
    void other_formats_to_write_are_refused(String format) {
        small.table.updateProperties().set("write.format.default", format).commit();

        refused(Reason.UNSUPPORTED_FEATURE, "table property write.format.default is " + format);
    }

    @Test
    void files_of_other_formats_are_refused() {
        small.table
                .newAppend()
                .appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                        .withPath("/nowhere/file")
                        .withFormat(FileFormat.METADATA)
                        .withFileSizeInBytes(10)
                        .withRecordCount(1)
                        .build())
                .commit();

        refused(Reason.UNSUPPORTED_FORMAT, "data file of format metadata");
    }

    @Test
    void files_with_key_metadata_are_refused() {
        small.table
                .newAppend()
                .appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                        .withPath("/nowhere/file.parquet")
                        .withFileSizeInBytes(10)
                        .withRecordCount(1)
                        .withEncryptionKeyMetadata(ByteBuffer.wrap(new byte[] {1}))
                        .build())
                .commit();

        refused(Reason.ENCRYPTED, "key metadata on data file /nowhere/file.parquet");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lz4", "BROTLI", "lzo"})
    void codecs_that_are_not_written_are_refused_as_the_property_of_a_table(String codec) {
        small.table
                .updateProperties()
                .set("write.parquet.compression-codec", codec)
                .commit();

        refused(
                Reason.UNSUPPORTED_FEATURE,
                "compression codec " + codec.toLowerCase(Locale.ROOT) + " of table property");
    }

    @ParameterizedTest
    @EnumSource(CompressionCodecName.class)
    void every_other_codec_is_read_and_all_but_brotli_written(CompressionCodecName codec) {
        boolean known = codec != CompressionCodecName.LZ4 && codec != CompressionCodecName.LZO;

        assertThat(Support.isRead(codec)).isEqualTo(known);
        assertThat(Support.isWritten(codec.name()))
                .isEqualTo(known && codec != CompressionCodecName.BROTLI)
                .isEqualTo(Support.isWritten(codec.name().toLowerCase(Locale.ROOT)));
    }

    @Test
    void files_without_field_ids_are_refused_unless_names_are_mapped() {
        small.table
                .newAppend()
                .appendFile(small.files.withoutIds(List.of(SmallTable.row(3, "three"))))
                .commit();

        refused(Reason.UNSUPPORTED_FEATURE, "no field ids in ");

        small.table
                .updateProperties()
                .set("schema.name-mapping.default", NameMappingParser.toJson(MappingUtil.create(small.table.schema())))
                .commit();
        List<String> before = LocalTable.rows(small.table);
        CompactPlan plan = (CompactPlan) Compaction.plan(small.table, Compaction.policy(1, 2, 1 << 20));
        Compaction.run(small.table, plan, new RecordRewriter(Attempt.of(small.table, "run", Attempts.MEMORY)));
        assertThat(LocalTable.rows(small.table)).containsExactlyElementsOf(before);
    }

    @Test
    void an_equality_delete_on_a_dropped_column_is_refused() {
        small.deleteEqual(3, "some text");
        small.table.updateSchema().deleteColumn("other").commit();

        refused(Reason.UNSUPPORTED_FEATURE, "equality delete on a dropped column, field id 3");
    }

    @Test
    void the_keys_of_equality_deletes_count_as_memory_that_the_group_needs_once_each() {
        CompactPlan without = (CompactPlan) Compaction.plan(small.table, Compaction.policy(1, 2, 1 << 20));
        small.deleteEqual(1, 1);

        CompactPlan with = (CompactPlan) Compaction.plan(small.table, Compaction.policy(1, 2, 1 << 20));

        assertThat(without.groups().get(0).footprint().equalityDeletes()).isZero();
        // One key: what a map has beside it, and an int.
        assertThat(with.groups().get(0).footprint().equalityDeletes()).isBetween(160L, 1000L);
    }

    private void refused(Reason reason, String detail) {
        assertThat(Compaction.plan(small.table, Compaction.policy(1, 2, 1 << 20)))
                .isInstanceOfSatisfying(Stay.class, stay -> {
                    assertThat(stay.reason()).isEqualTo(reason);
                    assertThat(stay.detail()).startsWith(detail);
                });
    }
}
