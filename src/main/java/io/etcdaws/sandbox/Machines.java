package io.etcdaws.sandbox;

import io.etcdaws.sandbox.aws.CloudInstance;
import io.etcdaws.sandbox.aws.EmulatedAws;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The machines that stand for the instances that run. Several threads may use it, since the end comes from any. */
final class Machines {
    private final Home home;
    private final EmulatedAws aws;
    private final Map<String, Machine> machines = new TreeMap<>();
    private boolean closed;

    Machines(Home home, EmulatedAws aws) {
        this.home = home;
        this.aws = aws;
    }

    /** By instance id, those that are switched on. */
    synchronized Map<String, Machine> all() {
        return new TreeMap<>(machines);
    }

    /** The processes of each node. */
    synchronized Map<String, List<Long>> pids() {
        return machines.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, node -> node.getValue().pids()));
    }

    /** Does something with a machine, if it is on. */
    synchronized void with(String id, Consumer<Machine> action) {
        Optional.ofNullable(machines.get(id)).ifPresent(action);
    }

    /** Switches machines on and off as the instances are, and has those that are on go on. */
    synchronized void follow(List<CloudInstance> instances, Machine.Site site, Instant now) {
        if (closed) {
            return;
        }
        instances.forEach(instance -> follow(instance, site));
        machines.values().forEach(machine -> machine.tend(now));
        home.tell(machines.values().stream()
                .flatMap(machine -> machine.pids().stream())
                .toList());
    }

    private void follow(CloudInstance instance, Machine.Site site) {
        if (instance.isOn()) {
            machines.computeIfAbsent(instance.id(), id -> switchOn(instance, site));
            return;
        }
        Optional.ofNullable(machines.remove(instance.id())).ifPresent(machine -> {
            machine.powerOff();
            aws.withdrawMetadata(instance);
        });
    }

    private Machine switchOn(CloudInstance instance, Machine.Site site) {
        try {
            String metadata = aws.serveMetadata(instance).toCompletableFuture().join();
            return new Machine(site, instance, home.directory().resolve("node-" + instance.number()), metadata);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Switches all of them off, for good. */
    synchronized void close() {
        closed = true;
        machines.values().forEach(Machine::powerOff);
        machines.clear();
    }
}
