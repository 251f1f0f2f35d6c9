using System.Text;
using Estream.Core;
using Estream.Crypto.Tests.Support;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>Tests the standard key structures and files, and the errors for all other input.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class DsaKeyEncodingTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly MlDsa87PrivateKey _key = DsaKeys.Numbered(1);

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Key_structures_equal_those_of_Wycheproof()
    {
        int publicKeys = 0, privateKeys = 0;
        VectorFile.ForEach("mldsa_87_verify_test", (group, test) =>
        {
            byte[] encoded = group.Bytes("publicKey"), info = group.BytesOrNone("publicKeyDer");
            if (encoded.Length == MlDsa87.PublicKeyBytes && info.Length > 0)
            {
                Assert.Equal(info, MlDsa87PublicKey.Import(encoded).ExportSubjectPublicKeyInfo());
                Assert.Equal(encoded, MlDsa87PublicKey.ImportSubjectPublicKeyInfo(info).PublicKey.ToArray());
                publicKeys++;
            }
        });
        VectorFile.ForEach("mldsa_87_sign_seed_test", (group, test) =>
        {
            byte[] seed = group.Bytes("privateSeed"), info = group.BytesOrNone("privateKeyPkcs8");
            if (seed.Length == MlDsa87.SeedBytes && info.Length > 0)
            {
                using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportPkcs8PrivateKey(info);
                Assert.Equal(info, Export(key));
                Assert.Equal(group.Bytes("publicKey"), key.PublicKey.PublicKey.ToArray());
                privateKeys++;
            }
        });
        Assert.True(publicKeys > 100 && privateKeys > 50, $"{publicKeys} public and {privateKeys} private keys: the files have changed");
    }

    [Fact]
    public void Every_form_of_a_private_key_round_trips()
    {
        byte[] expanded = DsaKeys.Export(_key), seed = DsaKeys.Bytes(1, MlDsa87.SeedBytes), algorithm = Export(_key)[5..18];
        using MlDsa87PrivateKey withoutSeed = MlDsa87PrivateKey.Import(expanded);
        byte[] info = Export(withoutSeed);
        Assert.Equal(withoutSeed.Pkcs8PrivateKeyBytes, info.Length);
        using MlDsa87PrivateKey again = MlDsa87PrivateKey.ImportPkcs8PrivateKey(info);
        Assert.False(again.HasSeed);
        Assert.Equal(expanded, DsaKeys.Export(again));

        // A structure with both forms, as OpenSSL writes it: with two forms of the same key, and with forms of two different keys.
        using MlDsa87PrivateKey fromBoth = MlDsa87PrivateKey.ImportPkcs8PrivateKey(Both(algorithm, seed, expanded));
        Assert.True(fromBoth.HasSeed);
        Assert.Equal(expanded, DsaKeys.Export(fromBoth));
        EstreamInvalidKeyException mixed = Assert.Throws<EstreamInvalidKeyException>(
            () => MlDsa87PrivateKey.ImportPkcs8PrivateKey(Both(algorithm, DsaKeys.Bytes(2, 32), expanded)));
        Assert.Equal(KeyFault.Hash, mixed.Fault);
    }

    [Fact]
    public void Import_of_another_structure_or_algorithm_throws()
    {
        byte[] info = Export(_key), publicInfo = _key.PublicKey.ExportSubjectPublicKeyInfo();
        Assert.Equal(KeyFault.Encoding, FaultOf(() => MlDsa87PrivateKey.ImportPkcs8PrivateKey([])));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => MlDsa87PrivateKey.ImportPkcs8PrivateKey([.. info, 0])));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => MlDsa87PrivateKey.ImportPkcs8PrivateKey(publicInfo)));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => MlDsa87PrivateKey.ImportPkcs8PrivateKey(With(info, 17, 0x12))));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => MlDsa87PrivateKey.ImportPkcs8PrivateKey(With(info, 4, 2))));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => MlDsa87PrivateKey.ImportPkcs8PrivateKey(With(info, 20, 0x81))));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => MlDsa87PublicKey.ImportSubjectPublicKeyInfo(info)));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => MlDsa87PublicKey.ImportSubjectPublicKeyInfo(publicInfo.AsSpan(..^1))));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => MlDsa87PublicKey.ImportSubjectPublicKeyInfo(With(publicInfo, 16, 0x11))));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => MlDsa87PublicKey.ImportSubjectPublicKeyInfo(With(publicInfo, 21, 1))));
        Assert.Equal(KeyFault.Encoding,
            FaultOf(() => MlDsa87PrivateKey.ImportPem("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"u8)));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => MlDsa87PublicKey.ImportText("algorithm: ML-DSA-65\nAAAA\n"u8)));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => MlDsa87PublicKey.ImportText("algorithm: ML-DSA-87\nA*AA\n"u8)));
        Assert.Equal(KeyFault.Length, FaultOf(() => MlDsa87PublicKey.ImportText("algorithm: ML-DSA-87\nAAAA\n"u8)));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => MlDsa87PublicKey.ImportText([])));
    }

    [Fact]
    public void Key_files_round_trip_and_only_the_owner_has_access_to_the_private_one()
    {
        string path = _folder.Combine("key"), publicPath = _folder.Combine("key.pub");
        _key.Save(path);
        _key.PublicKey.Save(publicPath);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----\n", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Equal($"algorithm: ML-DSA-87\n{Convert.ToBase64String(_key.PublicKey.PublicKey.Span)}\n", File.ReadAllText(publicPath));
        using MlDsa87PrivateKey again = MlDsa87.Import(path);
        Assert.Equal(DsaKeys.Export(_key), DsaKeys.Export(again));
        Assert.Equal(_key.PublicKey.PublicKey.ToArray(), MlDsa87PublicKey.Load(publicPath).PublicKey.ToArray());
        string pem = _folder.Combine("key.pem");
        File.WriteAllText(pem, _key.PublicKey.ExportSubjectPublicKeyInfoPem());
        Assert.Equal(_key.PublicKey.PublicKey.ToArray(), MlDsa87PublicKey.Load(pem).PublicKey.ToArray());
    }

    [Fact]
    public void Save_never_overwrites_a_key_file_and_Load_rejects_one_that_others_can_read()
    {
        string path = _folder.Combine("key");
        _key.Save(path);
        string before = File.ReadAllText(path);
        using MlDsa87PrivateKey other = DsaKeys.Numbered(2);
        EstreamStorageException there = Assert.Throws<EstreamStorageException>(() => other.Save(path));
        Assert.Contains("already exists", there.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        EstreamStorageException open = Assert.Throws<EstreamStorageException>(() => MlDsa87PrivateKey.Load(path));
        Assert.Equal(StorageFailure.AccessDenied, open.Reason);
        Assert.Contains("chmod 600", open.Message, StringComparison.Ordinal);
        Assert.Equal(StorageFailure.NotFound, Assert.Throws<EstreamStorageException>(() => MlDsa87PrivateKey.Load(path + "x")).Reason);
        File.WriteAllBytes(_folder.Combine("large"), new byte[100_000]);
        Assert.Contains("16384", Assert.Throws<EstreamStorageException>(() => MlDsa87PublicKey.Load(_folder.Combine("large"))).Message,
            StringComparison.Ordinal);
        Assert.Equal(StorageFailure.Other, Assert.Throws<EstreamStorageException>(() => _key.Save(_folder.Combine("no", "folder"))).Reason);
    }

    [Fact]
    public void An_error_message_contains_nothing_of_the_key()
    {
        byte[] info = Export(_key);
        string text = $"-----BEGIN PRIVATE KEY-----\n{Convert.ToBase64String([.. info, 7])}\n-----END PRIVATE KEY-----\n";
        EstreamInvalidKeyException error =
            Assert.Throws<EstreamInvalidKeyException>(() => MlDsa87PrivateKey.ImportPem(Encoding.ASCII.GetBytes(text)));
        Assert.Null(error.InnerException);
        Assert.DoesNotContain(Convert.ToBase64String(info)[40..60], error.ToString(), StringComparison.Ordinal);
    }

    private static byte[] Export(MlDsa87PrivateKey key)
    {
        var info = new byte[key.Pkcs8PrivateKeyBytes];
        key.ExportPkcs8PrivateKey(info);
        return info;
    }

    private static byte[] Both(byte[] algorithm, byte[] seed, byte[] expanded)
    {
        byte[] inner = [0x30, 0x82, 0x13, 0x46, 0x04, 0x20, .. seed, 0x04, 0x82, 0x13, 0x20, .. expanded];
        byte[] content = [0x02, 0x01, 0, .. algorithm, 0x04, 0x82, 0x13, 0x4A, .. inner];
        return [0x30, 0x82, (byte)(content.Length >> 8), (byte)content.Length, .. content];
    }

    private static byte[] With(byte[] bytes, int at, byte value)
    {
        byte[] changed = [.. bytes];
        Assert.NotEqual(value, changed[at]);
        changed[at] = value;
        return changed;
    }

    private static KeyFault FaultOf(Func<object> import) => Assert.Throws<EstreamInvalidKeyException>(import).Fault;
}
