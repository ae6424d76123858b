import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts with what Java brings. Argument: a file with the RSA public key as PEM. Each line of
 * standard input has a transformation, an AES key, an IV and associated data in hexadecimal, and
 * the text in base64, separated by tabs; for each, the cipher text is printed in base64.
 */
class Encrypt {
    public static void main(String[] arguments) throws Exception {
        String pem = Files.readString(Path.of(arguments[0]));
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        RSAPublicKey rsa =
            (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null; ) {
            String[] parts = line.split("\t", -1);
            byte[] text = Base64.getDecoder().decode(parts[4]);
            byte[] out = parts[0].startsWith("RSA")
                ? blocks(parts[0], rsa, text)
                : aes(parts[0], parts[1], parts[2], parts[3], text);
            System.out.println(Base64.getEncoder().encodeToString(out));
        }
    }

    /** As many blocks as it takes, each as full as it can be. */
    static byte[] blocks(String name, RSAPublicKey key, byte[] text) throws Exception {
        int modulus = (key.getModulus().bitLength() + 7) / 8;
        int overhead = 11;
        AlgorithmParameterSpec parameters = null;
        String transformation = name;
        if (name.equals("RSA/ECB/OAEPWithSHA-1AndMGF1Padding")) {
            overhead = 2 * 20 + 2;
        } else if (name.startsWith("RSA/ECB/OAEPWithSHA-256")) {
            overhead = 2 * 32 + 2;
            if (name.endsWith("(MGF1 SHA-256)")) {
                transformation = "RSA/ECB/OAEPPadding";
                parameters = new OAEPParameterSpec(
                    "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at == 0 || at < text.length; at += modulus - overhead) {
            Cipher cipher = Cipher.getInstance(transformation);
            cipher.init(Cipher.ENCRYPT_MODE, key, parameters);
            int length = Math.min(modulus - overhead, text.length - at);
            out.write(cipher.doFinal(text, at, length));
        }
        return out.toByteArray();
    }

    static byte[] aes(String transformation, String key, String iv, String aad, byte[] text)
            throws Exception {
        HexFormat hex = HexFormat.of();
        Key secret = new SecretKeySpec(hex.parseHex(key), "AES");
        Cipher cipher = Cipher.getInstance(transformation);
        if (transformation.startsWith("AES/GCM")) {
            cipher.init(Cipher.ENCRYPT_MODE, secret, new GCMParameterSpec(128, hex.parseHex(iv)));
            cipher.updateAAD(hex.parseHex(aad));
        } else {
            cipher.init(Cipher.ENCRYPT_MODE, secret, new IvParameterSpec(hex.parseHex(iv)));
        }
        return cipher.doFinal(text);
    }
}
