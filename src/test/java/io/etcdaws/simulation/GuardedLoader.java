package io.etcdaws.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Loads the program once more, with each {@link Guard}'s method asking at its start whether it is switched off, and telling what
 * it answers. Nothing else differs from the program that is packed.
 */
final class GuardedLoader extends ClassLoader {
    private static final String OWN = "io.etcdaws.";
    private static final String GUARD = "io/etcdaws/simulation/Guard";

    GuardedLoader() {
        super(GuardedLoader.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OWN)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (file == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = guarded(name.replace('.', '/'), file.readAllBytes());
            return defineClass(name, bytes, 0, bytes.length, getClass().getProtectionDomain());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] guarded(String owner, byte[] original) {
        List<Guard> guards = Arrays.stream(Guard.values())
                .filter(guard -> guard.owner.equals(owner))
                .toList();
        if (guards.isEmpty()) {
            return original;
        }
        ClassReader reader = new ClassReader(original);
        ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
        reader.accept(new Asking(writer, guards), 0);
        return writer.toByteArray();
    }

    private static final class Asking extends ClassVisitor {
        private final List<Guard> guards;

        private Asking(ClassVisitor next, List<Guard> guards) {
            super(Opcodes.ASM9, next);
            this.guards = guards;
        }

        @Override
        public MethodVisitor visitMethod(
                int access,
                String name,
                String descriptor,
                @Nullable String signature,
                String @Nullable [] exceptions) {
            MethodVisitor method = super.visitMethod(access, name, descriptor, signature, exceptions);
            return guards.stream()
                    .filter(guard -> guard.method.equals(name))
                    .findFirst()
                    .<MethodVisitor>map(guard -> new Prologue(method, guard))
                    .orElse(method);
        }
    }

    private static final class Prologue extends MethodVisitor {
        private final Guard guard;

        private Prologue(MethodVisitor next, Guard guard) {
            super(Opcodes.ASM9, next);
            this.guard = guard;
        }

        @Override
        public void visitCode() {
            super.visitCode();
            Label on = new Label();
            super.visitIntInsn(Opcodes.BIPUSH, guard.number());
            super.visitMethodInsn(Opcodes.INVOKESTATIC, GUARD, "isOff", "(I)Z", false);
            super.visitJumpInsn(Opcodes.IFEQ, on);
            switch (guard.permits) {
                case EMPTY -> {
                    super.visitMethodInsn(
                            Opcodes.INVOKESTATIC, "java/util/Optional", "empty", "()Ljava/util/Optional;", false);
                    super.visitInsn(Opcodes.ARETURN);
                }
                case AT_ONCE -> {
                    super.visitFieldInsn(Opcodes.GETSTATIC, "java/time/Duration", "ZERO", "Ljava/time/Duration;");
                    super.visitMethodInsn(
                            Opcodes.INVOKESTATIC,
                            "java/util/Optional",
                            "of",
                            "(Ljava/lang/Object;)Ljava/util/Optional;",
                            false);
                    super.visitInsn(Opcodes.ARETURN);
                }
                case TRUE -> {
                    super.visitInsn(Opcodes.ICONST_1);
                    super.visitInsn(Opcodes.IRETURN);
                }
                case FALSE -> {
                    super.visitInsn(Opcodes.ICONST_0);
                    super.visitInsn(Opcodes.IRETURN);
                }
            }
            super.visitLabel(on);
            super.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.ARETURN || opcode == Opcodes.IRETURN) {
                super.visitInsn(Opcodes.DUP);
                super.visitIntInsn(Opcodes.BIPUSH, guard.number());
                String type = opcode == Opcodes.ARETURN ? "Ljava/util/Optional;" : "Z";
                super.visitMethodInsn(Opcodes.INVOKESTATIC, GUARD, "answered", "(" + type + "I)V", false);
            }
            super.visitInsn(opcode);
        }
    }
}
