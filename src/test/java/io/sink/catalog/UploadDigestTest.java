package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

class UploadDigestTest {
    private static final byte[] BYTES = "123456789".getBytes(StandardCharsets.US_ASCII);

    @Test
    void of_an_object_that_is_uploaded_at_once() {
        UploadDigest.Ended ended = digest(4, 10, true);

        // The check value of CRC-32 is cbf43926; md5sum prints the other one.
        assertThat(Base64.getDecoder().decode(ended.crc32())).containsExactly(0xcb, 0xf4, 0x39, 0x26);
        assertThat(ended.md5()).isEqualTo("25f9e794323b453885f5181f1b624d0b");
    }

    @Test
    void of_an_object_that_is_uploaded_in_parts() {
        UploadDigest.Ended ended = digest(4, 6, true);

        assertThat(Base64.getDecoder().decode(ended.crc32())).containsExactly(0xcb, 0xf4, 0x39, 0x26);
        ByteBuffer parts =
                ByteBuffer.allocate(12).putInt(crc("1234")).putInt(crc("5678")).putInt(crc("9"));
        assertThat(ended.crc32OfParts())
                .isEqualTo(Base64.getEncoder()
                                .encodeToString(ByteBuffer.allocate(4)
                                        .putInt(crc(parts.array()))
                                        .array())
                        + "-3");
        assertThat(ended.md5()).endsWith("-3");
    }

    @Test
    void holds_the_object_by_amazons_crc32_or_by_any_md5() {
        UploadDigest.Ended whole = digest(4, 10, true);
        UploadDigest.Ended parts = digest(4, 6, true);

        assertThat(whole.holds(head("AmazonS3", whole.crc32(), "x"))).isEqualTo("CRC32");
        assertThat(parts.holds(head("AmazonS3", parts.crc32OfParts(), "x"))).isEqualTo("CRC32");
        assertThat(whole.holds(head("Other", whole.crc32(), "x"))).isNull();
        assertThat(whole.holds(head("AmazonS3", "AAAAAA==", "x"))).isNull();
        assertThat(whole.holds(head("Other", null, "\"" + whole.md5() + "\""))).isEqualTo("MD5");
        assertThat(parts.holds(head("Other", null, "\"" + whole.md5() + "\""))).isNull();
        assertThat(digest(4, 10, false).holds(head("Other", null, "\"\""))).isNull();
    }

    private static HeadObjectResponse head(String server, @Nullable String crc32, String tag) {
        HeadObjectResponse.Builder response =
                HeadObjectResponse.builder().checksumCRC32(crc32).eTag(tag);
        response.sdkHttpResponse(
                SdkHttpResponse.builder().putHeader("Server", server).build());
        return response.build();
    }

    @Test
    void an_md5_that_is_not_needed_is_not_made() {
        assertThat(digest(4, 10, false).md5()).isNull();
        assertThat(digest(4, 6, false).md5()).isNull();
    }

    private static UploadDigest.Ended digest(int partSize, long inPartsFrom, boolean md5) {
        UploadDigest digest = new UploadDigest(partSize, inPartsFrom, md5, md5);
        digest.update(BYTES, 0, 3);
        digest.update(BYTES, 3, 6);
        assertThat(digest.length()).isEqualTo(9);
        return digest.end();
    }

    private static int crc(String text) {
        return crc(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static int crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
