package io.etcdaws.simulation;

import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What etcd keeps in its data directory. */
final class DataDisk {
    final ClusterId cluster;
    final MemberId self;

    /** The members as the others told them, until there is a log. */
    final List<Member> told;

    /** The latest term in which this member has voted or followed. */
    int term;

    /** The last entry of the log; null until the leader has sent one. */
    @Nullable
    Entry last;

    /** The last entry that is known to be committed, and is applied. */
    @Nullable
    Entry committed;

    DataDisk(ClusterId cluster, MemberId self, List<Member> told, @Nullable Entry root) {
        this.cluster = cluster;
        this.self = self;
        this.told = told;
        this.term = root == null ? 0 : root.term();
        this.last = root;
        this.committed = root;
    }

    /** The member list as far as this member knows it. */
    List<Member> members() {
        return committed == null ? told : committed.state().list();
    }

    int lastIndex() {
        return last == null ? 0 : last.index();
    }

    /** Whether its cluster has ever had quorum, as far as this member knows: then its version is decided. */
    boolean decided() {
        return committed != null && committed.before() != null;
    }
}
