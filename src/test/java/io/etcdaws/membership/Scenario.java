package io.etcdaws.membership;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import io.etcdaws.membership.Policy.JoinAs;
import io.etcdaws.membership.Policy.Role;
import java.io.File;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A file of {@code src/test/resources/scenarios}: what one node sees, and what it must decide.
 *
 * @param title what must hold, as a sentence
 * @param scene what is seen
 * @param expected what must be decided
 */
record Scenario(String title, Scene scene, Expected expected) {
    /**
     * The golden decision.
     *
     * @param kind as {@link Golden#kind} spells it
     * @param rule the rule's number
     * @param file the file's entries, sorted by name; given for every written file, and only there
     * @param change the membership change; given for every change, and only there
     * @param reason a part of what people are told
     */
    record Expected(String kind, String rule, Optional<List<String>> file, Optional<String> change, String reason) {}

    private static final Set<String> KEYS = Set.of(
            "title",
            "why",
            "self",
            "group.desired",
            "group.mark",
            "group.stable-for",
            "group.scans",
            "group.instances",
            "data",
            "peers-file",
            "cluster",
            "members",
            "policy.role",
            "policy.join-as",
            "policy.force-new-cluster",
            "policy.remove-after",
            "policy.token",
            "mode",
            "notice",
            "overdue",
            "unmarked-for",
            "lifecycle-handled",
            "mark-refused",
            "cluster-seen",
            "handed-over",
            "decision.kind",
            "decision.rule",
            "decision.file",
            "decision.change",
            "decision.reason");
    private static final List<String> MAPS = List.of("lists.", "peers.", "sightings.", "lost.", "learners-idle.");

    /** Reads a scenario; what is wrong with it is said with the file's name and the key. */
    static Scenario read(File file) {
        try {
            return new Reader(file.getName(), ConfigFactory.parseFile(file).resolve()).scenario();
        } catch (ConfigException e) {
            throw new IllegalArgumentException(file.getName() + ": " + e.getMessage(), e);
        }
    }

    /** Reads one file, key by key. */
    private record Reader(String file, Config config) {
        Scenario scenario() {
            config.entrySet().forEach(entry -> known(entry.getKey()));
            if (config.getString("why").isBlank()) {
                throw new IllegalArgumentException(file + ": why: must say why this matters");
            }
            Scene scene = Scene.of(config.getString("self"));
            group(scene);
            node(scene);
            cluster(scene);
            each("peers", (address, value) -> scene.peer(address, text(value)));
            each("sightings", (member, value) -> scene.sighting(Long.parseUnsignedLong(member), text(value)));
            scene.policy(policy());
            continuity(scene);
            return new Scenario(config.getString("title"), scene, expected());
        }

        private void known(String key) {
            boolean ofMap = MAPS.stream().anyMatch(key::startsWith);
            if (!ofMap && !KEYS.contains(key)) {
                throw new IllegalArgumentException(file + ": " + key + ": no such key");
            }
        }

        private void group(Scene scene) {
            at("group.instances", key -> config.getStringList(key).forEach(scene::instances));
            optional("group.desired", key -> scene.desired(config.getInt(key)));
            optional("group.mark", key -> scene.mark(config.getString(key)));
            if (config.hasPath("group.stable-for") || config.hasPath("group.scans")) {
                at("group.stable-for", key -> scene.stable(config.getDuration(key), config.getInt("group.scans")));
            }
        }

        private void node(Scene scene) {
            at(
                    "data",
                    key -> scene.data(
                            switch (config.getString(key)) {
                                case "holds-data" -> DataDirectory.HOLDS_DATA;
                                case "empty" -> DataDirectory.EMPTY;
                                case "unknown" -> DataDirectory.UNKNOWN;
                                default -> throw new IllegalArgumentException("is none of holds-data, empty, unknown");
                            }));
            optional("peers-file", key -> {
                if (config.getBoolean(key)) {
                    scene.peersFile();
                }
            });
        }

        private void cluster(Scene scene) {
            optional("cluster", key -> {
                if (config.getString(key).equals("bootstrapped")) {
                    scene.bootstrapped();
                } else {
                    scene.cluster(config.getString(key));
                }
            });
            optional("members", key -> scene.members(config.getStringList(key).toArray(String[]::new)));
            if (config.hasPath("lists")) {
                Config lists = config.getConfig("lists");
                lists.root()
                        .keySet()
                        .forEach(name -> at(
                                "lists." + name,
                                key -> scene.list(name, lists.getStringList(ConfigUtil.joinPath(name)))));
            }
        }

        private void continuity(Scene scene) {
            optional("mode", key -> {
                switch (config.getString(key)) {
                    case "staying" -> scene.staying();
                    case "settled" -> scene.settled();
                    default -> throw new IllegalArgumentException("is none of staying, settled");
                }
            });
            optional("notice", key -> scene.notice(choice(key, Notice.Kind.class, Notice.Kind.AT_RISK)));
            each("lost", (instance, value) -> scene.lost(instance, text(value)));
            each(
                    "learners-idle",
                    (member, value) -> scene.learnerIdle(Long.parseUnsignedLong(member), Lines.duration(text(value))));
            optional("overdue", key -> scene.overdue(config.getString(key)));
            optional("unmarked-for", key -> scene.unmarked(config.getDuration(key)));
            flag("lifecycle-handled", scene::lifecycleHandled);
            optional("cluster-seen", key -> scene.clusterSeen(config.getString(key)));
            flag("mark-refused", scene::markRefused);
            flag("handed-over", scene::handedOver);
        }

        private Policy policy() {
            Policy usual = Scene.policy();
            return new Policy(
                    choice("policy.role", Role.class, usual.role()),
                    choice("policy.join-as", JoinAs.class, usual.joinAs()),
                    usual.stableMargin(),
                    config.hasPath("policy.remove-after")
                            ? config.getDuration("policy.remove-after")
                            : usual.removeAfter(),
                    usual.confirmAfter(),
                    usual.peerScheme(),
                    usual.peerPort(),
                    config.hasPath("policy.force-new-cluster") && config.getBoolean("policy.force-new-cluster"),
                    config.hasPath("policy.token") ? config.getString("policy.token") : usual.clusterToken(),
                    usual.staying());
        }

        private <E extends Enum<E>> E choice(String key, Class<E> type, E usual) {
            return config.hasPath(key)
                    ? Enum.valueOf(
                            type, config.getString(key).toUpperCase(Locale.ROOT).replace('-', '_'))
                    : usual;
        }

        private Expected expected() {
            Config decision = config.getConfig("decision");
            return new Expected(
                    decision.getString("kind"),
                    decision.getString("rule"),
                    decision.hasPath("file") ? Optional.of(decision.getStringList("file")) : Optional.empty(),
                    decision.hasPath("change") ? Optional.of(decision.getString("change")) : Optional.empty(),
                    decision.getString("reason"));
        }

        private interface Entry {
            void read(String name, ConfigValue value);
        }

        private void each(String map, Entry entry) {
            if (config.hasPath(map)) {
                config.getObject(map).forEach((name, value) -> at(map + "." + name, key -> entry.read(name, value)));
            }
        }

        private static String text(ConfigValue value) {
            return String.valueOf(value.unwrapped());
        }

        private void flag(String key, Runnable setting) {
            if (config.hasPath(key) && config.getBoolean(key)) {
                setting.run();
            }
        }

        private void optional(String key, Consumer<String> reading) {
            if (config.hasPath(key)) {
                at(key, reading);
            }
        }

        private void at(String key, Consumer<String> reading) {
            try {
                reading.accept(key);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(file + ": " + key + ": " + e.getMessage(), e);
            }
        }
    }
}
