package io.etcdaws.cli;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts whom Java trusts by default, but reads these certificates only when one is to be checked. Pekko's streams ask for
 * Java's default TLS context for plain connections, too, and that would read all of them in the way of the first.
 */
final class TrustOnDemand extends X509ExtendedTrustManager {
    private @Nullable X509ExtendedTrustManager trusted;

    private TrustOnDemand() {}

    /**
     * Puts it into Java's default TLS context. Where AWS will be asked over TLS, which is all but always, the certificates are
     * read from now on, beside what else the start has to do.
     */
    static void install(Map<String, String> environment) throws GeneralSecurityException {
        if (System.getProperty("javax.net.ssl.keyStore") != null) {
            return; // Java's own default context brings that key, too
        }
        TrustOnDemand trust = new TrustOnDemand();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[0], new TrustManager[] {trust}, null);
        SSLContext.setDefault(context);
        if (!environment.getOrDefault("AWS_ENDPOINT_URL", "").startsWith("http:")) {
            Thread reader = new Thread(trust::getAcceptedIssuers, "certificates");
            reader.setDaemon(true);
            reader.start();
        }
    }

    private synchronized X509ExtendedTrustManager trusted() {
        if (trusted == null) {
            trusted = read();
        }
        return trusted;
    }

    private static X509ExtendedTrustManager read() {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the certificates that Java trusts cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        trusted().checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        trusted().checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        trusted().checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        trusted().checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        trusted().checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        trusted().checkServerTrusted(chain, authType, engine);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trusted().getAcceptedIssuers();
    }
}
