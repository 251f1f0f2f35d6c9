using Estream.Core;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>Tests keys in the structures of RFC 9935, and as PEM files.</summary>
public sealed class KeyFileTests : IDisposable
{
    /// <summary>The private key of the RFC's examples, with only the seed: the bytes from 0 to 63.</summary>
    private const string ExampleSeed =
        """
        -----BEGIN PRIVATE KEY-----
        MFQCAQAwCwYJYIZIAWUDBAQDBEKAQAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZ
        GhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=
        -----END PRIVATE KEY-----

        """;

    private readonly TempDirectory _folder = new();
    private readonly MlKem1024PrivateKey _key = MlKem1024PrivateKey.ImportSeed([.. Enumerable.Range(0, 64).Select(i => (byte)i)]);

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_example_of_RFC_9935_is_written_and_read()
    {
        string path = _folder.Combine("a.key.pem");
        MlKem1024KeyFile.WritePrivate(path, _key);
        Assert.Equal(ExampleSeed, File.ReadAllText(path));
        using MlKem1024PrivateKey read = MlKem1024KeyFile.ReadPrivate(path);
        Assert.True(read.HasSeed);
        AssertSame(_key.PublicKey, read.PublicKey);
    }

    [Fact]
    public void WritePublic_succeeds_after_a_crash_left_a_partial_file()
    {
        string path = _folder.Combine("a.pub.pem");
        File.WriteAllText(path + ".new", "-----BEGIN PUB");
        MlKem1024KeyFile.WritePublic(path, _key.PublicKey);
        AssertSame(_key.PublicKey, MlKem1024KeyFile.ReadPublic(path));
        Assert.False(File.Exists(path + ".new"));
    }

    [Fact]
    public void WritePublic_throws_EstreamStorageException_when_the_file_cannot_be_replaced()
    {
        string path = _folder.Combine("folder");
        Directory.CreateDirectory(Path.Combine(path, "full"));
        Assert.Equal(path, Assert.Throws<EstreamStorageException>(() => MlKem1024KeyFile.WritePublic(path, _key.PublicKey)).Path);
    }

    /// <summary>Compares key structures with structures written by the platform's ASN.1 writer.</summary>
    [Fact]
    public void Every_form_of_a_private_key_is_read()
    {
        byte[] seed = new byte[MlKem1024.SeedBytes];
        byte[] expanded = new byte[MlKem1024.PrivateKeyBytes];
        _key.ExportSeed(seed);
        _key.Export(expanded);
        byte[] alone = Asn1.PrivateKey(writer =>
            writer.WriteOctetString(seed, new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 0)));
        byte[] key = Asn1.PrivateKey(writer => writer.WriteOctetString(expanded));
        byte[] both = Asn1.PrivateKey(writer =>
        {
            using (writer.PushSequence())
            {
                writer.WriteOctetString(seed);
                writer.WriteOctetString(expanded);
            }
        });
        foreach ((byte[] structure, bool hasSeed) in new[] { (alone, true), (key, false), (both, true) })
        {
            using MlKem1024PrivateKey read = MlKem1024PrivateKey.ImportPkcs8(structure);
            Assert.Equal(hasSeed, read.HasSeed);
            AssertSame(_key.PublicKey, read.PublicKey);
        }

        byte[] written = new byte[MlKem1024.Pkcs8SeedBytes];
        _key.ExportPkcs8(written);
        Assert.Equal(alone, written);
        both[^40] ^= 1;
        Assert.Equal(KeyFault.Hash, Assert.Throws<EstreamInvalidKeyException>(() => MlKem1024PrivateKey.ImportPkcs8(both)).Fault);
        using MlKem1024PrivateKey withoutSeed = MlKem1024PrivateKey.ImportPkcs8(key);
        Assert.Throws<InvalidOperationException>(() => withoutSeed.ExportPkcs8(written));
    }

    [Fact]
    public void A_public_key_is_a_SubjectPublicKeyInfo()
    {
        byte[] encoded = new byte[MlKem1024.PublicKeyBytes];
        byte[] structure = new byte[MlKem1024.SubjectPublicKeyInfoBytes];
        _key.PublicKey.Export(encoded);
        _key.PublicKey.ExportSubjectPublicKeyInfo(structure);
        Assert.Equal(Asn1.PublicKey(encoded), structure);
        AssertSame(_key.PublicKey, MlKem1024PublicKey.ImportSubjectPublicKeyInfo(structure));
        string path = _folder.Combine("a.pub.pem");
        MlKem1024KeyFile.WritePublic(path, _key.PublicKey);
        MlKem1024KeyFile.WritePublic(path, _key.PublicKey);
        AssertSame(_key.PublicKey, MlKem1024KeyFile.ReadPublic(path));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Import_throws_for_any_changed_header_byte_or_length()
    {
        byte[] structure = new byte[MlKem1024.SubjectPublicKeyInfoBytes];
        _key.PublicKey.ExportSubjectPublicKeyInfo(structure);
        byte[] secret = new byte[MlKem1024.Pkcs8SeedBytes];
        _key.ExportPkcs8(secret);
        for (int i = 0; i < 22; i++)
        {
            AssertStructure(() => MlKem1024PublicKey.ImportSubjectPublicKeyInfo(Changed(structure, i)));
            AssertStructure(() => MlKem1024PrivateKey.ImportPkcs8(Changed(secret, i)));
        }

        foreach (int length in new[] { 0, 1, 22, 63, 85, 87, 1589, 1591, 3195, 3197, 3265, 3267 })
        {
            AssertStructure(() => MlKem1024PublicKey.ImportSubjectPublicKeyInfo(new byte[length]));
            AssertStructure(() => MlKem1024PrivateKey.ImportPkcs8(new byte[length]));
        }

        Assert.Throws<ArgumentException>(() => _key.PublicKey.ExportSubjectPublicKeyInfo(new byte[1589]));
        Assert.Throws<ArgumentException>(() => _key.ExportPkcs8(new byte[85]));
    }

    [Fact]
    public void WritePrivate_never_overwrites_a_file_and_only_the_owner_has_access()
    {
        string path = _folder.Combine("a.key.pem");
        MlKem1024KeyFile.WritePrivate(path, _key);
        using MlKem1024PrivateKey other = MlKem1024PrivateKey.Generate();
        Assert.Throws<EstreamStorageException>(() => MlKem1024KeyFile.WritePrivate(path, other));
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Assert.Equal(SecretFile.OwnerOnly, File.GetUnixFileMode(path));
        File.SetUnixFileMode(path, SecretFile.OwnerOnly | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<EstreamStorageException>(() => MlKem1024KeyFile.ReadPrivate(path)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no key")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")]
    public void Reading_a_file_without_a_key_throws_with_its_path_but_not_its_content(string text)
    {
        string path = _folder.Combine("x.pem");
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, SecretFile.OwnerOnly);
        }

        foreach (Action read in new Action[] { () => MlKem1024KeyFile.ReadPrivate(path), () => MlKem1024KeyFile.ReadPublic(path) })
        {
            EstreamKeyFileException refused = Assert.Throws<EstreamKeyFileException>(read);
            Assert.Equal(path, refused.Path);
            Assert.DoesNotContain("AAAA", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Reading_a_missing_or_too_long_file_throws()
    {
        string path = _folder.Combine("x.pem");
        Assert.Throws<EstreamStorageException>(() => MlKem1024KeyFile.ReadPrivate(path));
        Assert.Throws<EstreamStorageException>(() => MlKem1024KeyFile.ReadPublic(path));
        File.WriteAllBytes(path, new byte[MlKem1024KeyFile.MaxBytes + 1]);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, SecretFile.OwnerOnly);
        }

        Assert.Contains("more than", Assert.Throws<EstreamStorageException>(() => MlKem1024KeyFile.ReadPrivate(path)).Message,
            StringComparison.Ordinal);
        Assert.Contains("more than", Assert.Throws<EstreamStorageException>(() => MlKem1024KeyFile.ReadPublic(path)).Message,
            StringComparison.Ordinal);
    }

    private static byte[] Changed(byte[] bytes, int at)
    {
        byte[] changed = [.. bytes];
        changed[at] ^= 1;
        return changed;
    }

    private static void AssertStructure(Action import) =>
        Assert.Equal(KeyFault.Encoding, Assert.Throws<EstreamInvalidKeyException>(import).Fault);

    private static void AssertSame(MlKem1024PublicKey expected, MlKem1024PublicKey actual)
    {
        byte[] first = new byte[MlKem1024.PublicKeyBytes];
        byte[] second = new byte[MlKem1024.PublicKeyBytes];
        expected.Export(first);
        actual.Export(second);
        Assert.Equal(first, second);
    }

    private static class Asn1
    {
        private const string ObjectIdentifier = "2.16.840.1.101.3.4.4.3";

        public static byte[] PublicKey(byte[] key)
        {
            System.Formats.Asn1.AsnWriter writer = new(System.Formats.Asn1.AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                WriteAlgorithm(writer);
                writer.WriteBitString(key);
            }

            return writer.Encode();
        }

        public static byte[] PrivateKey(Action<System.Formats.Asn1.AsnWriter> content)
        {
            System.Formats.Asn1.AsnWriter writer = new(System.Formats.Asn1.AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteInteger(0);
                WriteAlgorithm(writer);
                using (writer.PushOctetString())
                {
                    content(writer);
                }
            }

            return writer.Encode();
        }

        private static void WriteAlgorithm(System.Formats.Asn1.AsnWriter writer)
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(ObjectIdentifier);
            }
        }
    }
}
