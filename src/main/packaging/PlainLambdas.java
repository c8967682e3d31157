import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Copies a jar, in which lambdas are no longer serializable. Every lambda of Scala is, and Java makes the class of such a one
 * anew at each start, since archives of classes cannot hold it. Nothing in this program serializes a lambda.
 *
 * <p>A step of the build, run from its source: {@code java -cp asm.jar PlainLambdas.java from.jar to.jar}.
 */
public final class PlainLambdas {
    private static final String FACTORY = "java/lang/invoke/LambdaMetafactory";

    /** Those of {@code LambdaMetafactory}. */
    private static final int FLAG_SERIALIZABLE = 1;

    private static final int FLAG_BRIDGES = 4;

    private static final int CLASS_VERSION_WITH_LAMBDAS = 52;

    private static final Handle SHORT_FORM = new Handle(
            Opcodes.H_INVOKESTATIC,
            FACTORY,
            "metafactory",
            "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/invoke/MethodType;"
                    + "Ljava/lang/invoke/MethodType;Ljava/lang/invoke/MethodHandle;Ljava/lang/invoke/MethodType;)"
                    + "Ljava/lang/invoke/CallSite;",
            false);

    private final ZipFile from;
    private final Map<String, Set<String>> methods = new HashMap<>();

    private PlainLambdas(ZipFile from) {
        this.from = from;
    }

    public static void main(String[] arguments) throws IOException {
        try (ZipFile from = new ZipFile(arguments[0]);
                OutputStream file = Files.newOutputStream(Path.of(arguments[1]));
                ZipOutputStream to = new ZipOutputStream(new BufferedOutputStream(file))) {
            to.setLevel(Deflater.BEST_SPEED); // it is packed once more
            new PlainLambdas(from).copyTo(to);
        }
    }

    private void copyTo(ZipOutputStream to) throws IOException {
        Enumeration<? extends ZipEntry> entries = from.entries();
        while (entries.hasMoreElements()) {
            ZipEntry entry = entries.nextElement();
            to.putNextEntry(new ZipEntry(entry.getName()));
            try (InputStream content = from.getInputStream(entry)) {
                byte[] bytes = content.readAllBytes();
                to.write(entry.getName().endsWith(".class") ? rewritten(bytes) : bytes);
            }
            to.closeEntry();
        }
    }

    private byte[] rewritten(byte[] bytes) {
        ClassReader reader = new ClassReader(bytes);
        if (reader.readShort(6) < CLASS_VERSION_WITH_LAMBDAS) {
            return bytes;
        }
        // What is not touched is copied as it is.
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(int access, String name, String type, String generic, String[] thrown) {
                        return new CallSites(super.visitMethod(access, name, type, generic, thrown));
                    }
                },
                0);
        return writer.toByteArray();
    }

    /** Puts the short form of each call in place of the long one that makes a serializable lambda. */
    private final class CallSites extends MethodVisitor {
        CallSites(MethodVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public void visitInvokeDynamicInsn(String name, String type, Handle bootstrap, Object... details) {
            if (isPlainButForSerializing(name, Type.getReturnType(type), bootstrap, details)) {
                super.visitInvokeDynamicInsn(name, type, SHORT_FORM, details[0], details[1], details[2]);
            } else {
                super.visitInvokeDynamicInsn(name, type, bootstrap, details);
            }
        }
    }

    /**
     * Whether the lambda's interface is all that is asked for. The details are its method's type, the code, that one's type,
     * flags, and with {@code FLAG_BRIDGES} how many and which further types of the method there are to be.
     */
    private boolean isPlainButForSerializing(String name, Type lambda, Handle bootstrap, Object... details) {
        if (!bootstrap.getOwner().equals(FACTORY) || !bootstrap.getName().equals("altMetafactory")) {
            return false;
        }
        int flags = (Integer) details[3];
        if (flags == FLAG_SERIALIZABLE) {
            return true;
        }
        if (flags != (FLAG_SERIALIZABLE | FLAG_BRIDGES)) {
            return false;
        }
        for (Object bridge : Arrays.asList(details).subList(5, details.length)) {
            if (methods(lambda.getInternalName()).contains(name + bridge)) {
                return false;
            }
        }
        return true;
    }

    /** The methods, by name and type, that somebody who holds the interface can call: its own and those of its parents. */
    private Set<String> methods(String type) {
        Set<String> known = methods.get(type);
        if (known != null) {
            return known;
        }
        Set<String> found = new HashSet<>();
        methods.put(type, found);
        try (InputStream content = open(type)) {
            ClassReader reader = new ClassReader(content);
            for (String parent : reader.getInterfaces()) {
                found.addAll(methods(parent));
            }
            reader.accept(
                    new ClassVisitor(Opcodes.ASM9) {
                        @Override
                        public MethodVisitor visitMethod(
                                int access, String name, String type, String generic, String[] thrown) {
                            found.add(name + type);
                            return null;
                        }
                    },
                    ClassReader.SKIP_CODE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private InputStream open(String type) throws IOException {
        ZipEntry entry = from.getEntry(type + ".class");
        InputStream content = entry == null
                ? ClassLoader.getSystemResourceAsStream(type + ".class")
                : from.getInputStream(entry);
        if (content == null) {
            throw new IOException("no class " + type);
        }
        return content;
    }
}
