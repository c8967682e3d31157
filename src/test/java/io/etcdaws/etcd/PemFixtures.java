package io.etcdaws.etcd;

/**
 * Certificates and keys as openssl wrote them, for tests; they protect nothing. The key of each client certificate is the same
 * in all spellings. Valid until 2125, where not said otherwise.
 */
final class PemFixtures {
    private PemFixtures() {}

    /** Signs all certificates here but none of OTHER_CA. */
    static final String CA = """
            -----BEGIN CERTIFICATE-----
            MIIBezCCASGgAwIBAgIUDsZqkPSXzm1RS1laZaTRuORju3UwCgYIKoZIzj0EAwIw
            EjEQMA4GA1UEAwwHdGVzdCBDQTAgFw0yNjExMjIyMDQ1MzdaGA8yMTI2MTAyOTIw
            NDUzN1owEjEQMA4GA1UEAwwHdGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH
            A0IABLQfhSXxMlIBeMygKiB1aQj7i9rTTXE+xbdcbjt1y1JYM45No4t6Q8LJ7Emi
            rCcePEEJK15asVU6IQ0fuSPKW2KjUzBRMB0GA1UdDgQWBBS7DTwn6u1coE2Iim6T
            tQFcJ3hdKjAfBgNVHSMEGDAWgBS7DTwn6u1coE2Iim6TtQFcJ3hdKjAPBgNVHRMB
            Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQDQkQt0Hici6mSO3/tGxnWktdSV
            jSrS6O8o0ohy8GwOJgIgUPIujSIGLv3TB4FQzxYt3GRsVjtIuzkToLe6EWzqjmA=
            -----END CERTIFICATE-----
            """;

    /** Another authority. */
    static final String OTHER_CA = """
            -----BEGIN CERTIFICATE-----
            MIIBfjCCASOgAwIBAgIUV5J4LQUexc3Wj5kRWDB/0tWN8GkwCgYIKoZIzj0EAwIw
            EzERMA8GA1UEAwwIb3RoZXIgQ0EwIBcNMjYxMTIyMjA0NTM3WhgPMjEyNjEwMjky
            MDQ1MzdaMBMxETAPBgNVBAMMCG90aGVyIENBMFkwEwYHKoZIzj0CAQYIKoZIzj0D
            AQcDQgAEqQM6WpP+wxTIlvEbu/jJGkCx6IeEkaLjokKNaNWsgvaUzoRncB05AS9H
            EUBfBBo9WU+yq/DjKdXDUPoBbrpVBKNTMFEwHQYDVR0OBBYEFMwCly1s8bvK5KcL
            DwVc16n4uyagMB8GA1UdIwQYMBaAFMwCly1s8bvK5KcLDwVc16n4uyagMA8GA1Ud
            EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhALZkFfeeEQZUnlAE9jJM/uTZ
            cyucxKARULO989/eA3zBAiEAjHZCoXS9cVzffcapp6gD1n9UZydhKxKEm++G7lxO
            RBk=
            -----END CERTIFICATE-----
            """;

    /** For 127.0.0.1 and localhost. */
    static final String SERVER_CERTIFICATE = """
            -----BEGIN CERTIFICATE-----
            MIIBwDCCAWegAwIBAgIUDc9oUo1h7KXe+lFACE2qIPal2KYwCgYIKoZIzj0EAwIw
            EjEQMA4GA1UEAwwHdGVzdCBDQTAgFw0yNjExMjIyMDQ1MzdaGA8yMTI2MTAyOTIw
            NDUzN1owETEPMA0GA1UEAwwGc2VydmVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
            QgAEz9eg1OIgGHbSx9GctE3DqtZSAaGIT41cfmAnehaIjufcgYXMYAHSApbRyAMg
            4KfhgICasu9Cf2ZjE520EoMyMqOBmTCBljAJBgNVHRMEAjAAMA4GA1UdDwEB/wQE
            AwIHgDAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIwGgYDVR0RBBMwEYcE
            fwAAAYIJbG9jYWxob3N0MB0GA1UdDgQWBBQYiXRf2OLtQPAvweoNBLaPCT38djAf
            BgNVHSMEGDAWgBS7DTwn6u1coE2Iim6TtQFcJ3hdKjAKBggqhkjOPQQDAgNHADBE
            AiAbj7+oSSfj7b75E5If3LGVMumVOpjGPUf/Av9UUZKBxgIgaQbd8s+XBHuqJfoS
            pT7NY3I6jp3yU3BqTZzdB2m5gJ0=
            -----END CERTIFICATE-----
            """;

    /** SEC1. */
    static final String SERVER_KEY = """
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEIGx34y0lK/RWynpfaF4gND6BnY9EP6W0jLqbBHyhqwchoAoGCCqGSM49
            AwEHoUQDQgAEz9eg1OIgGHbSx9GctE3DqtZSAaGIT41cfmAnehaIjufcgYXMYAHS
            ApbRyAMg4KfhgICasu9Cf2ZjE520EoMyMg==
            -----END EC PRIVATE KEY-----
            """;

    /** Without a name of a host. */
    static final String CLIENT_CERTIFICATE = """
            -----BEGIN CERTIFICATE-----
            MIIBpDCCAUmgAwIBAgIUDc9oUo1h7KXe+lFACE2qIPal2KcwCgYIKoZIzj0EAwIw
            EjEQMA4GA1UEAwwHdGVzdCBDQTAgFw0yNjExMjIyMDQ1MzdaGA8yMTI2MTAyOTIw
            NDUzN1owETEPMA0GA1UEAwwGY2xpZW50MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
            QgAE256UAhMTSyyQhBudlUzZinXT7gKXl9eo+JFJafPu8aT6msTr7LDfH2icE0Mm
            M+ejk4IK/q/MnkG8dI6Qr6MdhKN8MHowCQYDVR0TBAIwADAOBgNVHQ8BAf8EBAMC
            B4AwHQYDVR0lBBYwFAYIKwYBBQUHAwEGCCsGAQUFBwMCMB0GA1UdDgQWBBRwKXVN
            5zuoOU18ZS3r92nXMVkA9DAfBgNVHSMEGDAWgBS7DTwn6u1coE2Iim6TtQFcJ3hd
            KjAKBggqhkjOPQQDAgNJADBGAiEAma/UPZq0leN3EjXCWrK1hzcBxL5Z9P9lfhnS
            R+LApOECIQDclAMd1nvcs0M4TdTZhAP1a7QMCvjSbHgtFADeJibpUg==
            -----END CERTIFICATE-----
            """;

    static final String CLIENT_KEY_PKCS8 = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgK9tihvVMwo8vuyRk
            vN5UxcF4Ilx0cYhtgyCBlaMA8sShRANCAATbnpQCExNLLJCEG52VTNmKddPuApeX
            16j4kUlp8+7xpPqaxOvssN8faJwTQyYz56OTggr+r8yeQbx0jpCvox2E
            -----END PRIVATE KEY-----
            """;

    /** As cfssl writes it. */
    static final String CLIENT_KEY_SEC1 = """
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEICvbYob1TMKPL7skZLzeVMXBeCJcdHGIbYMggZWjAPLEoAoGCCqGSM49
            AwEHoUQDQgAE256UAhMTSyyQhBudlUzZinXT7gKXl9eo+JFJafPu8aT6msTr7LDf
            H2icE0MmM+ejk4IK/q/MnkG8dI6Qr6MdhA==
            -----END EC PRIVATE KEY-----
            """;

    /** As {@code openssl ecparam -genkey} writes it. */
    static final String CLIENT_KEY_SEC1_AFTER_PARAMETERS = """
            -----BEGIN EC PARAMETERS-----
            BggqhkjOPQMBBw==
            -----END EC PARAMETERS-----
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEICvbYob1TMKPL7skZLzeVMXBeCJcdHGIbYMggZWjAPLEoAoGCCqGSM49
            AwEHoUQDQgAE256UAhMTSyyQhBudlUzZinXT7gKXl9eo+JFJafPu8aT6msTr7LDf
            H2icE0MmM+ejk4IK/q/MnkG8dI6Qr6MdhA==
            -----END EC PRIVATE KEY-----
            """;

    /** The curve is only in the parameters. */
    static final String CLIENT_KEY_SEC1_WITHOUT_CURVE = """
            -----BEGIN EC PARAMETERS-----
            BggqhkjOPQMBBw==
            -----END EC PARAMETERS-----
            -----BEGIN EC PRIVATE KEY-----
            MCUCAQEEICvbYob1TMKPL7skZLzeVMXBeCJcdHGIbYMggZWjAPLE
            -----END EC PRIVATE KEY-----
            """;

    /** PKCS#8; the password is x. */
    static final String CLIENT_KEY_ENCRYPTED = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAifOG71vaIjQgICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEFzQFncQFMl8QITcUqWCXOkEgZAE
            2sc1d+z98F6Y4AS04PB3T5d1A+YOYlUxIX6BcRHTxNngbmLSL2rzJDcg2a6ZZb0y
            /C4AJSqpjydVOalvauYBijlNf/GvtNiB4x39IrdQSh8aKOAnkngFec/51+eaR+kx
            nxgXiCtwSbRtDnrACXO8u7UI5BaGkgOr505622kafkDlhWlyKIbk0D4bdq0FqiM=
            -----END ENCRYPTED PRIVATE KEY-----
            """;

    /** The password is x. */
    static final String CLIENT_KEY_SEC1_ENCRYPTED = """
            -----BEGIN EC PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-128-CBC,05490BAFF1127E628B5F5053A4C78BDA

            Qnf6654PZYa0L94YlSRut4sSj5O8FGLyO8U1JO9pu24VvdYw+Oqxq1U+Ugl19m79
            Rz/rvvpSlSUXSbPezoGmJkoqOQSGKgeUg6xv0LFmvovqwHI+CgbCGsEW+juYTPIu
            nQMGWMEDDgoyDsgZy4GJubtyU6a+EgQRAlXWRO+65us=
            -----END EC PRIVATE KEY-----
            """;

    static final String RSA_CERTIFICATE = """
            -----BEGIN CERTIFICATE-----
            MIICcTCCAhegAwIBAgIUDc9oUo1h7KXe+lFACE2qIPal2KgwCgYIKoZIzj0EAwIw
            EjEQMA4GA1UEAwwHdGVzdCBDQTAgFw0yNjExMjIyMDQ1MzdaGA8yMTI2MTAyOTIw
            NDUzN1owFDESMBAGA1UEAwwJcnNhY2xpZW50MIIBIjANBgkqhkiG9w0BAQEFAAOC
            AQ8AMIIBCgKCAQEAtByGwy90novnUDQ1stydahABun2cJywueSGQDhsNUblf6iiC
            sDUUQdetvXiOCAMydQOYAD4iprOBwTBF5fHk0spjRLWUsY0jgDE4AVy5CAlq28wb
            5ZHtF11IRoevJ2K/y6tptCkAI9MinMsU+/c0PFON7uKQiJyj+22ikBYYaJQQuW33
            grZr/Mg+OKRnNBzIej6+w9OlbJj3EZXzCBHdZKDa+PgDnR+vqKV539fUlXJR9BDH
            xjathR/0+4NDhOWPIPvYiuvrRib5UNwEEgA/J9ULmOEPk7SoC9xsbs3X/LlAkjNM
            ig9al1l9TwKwJ7J7wXU74L+KVHHl2mVvPdnYswIDAQABo3wwejAJBgNVHRMEAjAA
            MA4GA1UdDwEB/wQEAwIHgDAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIw
            HQYDVR0OBBYEFIscw5rEEwXytmqh80Ba8fyWAPFVMB8GA1UdIwQYMBaAFLsNPCfq
            7VygTYiKbpO1AVwneF0qMAoGCCqGSM49BAMCA0gAMEUCIQC1nEhK80UEgD9jJcG5
            mKe8Unzmmhj1zWuzOoqliTWcIQIgY+jGV68SLCufHYunvRXM+S310Jbk0rACv4RL
            dNUk574=
            -----END CERTIFICATE-----
            """;

    static final String RSA_KEY_PKCS8 = """
            -----BEGIN PRIVATE KEY-----
            MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC0HIbDL3Sei+dQ
            NDWy3J1qEAG6fZwnLC55IZAOGw1RuV/qKIKwNRRB1629eI4IAzJ1A5gAPiKms4HB
            MEXl8eTSymNEtZSxjSOAMTgBXLkICWrbzBvlke0XXUhGh68nYr/Lq2m0KQAj0yKc
            yxT79zQ8U43u4pCInKP7baKQFhholBC5bfeCtmv8yD44pGc0HMh6Pr7D06VsmPcR
            lfMIEd1koNr4+AOdH6+opXnf19SVclH0EMfGNq2FH/T7g0OE5Y8g+9iK6+tGJvlQ
            3AQSAD8n1QuY4Q+TtKgL3Gxuzdf8uUCSM0yKD1qXWX1PArAnsnvBdTvgv4pUceXa
            ZW892dizAgMBAAECggEAUwICqdopKRjZVoF5biF2+va9lTFm0jbuhC0PszCMhumk
            Zsqc0JDl8SJxlC0HaHHwwzUQzKvWVHXOizawQDWne+6CqZv2F44wmlgUs6wEKswM
            T5hWEwuZ9XasZLUL6F7+feNWKA3tXpVkElcWKLnZfSQU+c+5RPzMJoh0r2s/fJJZ
            QJIuu4IM+GdsJdfQ/tdvCUgSS4RoeFjpt92OeE6Pm3X99EApBNYX1GRZoMSHeIXj
            23mjMhBca3y5rHX5q/DKQHVT5Xol5knMfe5l8SSXirFelh5jvdKA+a6Q4ZsgKxUE
            fhQqKEH+dItlDgN4cUfB7GUq1pgcewD2BEpZYbZbgQKBgQD0P/GE5IAYsP7t4eTf
            SOVYOvZUf9FmLpDxXKjmgls9Kk05b96LnuS+v8w6yIKduBClE0afOEp+B2Tod4Zu
            5X3O3KNf78G+PV31vZ/Z1cfg15NMa7aAhAJQwk24pamvQor/O945cC9LuMDSfe7i
            yJ2tZndwu8vaSALestuqkluUkQKBgQC8xrAFEFKHSDkniwbN8IBy/L0/an/bZGXH
            qHS1Rk5xfh5kQRJwqWEKykz5NUAxS7k+NTHpiBhW/Tq3i40I881oLUuVxcwRKZsN
            V2fvP44aT4DUPAHkxApc4TVhbzJzdtb1icqLuUBAT+rvj0R/7lpQRQezG/oAXy2e
            7TjlWgbrAwKBgAyiWh3jq/SbAzTO4IXkQWjE9AT+75f3hKvXfS0fRRTu4Tu9W6eh
            Onfbd/b6dDcwVDwVuSt3P/Mw8rlLpXqLCGzw4MqPnlf22KtjeadM9Z/dxtLHJ5OS
            QIRo6JhKiXJ1YLc/I4mZEfk6v06kEP1OH0ne6QK91BegbfWTDuXN2ErhAoGABaeB
            4DTz899i7t9ILeT1Q/x0ArFC8SRZtBhEnqVjdhzL9j7IuZ0pLfSPR6ujp5ZYDxfy
            zcboy7o8BwFkEQ+UaHlq2SqaiS0Q2t5yW4Uw0XLuLe06NUr18IBCZA+7mB/IIoSl
            D3hWB1cdd114NMjD5cGbkG7XFynCqQ779Eq1CFcCgYEA0vxX4bEmkl8K3Vxt5xK6
            /4nJbtEqOLTxj9CFMY7Yl3FIp0xhEhj49J8cDTuzJIAme2gzmPtAFHkwYJuCzcw1
            ttRotlwiYEDgVgeA+9fBNUja9OOL4XIW+ecsIu0eCJZ49jMpZM34US7JsXPfz3kU
            jvQNHK6qsST9R/TMs26qov0=
            -----END PRIVATE KEY-----
            """;

    static final String RSA_KEY_PKCS1 = """
            -----BEGIN RSA PRIVATE KEY-----
            MIIEowIBAAKCAQEAtByGwy90novnUDQ1stydahABun2cJywueSGQDhsNUblf6iiC
            sDUUQdetvXiOCAMydQOYAD4iprOBwTBF5fHk0spjRLWUsY0jgDE4AVy5CAlq28wb
            5ZHtF11IRoevJ2K/y6tptCkAI9MinMsU+/c0PFON7uKQiJyj+22ikBYYaJQQuW33
            grZr/Mg+OKRnNBzIej6+w9OlbJj3EZXzCBHdZKDa+PgDnR+vqKV539fUlXJR9BDH
            xjathR/0+4NDhOWPIPvYiuvrRib5UNwEEgA/J9ULmOEPk7SoC9xsbs3X/LlAkjNM
            ig9al1l9TwKwJ7J7wXU74L+KVHHl2mVvPdnYswIDAQABAoIBAFMCAqnaKSkY2VaB
            eW4hdvr2vZUxZtI27oQtD7MwjIbppGbKnNCQ5fEicZQtB2hx8MM1EMyr1lR1zos2
            sEA1p3vugqmb9heOMJpYFLOsBCrMDE+YVhMLmfV2rGS1C+he/n3jVigN7V6VZBJX
            Fii52X0kFPnPuUT8zCaIdK9rP3ySWUCSLruCDPhnbCXX0P7XbwlIEkuEaHhY6bfd
            jnhOj5t1/fRAKQTWF9RkWaDEh3iF49t5ozIQXGt8uax1+avwykB1U+V6JeZJzH3u
            ZfEkl4qxXpYeY73SgPmukOGbICsVBH4UKihB/nSLZQ4DeHFHwexlKtaYHHsA9gRK
            WWG2W4ECgYEA9D/xhOSAGLD+7eHk30jlWDr2VH/RZi6Q8Vyo5oJbPSpNOW/ei57k
            vr/MOsiCnbgQpRNGnzhKfgdk6HeGbuV9ztyjX+/Bvj1d9b2f2dXH4NeTTGu2gIQC
            UMJNuKWpr0KK/zveOXAvS7jA0n3u4sidrWZ3cLvL2kgC3rLbqpJblJECgYEAvMaw
            BRBSh0g5J4sGzfCAcvy9P2p/22Rlx6h0tUZOcX4eZEEScKlhCspM+TVAMUu5PjUx
            6YgYVv06t4uNCPPNaC1LlcXMESmbDVdn7z+OGk+A1DwB5MQKXOE1YW8yc3bW9YnK
            i7lAQE/q749Ef+5aUEUHsxv6AF8tnu045VoG6wMCgYAMolod46v0mwM0zuCF5EFo
            xPQE/u+X94Sr130tH0UU7uE7vVunoTp323f2+nQ3MFQ8Fbkrdz/zMPK5S6V6iwhs
            8ODKj55X9tirY3mnTPWf3cbSxyeTkkCEaOiYSolydWC3PyOJmRH5Or9OpBD9Th9J
            3ukCvdQXoG31kw7lzdhK4QKBgAWngeA08/PfYu7fSC3k9UP8dAKxQvEkWbQYRJ6l
            Y3Ycy/Y+yLmdKS30j0ero6eWWA8X8s3G6Mu6PAcBZBEPlGh5atkqmoktENrecluF
            MNFy7i3tOjVK9fCAQmQPu5gfyCKEpQ94VgdXHXddeDTIw+XBm5Bu1xcpwqkO+/RK
            tQhXAoGBANL8V+GxJpJfCt1cbecSuv+JyW7RKji08Y/QhTGO2JdxSKdMYRIY+PSf
            HA07sySAJntoM5j7QBR5MGCbgs3MNbbUaLZcImBA4FYHgPvXwTVI2vTji+FyFvnn
            LCLtHgiWePYzKWTN+FEuybFz3895FI70DRyuqrEk/Uf0zLNuqqL9
            -----END RSA PRIVATE KEY-----
            """;

    static final String ED25519_CERTIFICATE = """
            -----BEGIN CERTIFICATE-----
            MIIBdzCCARygAwIBAgIUDc9oUo1h7KXe+lFACE2qIPal2KkwCgYIKoZIzj0EAwIw
            EjEQMA4GA1UEAwwHdGVzdCBDQTAgFw0yNjExMjIyMDQ1MzdaGA8yMTI2MTAyOTIw
            NDUzN1owEzERMA8GA1UEAwwIZWRjbGllbnQwKjAFBgMrZXADIQCTW2NT9pAbpdUM
            AGDGbgbqkiGzu+9qptUaLWbCqUorTKN8MHowCQYDVR0TBAIwADAOBgNVHQ8BAf8E
            BAMCB4AwHQYDVR0lBBYwFAYIKwYBBQUHAwEGCCsGAQUFBwMCMB0GA1UdDgQWBBTv
            A+Py1J/NaiabktTLfDwWIsvkhTAfBgNVHSMEGDAWgBS7DTwn6u1coE2Iim6TtQFc
            J3hdKjAKBggqhkjOPQQDAgNJADBGAiEA+NheDFHlk1l+elGvCyi9Fidkm7AkdTHs
            qTAuPQkgM0ACIQCGDDSbHPfRs4NrAoJ/Ys6JNCB6Xo2o7elC9w0v4HfgVw==
            -----END CERTIFICATE-----
            """;

    static final String ED25519_KEY = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEIL0v7RRcPTzJE5jPtnolDcsj3pcaFj1wG8d3miz2f0Fy
            -----END PRIVATE KEY-----
            """;

    /** With the text that openssl writes before it. Expired 2021-01-01. */
    static final String EXPIRED_CERTIFICATE = """
            Certificate:
                Data:
                    Version: 3 (0x2)
                    Serial Number: 1 (0x1)
                    Signature Algorithm: ecdsa-with-SHA256
                    Issuer: CN=test CA
                    Validity
                        Not Before: Jan  1 00:00:00 2020 GMT
                        Not After : Jan  1 00:00:00 2021 GMT
                    Subject: CN=expired client
                    Subject Public Key Info:
                        Public Key Algorithm: id-ecPublicKey
                            Public-Key: (256 bit)
                            pub:
                                04:db:9e:94:02:13:13:4b:2c:90:84:1b:9d:95:4c:
                                d9:8a:75:d3:ee:02:97:97:d7:a8:f8:91:49:69:f3:
                                ee:f1:a4:fa:9a:c4:eb:ec:b0:df:1f:68:9c:13:43:
                                26:33:e7:a3:93:82:0a:fe:af:cc:9e:41:bc:74:8e:
                                90:af:a3:1d:84
                            ASN1 OID: prime256v1
                            NIST CURVE: P-256
                    X509v3 extensions:
                        X509v3 Basic Constraints:
                            CA:FALSE
                        X509v3 Key Usage: critical
                            Digital Signature
                        X509v3 Extended Key Usage:
                            TLS Web Server Authentication, TLS Web Client Authentication
                        X509v3 Subject Key Identifier:
                            70:29:75:4D:E7:3B:A8:39:4D:7C:65:2D:EB:F7:69:D7:31:59:00:F4
                        X509v3 Authority Key Identifier:
                            BB:0D:3C:27:EA:ED:5C:A0:4D:88:8A:6E:93:B5:01:5C:27:78:5D:2A
                Signature Algorithm: ecdsa-with-SHA256
                Signature Value:
                    30:45:02:21:00:88:6b:0c:1f:b2:b7:12:e8:8c:10:fe:87:8c:
                    ed:92:6a:00:5b:1b:42:c5:44:22:1d:4b:b0:ae:f1:bb:80:dd:
                    c3:02:20:4b:3a:ad:28:7d:5f:cc:02:56:30:5d:f5:4e:ce:81:
                    8b:0a:f4:f9:f4:1e:a9:4e:a3:3f:10:d6:a2:f6:20:9f:9c
            -----BEGIN CERTIFICATE-----
            MIIBljCCATygAwIBAgIBATAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAd0ZXN0IENB
            MB4XDTIwMDEwMTAwMDAwMFoXDTIxMDEwMTAwMDAwMFowGTEXMBUGA1UEAwwOZXhw
            aXJlZCBjbGllbnQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATbnpQCExNLLJCE
            G52VTNmKddPuApeX16j4kUlp8+7xpPqaxOvssN8faJwTQyYz56OTggr+r8yeQbx0
            jpCvox2Eo3wwejAJBgNVHRMEAjAAMA4GA1UdDwEB/wQEAwIHgDAdBgNVHSUEFjAU
            BggrBgEFBQcDAQYIKwYBBQUHAwIwHQYDVR0OBBYEFHApdU3nO6g5TXxlLev3adcx
            WQD0MB8GA1UdIwQYMBaAFLsNPCfq7VygTYiKbpO1AVwneF0qMAoGCCqGSM49BAMC
            A0gAMEUCIQCIawwfsrcS6IwQ/oeM7ZJqAFsbQsVEIh1LsK7xu4DdwwIgSzqtKH1f
            zAJWMF31Ts6Biwr0+fQeqU6jPxDWovYgn5w=
            -----END CERTIFICATE-----
            """;
}
