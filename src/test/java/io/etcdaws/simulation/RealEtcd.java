package io.etcdaws.simulation;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Real etcd processes on loopback addresses, and {@code etcdctl}. */
final class RealEtcd implements CalibratedEtcd.Subject {
    private static final int SERVES_WITHIN = 6_000;
    private static final String FAILED = "Error: ";

    private final Path binaries;
    private final Path directory;
    private final String network;
    private final Map<Integer, Process> processes = new HashMap<>();

    RealEtcd(String variable, Path directory, int number) {
        this.binaries = Path.of(java.util.Objects.requireNonNull(System.getenv(variable), variable), "bin");
        this.directory = directory;
        this.network = "127." + System.getProperty("lab.network", "100") + "." + (230 + number) + ".";
    }

    static String address(String network, int node) {
        return network + (10 + node);
    }

    private String peer(int node) {
        return "http://" + address(network, node) + ":2380";
    }

    private String client(int node) {
        return "http://" + address(network, node) + ":2379";
    }

    @Override
    public String start(int node, String state, List<Integer> list) {
        try {
            Files.createDirectories(directory);
            Process process = new ProcessBuilder(
                            binaries.resolve("etcd").toString(),
                            "--name=n" + node,
                            "--data-dir=" + data(node),
                            "--listen-client-urls=" + client(node),
                            "--advertise-client-urls=" + client(node),
                            "--listen-peer-urls=" + peer(node),
                            "--initial-advertise-peer-urls=" + peer(node),
                            "--initial-cluster-state=" + state,
                            "--initial-cluster="
                                    + list.stream()
                                            .map(each -> "n" + each + "=" + peer(each))
                                            .collect(Collectors.joining(",")))
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("n" + node + ".log").toFile())
                    .start();
            processes.put(node, process);
            long until = System.currentTimeMillis() + SERVES_WITHIN;
            while (System.currentTimeMillis() < until) {
                if (process.waitFor(200, TimeUnit.MILLISECONDS)) {
                    return "ends";
                }
                if (!control(1_000, node, "endpoint", "status").isEmpty()) {
                    return "serves";
                }
            }
            return "forms";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Path data(int node) {
        return directory.resolve("n" + node);
    }

    @Override
    public void kill(int node) {
        Process process = java.util.Objects.requireNonNull(processes.get(node));
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void wipe(int node) {
        try (Stream<Path> files = Files.walk(data(node))) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String add(int via, int node, boolean learner) {
        List<String> command = new ArrayList<>(List.of("member", "add", "n" + node, "--peer-urls=" + peer(node)));
        if (learner) {
            command.add("--learner");
        }
        return changed(via, command.toArray(String[]::new));
    }

    @Override
    public String remove(int via, int node) {
        return changed(via, "member", "remove", id(via, node));
    }

    @Override
    public String promote(int via, int node) {
        return changed(via, "member", "promote", id(via, node));
    }

    private String changed(int via, String... command) {
        String said = said(8_000, via, command);
        if (said.contains("etcdserver: ")) {
            return said.substring(said.indexOf("etcdserver: ") + 12)
                    .lines()
                    .findFirst()
                    .orElse("")
                    .replaceAll("[\"}].*", "")
                    .strip();
        }
        return said.startsWith(FAILED) ? "hangs" : "done";
    }

    @Override
    public String write(int via) {
        return control(4_000, via, "put", "key", "value").isEmpty() ? "fails" : "done";
    }

    @Override
    public String cluster(int via) {
        return Long.toHexString(list(via)
                .getAsJsonObject("header")
                .get("cluster_id")
                .getAsBigInteger()
                .longValue());
    }

    @Override
    public String members(int via) {
        JsonArray members = list(via).getAsJsonArray("members");
        int learners = 0;
        for (JsonElement member : members) {
            learners += member.getAsJsonObject().has("isLearner") ? 1 : 0;
        }
        return members.size() + " members, " + learners + " learners";
    }

    private String id(int via, int node) {
        for (JsonElement member : list(via).getAsJsonArray("members")) {
            JsonObject one = member.getAsJsonObject();
            if (one.getAsJsonArray("peerURLs").get(0).getAsString().equals(peer(node))) {
                return Long.toHexString(one.get("ID").getAsBigInteger().longValue());
            }
        }
        return "0";
    }

    private JsonObject list(int via) {
        return JsonParser.parseString(control(5_000, via, "member", "list", "-w", "json"))
                .getAsJsonObject();
    }

    @Override
    public String process(int node) {
        return java.util.Objects.requireNonNull(processes.get(node)).isAlive() ? "runs" : "ended";
    }

    @Override
    public void rest() {
        try {
            Thread.sleep(6_500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What {@code etcdctl} prints where it succeeds; else nothing. */
    private String control(int millis, int via, String... command) {
        String said = said(millis, via, command);
        return said.startsWith(FAILED) ? "" : said;
    }

    private String said(int millis, int via, String... command) {
        try {
            List<String> all = new ArrayList<>(List.of(
                    binaries.resolve("etcdctl").toString(),
                    "--endpoints=" + client(via),
                    "--dial-timeout=1s",
                    "--command-timeout=" + millis + "ms"));
            all.addAll(List.of(command));
            // Since 3.6 it logs each attempt beside what it prints.
            Path log = directory.resolve("etcdctl.log");
            ProcessBuilder builder = new ProcessBuilder(all).redirectError(log.toFile());
            builder.environment().put("ETCDCTL_API", "3");
            Process process = builder.start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? said : FAILED + said + Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        processes.values().forEach(Process::destroyForcibly);
        processes.values().forEach(process -> process.onExit().join());
    }
}
