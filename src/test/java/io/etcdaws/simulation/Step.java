package io.etcdaws.simulation;

/**
 * Something that is done to the group from outside.
 *
 * @param at when, in milliseconds since the beginning
 * @param kind what
 * @param who which machine of the group, counted round and round
 * @param amount how long, in seconds, or how many; what it means depends on the kind
 */
record Step(long at, Kind kind, int who, int amount) {
    /** What can be done. */
    enum Kind {
        /** The program crashes, and is started again after that many seconds. */
        CRASH,
        /** The program crashes at one of its next calls, and is started again. */
        CRASH_AT_CALL,
        /** The program is stopped by a signal, or paused by its virtual machine, for that many seconds. */
        PAUSE,
        /** The program is paused at one of the calls of its next membership change, for that many seconds. */
        PAUSE_IN_CHANGE,
        /** The whole machine is paused for that many seconds, with etcd and the program. */
        PAUSE_MACHINE,
        /** The machine's wall clock jumps by that many minutes, forth or back; if they are odd, the program crashes as well. */
        CLOCK_JUMP,
        /** A second copy of the program is started on the machine. */
        TWIN,
        /** etcd is killed, and started again. */
        KILL_ETCD,
        /** etcd is stopped by a signal for that many seconds. */
        FREEZE_ETCD,
        /** The machine loses its disk, and boots anew. */
        LOSE_DISK,
        /** The machine boots anew. */
        REBOOT,
        /** EC2 ends the instance. */
        TERMINATE,
        /** EC2 stops the instance, while the group looks away, and starts it again after that many seconds. */
        STOP,
        /** The group takes the instance out of service, as in scaling in or rebalancing, and launches another. */
        RETIRE,
        /** The group takes one instance after the other out of service. */
        REFRESH,
        /** The group wants more instances. */
        SCALE_OUT,
        /** The group wants fewer instances. */
        SCALE_IN,
        /** The instance goes to standby for that many seconds. */
        STANDBY,
        /** The instance is detached from the group. */
        DETACH,
        /** The machine is cut off from all others for that many seconds. */
        ISOLATE,
        /** Packets of the machine to one other are dropped. */
        CUT_ONE_WAY,
        /** A part of the messages to etcd is lost. */
        LOSE_MESSAGES,
        /** A part of the messages to etcd takes seconds. */
        SLOW_MESSAGES,
        /** A part of the calls to AWS fails. */
        AWS_FAILS,
        /** AWS answers without some of the instances. */
        AWS_ANSWERS_IN_PART,
        /** AWS answers with what was so some time ago. */
        AWS_LAGS,
        /** The peers file cannot be written for that many seconds. */
        FULL_DISK,
        /** An operator removes a member that lives. */
        OPERATOR_REMOVES,
        /** An operator adds a member at an address where there is nothing. */
        OPERATOR_ADDS,
        /** An operator adds a voter on a machine outside of AWS, which goes away after that many seconds until all faults stop. */
        OPERATOR_HOST,
        /**
         * An operator starts etcd on a machine without data, until all faults stop: if the amount is odd and a cluster serves, as
         * another cluster of one; else with a list that nobody else has, so that it waits.
         */
        STRAY_ETCD,
        /** AWS gives one instance the address of another. */
        AWS_MIXES_ADDRESSES,
        /** EC2 takes a spot instance back. */
        INTERRUPT,
        /** EC2 recommends to rebalance; the group brings another instance first. */
        REBALANCE,
        /** The machine gets another address. */
        READDRESS
    }

    @Override
    public String toString() {
        return kind + " machine " + who + " (" + amount + ")";
    }
}
