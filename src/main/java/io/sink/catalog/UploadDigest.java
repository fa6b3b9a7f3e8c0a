package io.sink.catalog;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * CRC-32 and MD5 of an object as S3 writes them: of all its bytes, or of the checksums of its parts one after the
 * other, with a hyphen and their number behind it.
 */
final class UploadDigest {
    static final String CRC32 = "CRC32";
    static final String MD5 = "MD5";
    private static final String AMAZON = "AmazonS3";

    private final int partSize;
    private final long inPartsFrom;
    private final CRC32 crc = new CRC32();
    private final CRC32 crcOfPart = new CRC32();
    private final ByteArrayOutputStream crcsOfParts = new ByteArrayOutputStream();
    private final ByteArrayOutputStream md5sOfParts = new ByteArrayOutputStream();
    private final @Nullable MessageDigest md5OfPart;
    private @Nullable MessageDigest md5;
    private long length;
    private int inPart;
    private int parts;

    /**
     * @param partSize bytes of each part but the last
     * @param inPartsFrom bytes from which on an object is uploaded in parts
     * @param wholeMd5 whether the MD5 of an object that is uploaded at once is needed
     * @param md5OfParts whether the MD5 of an object that is uploaded in parts is needed
     */
    UploadDigest(int partSize, long inPartsFrom, boolean wholeMd5, boolean md5OfParts) {
        this.partSize = partSize;
        this.inPartsFrom = inPartsFrom;
        this.md5 = wholeMd5 ? newMd5() : null;
        this.md5OfPart = md5OfParts ? newMd5() : null;
    }

    /** Null where the JVM may not have it. */
    private static @Nullable MessageDigest newMd5() {
        try {
            return MessageDigest.getInstance(MD5);
        } catch (NoSuchAlgorithmException e) {
            return null;
        }
    }

    void update(byte[] bytes, int from, int count) {
        length += count;
        crc.update(bytes, from, count);
        if (inParts()) {
            md5 = null;
        } else if (md5 != null) {
            md5.update(bytes, from, count);
        }
        int at = from;
        for (int left = count; left > 0; ) {
            if (inPart == partSize) {
                endPart();
            }
            int now = Math.min(left, partSize - inPart);
            crcOfPart.update(bytes, at, now);
            if (md5OfPart != null) {
                md5OfPart.update(bytes, at, now);
            }
            inPart += now;
            at += now;
            left -= now;
        }
    }

    private void endPart() {
        crcsOfParts.writeBytes(bytes(crcOfPart));
        crcOfPart.reset();
        if (md5OfPart != null) {
            md5sOfParts.writeBytes(md5OfPart.digest());
        }
        inPart = 0;
        parts++;
    }

    private static byte[] bytes(CRC32 checksum) {
        return ByteBuffer.allocate(Integer.BYTES)
                .putInt((int) checksum.getValue())
                .array();
    }

    long length() {
        return length;
    }

    /** Whether the object is long enough to be uploaded in parts. */
    boolean inParts() {
        return length >= inPartsFrom;
    }

    /** Ends the digest; nothing may be added any more. */
    Ended end() {
        if (inPart > 0) {
            endPart();
        }
        CRC32 ofParts = new CRC32();
        ofParts.update(crcsOfParts.toByteArray());
        String tag = null;
        if (inParts() && md5OfPart != null) {
            // Its last part was ended, so that it is free.
            tag = HexFormat.of().formatHex(md5OfPart.digest(md5sOfParts.toByteArray())) + "-" + parts;
        } else if (md5 != null) {
            tag = HexFormat.of().formatHex(md5.digest());
        }
        return new Ended(base64(crc), base64(ofParts) + "-" + parts, tag);
    }

    private static String base64(CRC32 checksum) {
        return Base64.getEncoder().encodeToString(bytes(checksum));
    }

    /**
     * What S3 may say of the object.
     *
     * @param crc32 of all its bytes, in Base64
     * @param crc32OfParts of the checksums of its parts, in Base64, with their number
     * @param md5 as an entity tag without quotes; null if it was not needed
     */
    record Ended(
            String crc32, String crc32OfParts, @Nullable String md5) {
        /**
         * By which checksum an object is the one that this is of: MD5, or CRC32 on Amazon's S3. Other stores may give
         * back what the client said of the object.
         *
         * @return null if by none
         */
        @Nullable
        String holds(HeadObjectResponse stored) {
            String crc = stored.checksumCRC32();
            boolean amazon = stored.sdkHttpResponse() != null
                    && stored.sdkHttpResponse()
                            .firstMatchingHeader("Server")
                            .filter(AMAZON::equals)
                            .isPresent();
            if (amazon && (crc32.equals(crc) || crc32OfParts.equals(crc))) {
                return CRC32;
            }
            String tag = stored.eTag() == null ? null : stored.eTag().replace("\"", "");
            return md5 != null && md5.equals(tag) ? MD5 : null;
        }
    }
}
