namespace Estream.Crypto.Internal;

/// <summary>
/// The ASN.1 structures around keys of ML-KEM-1024 (object identifier 2.16.840.1.101.3.4.4.3), by RFC 9935. Every part has a fixed length,
/// so each structure is a constant prefix followed by the key: DER allows a single encoding.
/// </summary>
internal static class KeyStructures
{
    public const int PublicBytes = 22 + MlKem1024.PublicKeyBytes;
    public const int SeedBytes = 22 + MlKem1024.SeedBytes;
    public const int BothBytes = 30 + MlKem1024.SeedBytes + 4 + MlKem1024.PrivateKeyBytes;
    public const int ExpandedBytes = 28 + MlKem1024.PrivateKeyBytes;

    /// <summary>SubjectPublicKeyInfo: SEQUENCE { SEQUENCE { OID }, BIT STRING } up to the key.</summary>
    public static ReadOnlySpan<byte> PublicPrefix =>
        [0x30, 0x82, 0x06, 0x32, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04, 0x03, 0x03, 0x82, 0x06, 0x21,
            0x00];

    /// <summary>PrivateKeyInfo with only the seed: SEQUENCE { 0, SEQUENCE { OID }, OCTET STRING { [0] seed } } up to the seed.</summary>
    public static ReadOnlySpan<byte> SeedPrefix =>
        [0x30, 0x54, 0x02, 0x01, 0x00, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04, 0x03, 0x04, 0x42, 0x80,
            0x40];

    /// <summary>PrivateKeyInfo with both forms: … OCTET STRING { SEQUENCE { OCTET STRING seed, OCTET STRING key } } up to the
    /// seed.</summary>
    public static ReadOnlySpan<byte> BothPrefix =>
    [
        0x30, 0x82, 0x0C, 0xBE, 0x02, 0x01, 0x00, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04, 0x03,
        0x04, 0x82, 0x0C, 0xAA, 0x30, 0x82, 0x0C, 0xA6, 0x04, 0x40,
    ];

    /// <summary>The bytes between seed and expanded key in the structure of <see cref="BothPrefix"/>.</summary>
    public static ReadOnlySpan<byte> BothMiddle => [0x04, 0x82, 0x0C, 0x60];

    /// <summary>PrivateKeyInfo with only the expanded key: … OCTET STRING { OCTET STRING key } up to the key.</summary>
    public static ReadOnlySpan<byte> ExpandedPrefix =>
    [
        0x30, 0x82, 0x0C, 0x78, 0x02, 0x01, 0x00, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04, 0x03,
        0x04, 0x82, 0x0C, 0x64, 0x04, 0x82, 0x0C, 0x60,
    ];
}
