import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
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

    /** {@code LambdaMetafactory.FLAG_SERIALIZABLE}; what else there can be needs the long form. */
    private static final int SERIALIZABLE_ALONE = 1;

    private static final int CLASS_VERSION_WITH_LAMBDAS = 52;

    private static final Handle SHORT_FORM = new Handle(
            Opcodes.H_INVOKESTATIC,
            FACTORY,
            "metafactory",
            "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/invoke/MethodType;"
                    + "Ljava/lang/invoke/MethodType;Ljava/lang/invoke/MethodHandle;Ljava/lang/invoke/MethodType;)"
                    + "Ljava/lang/invoke/CallSite;",
            false);

    private PlainLambdas() {}

    public static void main(String[] arguments) throws IOException {
        try (ZipFile from = new ZipFile(arguments[0]);
                OutputStream file = Files.newOutputStream(Path.of(arguments[1]));
                ZipOutputStream to = new ZipOutputStream(file)) {
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
    }

    private static byte[] rewritten(byte[] bytes) {
        ClassReader reader = new ClassReader(bytes);
        if (reader.readShort(6) < CLASS_VERSION_WITH_LAMBDAS) {
            return bytes;
        }
        // What is not touched is copied as it is.
        ClassWriter writer = new ClassWriter(reader, 0);
        reader.accept(new PlainLambdasVisitor(writer), 0);
        return writer.toByteArray();
    }

    private static final class PlainLambdasVisitor extends ClassVisitor {
        PlainLambdasVisitor(ClassVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String type, String signature, String[] exceptions) {
            return new MethodVisitor(Opcodes.ASM9, super.visitMethod(access, name, type, signature, exceptions)) {
                @Override
                public void visitInvokeDynamicInsn(String called, String typed, Handle bootstrap, Object... details) {
                    if (isSerializableAlone(bootstrap, details)) {
                        super.visitInvokeDynamicInsn(called, typed, SHORT_FORM, details[0], details[1], details[2]);
                    } else {
                        super.visitInvokeDynamicInsn(called, typed, bootstrap, details);
                    }
                }
            };
        }

        /** The details are the interface's method, the code, its type, and for the long form flags and what they are about. */
        private static boolean isSerializableAlone(Handle bootstrap, Object... details) {
            return bootstrap.getOwner().equals(FACTORY)
                    && bootstrap.getName().equals("altMetafactory")
                    && details[0] instanceof Type
                    && details[3] instanceof Integer flags
                    && flags == SERIALIZABLE_ALONE;
        }
    }
}
