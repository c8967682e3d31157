package io.etcdaws.membership;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.List;

/**
 * The cluster id that etcd derives from an initial cluster: the first 8 bytes of the SHA-1 over the sorted member ids, each
 * of which is the first 8 bytes of the SHA-1 over the member's sorted peer URLs and the token. Names do not matter.
 *
 * <p>Source: etcd's {@code server/etcdserver/api/membership} ({@code computeMemberId}, {@code genID}).
 */
final class BootstrapId {
    private BootstrapId() {}

    /**
     * The id of the cluster that members with these peer URLs form.
     *
     * @param members the peer URLs of each member
     * @param token {@code --initial-cluster-token}
     */
    static ClusterId of(Collection<List<PeerUrl>> members, String token) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * members.size());
        members.stream().map(urls -> memberId(urls, token)).sorted().forEach(id -> bytes.putLong(id.value()));
        return new ClusterId(firstBytesOfSha1(bytes.array()));
    }

    /** The id of a member with these peer URLs. */
    static MemberId memberId(List<PeerUrl> urls, String token) {
        StringBuilder text = new StringBuilder();
        urls.stream().map(PeerUrl::text).sorted().forEach(text::append);
        return new MemberId(firstBytesOfSha1(text.append(token).toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static long firstBytesOfSha1(byte[] bytes) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-1").digest(bytes))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
