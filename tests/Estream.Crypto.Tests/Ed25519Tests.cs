using System.Text;
using Estream.Core;
using Estream.Crypto.Tests.Support;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>Tests Ed25519 by the system's libcrypto: exact results, keys in every form, errors, and the error if there is no
/// libcrypto.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class Ed25519Tests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly Ed25519PrivateKey _key = Ed25519PrivateKey.ImportSeed(DsaKeys.Bytes(1, Ed25519.SeedBytes));

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void All_Wycheproof_cases_give_the_published_results() => Assert.Equal(new VectorCount(88, 63), Ed25519Vectors.Run());

    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Signatures_equal_those_of_RFC_8032(string seed, string publicKey, string data, string signature)
    {
        using Ed25519PrivateKey key = Ed25519PrivateKey.ImportSeed(Convert.FromHexString(seed));
        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey.PublicKey.Span));
        Assert.Equal(signature, Convert.ToHexStringLower(Sign(key, Convert.FromHexString(data))));
        byte[] again = new byte[Ed25519.SeedBytes];
        key.ExportSeed(again);
        Assert.Equal(seed, Convert.ToHexStringLower(again));
    }

    [Fact]
    public void Verify_accepts_only_the_signed_data()
    {
        using Ed25519PrivateKey made = Ed25519PrivateKey.Generate();
        ISigner signer = made;
        byte[] signature = Sign(made, [1, 2, 3]);
        Assert.Equal(("Ed25519", "Ed25519", 64, 64),
            (signer.Algorithm, signer.Verifier.Algorithm, signer.SignatureSize, signer.Verifier.SignatureSize));
        Assert.True(signer.Verifier.Verify([1, 2, 3], [], signature));
        Assert.False(signer.Verifier.Verify([1, 2, 4], [], signature));
        Assert.False(signer.Verifier.Verify([], [], signature));
        Assert.False(signer.Verifier.Verify([1, 2, 3], [1], signature));
        Assert.False(signer.Verifier.Verify([1, 2, 3], [], [.. signature, 0]));
        Assert.False(signer.Verifier.Verify([1, 2, 3], [], signature.AsSpan(1)));
        Assert.False(signer.Verifier.Verify([1, 2, 3], [], []));
        Assert.False(_key.PublicKey.Verify([1, 2, 3], [], signature));

        // No signature verifies with a made-up key, and the failed verification leaves no error for the next call.
        Assert.False(Ed25519PublicKey.Import(DsaKeys.Bytes(7, 32)).Verify([1, 2, 3], [], signature));
        Assert.True(signer.Verifier.Verify([1, 2, 3], [], signature));
    }

    /// <summary>A signature with a correct first half and a wrong second half would reveal the key: the key follows from this signature and
    /// the correct signature.</summary>
    [Fact]
    public void Sign_is_correct_when_the_signature_overwrites_the_data()
    {
        byte[] data = DsaKeys.Bytes(3, 3 * Ed25519.SignatureBytes), expected = Sign(_key, data);
        for (int at = 0; at <= data.Length - Ed25519.SignatureBytes; at += 16)
        {
            byte[] memory = [.. data];
            _key.Sign(memory, [], memory.AsSpan(at, Ed25519.SignatureBytes));
            Assert.Equal(expected, memory[at..(at + Ed25519.SignatureBytes)]);
        }
    }

    [Fact]
    public void Keys_and_buffers_of_the_wrong_length_or_form_throw()
    {
        byte[] info = Export(_key), publicInfo = _key.PublicKey.ExportSubjectPublicKeyInfo();
        Assert.Equal(KeyFault.Length, FaultOf(() => Ed25519PrivateKey.ImportSeed(new byte[64])));
        Assert.Equal(KeyFault.Length, FaultOf(() => Ed25519PublicKey.Import(new byte[31])));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => Ed25519PrivateKey.ImportPkcs8PrivateKey([])));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => Ed25519PrivateKey.ImportPkcs8PrivateKey([.. info, 0])));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => Ed25519PrivateKey.ImportPkcs8PrivateKey(publicInfo)));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => Ed25519PrivateKey.ImportPkcs8PrivateKey(With(info, 11, 0x6E))));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => Ed25519PublicKey.ImportSubjectPublicKeyInfo(info)));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => Ed25519PublicKey.ImportSubjectPublicKeyInfo(With(publicInfo, 8, 0x6F))));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => Ed25519PublicKey.ImportText("algorithm: ML-DSA-87\nAAAA\n"u8)));
        Assert.Equal(KeyFault.Encoding, FaultOf(() => Ed25519PublicKey.ImportText("algorithm: Ed25519\nA*AA\n"u8)));
        Assert.Equal(KeyFault.Length, FaultOf(() => Ed25519PublicKey.ImportText("algorithm: Ed25519\nAAAA\n"u8)));
        Assert.Equal(KeyFault.Encoding,
            FaultOf(() => MlDsa87PublicKey.ImportText(Encoding.ASCII.GetBytes(_key.PublicKey.ExportSubjectPublicKeyInfoPem()))));
        Assert.Throws<ArgumentException>("context", () => _key.Sign([], [1], new byte[64]));
        Assert.Throws<ArgumentException>("signature", () => _key.Sign([], [], new byte[63]));
        Assert.Throws<ArgumentException>("destination", () => _key.ExportSeed(new byte[31]));
        Assert.Throws<ArgumentException>("destination", () => _key.ExportPkcs8PrivateKey(new byte[32]));
    }

    [Fact]
    public void Key_files_round_trip_and_only_the_owner_has_access_to_the_private_one()
    {
        string path = _folder.Combine("key"), publicPath = _folder.Combine("key.pub");
        _key.Save(path);
        _key.PublicKey.Save(publicPath);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal($"algorithm: Ed25519\n{Convert.ToBase64String(_key.PublicKey.PublicKey.Span)}\n", File.ReadAllText(publicPath));
        using Ed25519PrivateKey again = Ed25519PrivateKey.Load(path);
        Assert.Equal(Export(_key), Export(again));
        Assert.Equal(_key.PublicKey.PublicKey.ToArray(), Ed25519PublicKey.Load(publicPath).PublicKey.ToArray());
        Assert.Contains("already exists", Assert.Throws<EstreamStorageException>(() => again.Save(path)).Message,
            StringComparison.Ordinal);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Equal(StorageFailure.AccessDenied, Assert.Throws<EstreamStorageException>(() => Ed25519PrivateKey.Load(path)).Reason);
        EstreamInvalidKeyException none = Assert.Throws<EstreamInvalidKeyException>(() => MlDsa87PublicKey.Load(publicPath));
        Assert.Contains(publicPath, none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_key_throws_but_its_public_key_still_works()
    {
        Ed25519PrivateKey key = Ed25519PrivateKey.Generate();
        byte[] signature = Sign(key, [1]);
        key.Dispose();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Sign(key, [1]));
        Assert.Throws<ObjectDisposedException>(() => key.ExportSeed(new byte[Ed25519.SeedBytes]));
        Assert.True(key.PublicKey.Verify([1], [], signature));
    }

    [Fact]
    public void A_key_can_sign_on_many_threads_and_be_disposed_meanwhile()
    {
        byte[] expected = Sign(_key, [1, 2, 3]);
        Ed25519PrivateKey shared = Ed25519PrivateKey.ImportSeed(DsaKeys.Bytes(1, Ed25519.SeedBytes));
        int ended = 0;
        Parallel.For(0, 8, thread =>
        {
            try
            {
                for (int round = 0; round < 200; round++)
                {
                    Assert.Equal(expected, Sign(shared, [1, 2, 3]));
                    if (thread == 0 && round == 100)
                    {
                        shared.Dispose();
                    }
                }
            }
            catch (ObjectDisposedException)
            {
                Interlocked.Increment(ref ended);
            }
        });
        Assert.InRange(ended, 1, 8);
    }

    [Theory]
    [InlineData("none", "libcrypto.so.3 was not found")]
    [InlineData("another", "libcrypto.so.3 is too old or a different library")]
    public void Without_libcrypto_creating_a_key_throws_with_advice(string library, string reason)
    {
        using ChildProcess child = ChildProcess.StartDotnet(typeof(Ed25519Tests).Assembly.Location, [WithoutLibCrypto.Argument, library]);
        ProcessResult result = child.WaitForExit();
        Assert.True(result.ExitCode == 0, result.Error);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal("False", lines[0]);
        Assert.Equal(4, lines.Length);
        Assert.All(lines[1..],
            line => Assert.StartsWith($"Ed25519 needs the system's OpenSSL: {reason}. Install OpenSSL 3", line,
                StringComparison.Ordinal));
    }

    private static byte[] Sign(Ed25519PrivateKey key, ReadOnlySpan<byte> data)
    {
        byte[] signature = new byte[Ed25519.SignatureBytes];
        key.Sign(data, [], signature);
        return signature;
    }

    private static byte[] Export(Ed25519PrivateKey key)
    {
        byte[] info = new byte[Ed25519.Pkcs8PrivateKeyBytes];
        key.ExportPkcs8PrivateKey(info);
        return info;
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
