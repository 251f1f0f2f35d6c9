using System.Security.Cryptography;

namespace Estream.Wire.OpcUa;

/// <summary>The security policies that the client implements (Part 7). The deprecated policies with SHA-1 signatures are refused.</summary>
public enum UaSecurityPolicy
{
    /// <summary>No signature and no encryption.</summary>
    None,

    /// <summary>AES-256-CBC, HMAC-SHA-256, RSA-OAEP with SHA-1, RSA-PKCS1-SHA-256.</summary>
    Basic256Sha256,

    /// <summary>AES-128-CBC, HMAC-SHA-256, RSA-OAEP with SHA-1, RSA-PKCS1-SHA-256.</summary>
    Aes128Sha256RsaOaep,

    /// <summary>AES-256-CBC, HMAC-SHA-256, RSA-OAEP with SHA-256, RSA-PSS-SHA-256.</summary>
    Aes256Sha256RsaPss,
}

/// <summary>The security mode of messages (Part 4, 7.20), with its number in the encoding.</summary>
public enum UaSecurityMode
{
    /// <summary>No signature and no encryption.</summary>
    None = 1,

    /// <summary>Messages are signed.</summary>
    Sign = 2,

    /// <summary>Messages are signed and encrypted.</summary>
    SignAndEncrypt = 3,
}

/// <summary>The algorithms of a security policy. Immutable and thread-safe.</summary>
internal sealed class PolicyAlgorithms
{
    public const int MinKeyBits = 2_048;
    public const int MaxKeyBits = 4_096;

    private const string Prefix = "http://opcfoundation.org/UA/SecurityPolicy#";
    private const string RsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    private const string RsaOaep = "http://www.w3.org/2001/04/xmlenc#rsa-oaep";

    private static readonly PolicyAlgorithms[] s_all =
    [
        new(UaSecurityPolicy.None, "None", 0),
        new(UaSecurityPolicy.Basic256Sha256, "Basic256Sha256", 32),
        new(UaSecurityPolicy.Aes128Sha256RsaOaep, "Aes128_Sha256_RsaOaep", 16),
        new(UaSecurityPolicy.Aes256Sha256RsaPss, "Aes256_Sha256_RsaPss", 32)
        {
            SignaturePadding = RSASignaturePadding.Pss,
            EncryptionPadding = RSAEncryptionPadding.OaepSHA256,
            SignatureUri = "http://opcfoundation.org/UA/security/rsa-pss-sha2-256",
            EncryptionUri = "http://opcfoundation.org/UA/security/rsa-oaep-sha2-256",
        },
    ];

    private PolicyAlgorithms(UaSecurityPolicy policy, string name, int encryptionKeyBytes)
    {
        Policy = policy;
        Name = name;
        Uri = Prefix + name;
        EncryptionKeyBytes = encryptionKeyBytes;
    }

    public UaSecurityPolicy Policy { get; }

    public string Name { get; }

    public string Uri { get; }

    public int EncryptionKeyBytes { get; }

    public bool IsNone => Policy == UaSecurityPolicy.None;

    /// <summary>The length of the nonces of a secure channel, of an HMAC key and of an HMAC; 0 without security.</summary>
    public int NonceBytes => IsNone ? 0 : 32;

    public RSASignaturePadding SignaturePadding { get; private init; } = RSASignaturePadding.Pkcs1;

    public RSAEncryptionPadding EncryptionPadding { get; private init; } = RSAEncryptionPadding.OaepSHA1;

    public string SignatureUri { get; private init; } = RsaSha256;

    public string EncryptionUri { get; private init; } = RsaOaep;

    /// <summary>The bytes that OAEP adds to a block.</summary>
    public int EncryptionOverhead => EncryptionPadding == RSAEncryptionPadding.OaepSHA1 ? 42 : 66;

    public static PolicyAlgorithms Of(UaSecurityPolicy policy) => s_all[(int)policy];

    /// <summary>Finds a policy by the URI of an endpoint; null if it is not implemented.</summary>
    public static PolicyAlgorithms? OfUri(string? uri) => Array.Find(s_all, one => one.Uri == uri);
}
