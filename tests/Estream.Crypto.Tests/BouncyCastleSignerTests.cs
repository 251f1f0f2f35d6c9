using System.Reflection;
using System.Runtime.Versioning;
using Estream.Core;
using Estream.Crypto.BouncyCastle;
using Estream.Crypto.Tests.Support;
using Estream.Testing;
using Org.BouncyCastle.Crypto.Parameters;

namespace Estream.Crypto.Tests;

/// <summary>Tests that the BouncyCastle signer and verifier have the same keys, files, signatures and errors as Estream.Crypto.</summary>
public sealed class BouncyCastleSignerTests : IDisposable
{
    private const int Everyday = 12;
    private const int Full = 1_000;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Property(Everyday, Full, Arbitrary = [typeof(PeerInputs)])]
    public void Deterministic_signatures_equal_those_of_Estream_for_every_key_form(DsaInput input)
    {
        using MlDsa87PrivateKey ours = MlDsa87PrivateKey.ImportSeed(input.Seed);
        using MlDsa87PrivateKey expanded = MlDsa87PrivateKey.Import(DsaKeys.Export(ours));
        byte[] expected = new byte[MlDsa87.SignatureBytes], actual = new byte[MlDsa87.SignatureBytes];
        ours.SignDeterministic(input.Data, input.Context, expected);
        BouncyCastleMlDsa87Signer[] signers =
            [BouncyCastleMlDsa87Signer.ImportSeed(input.Seed), BouncyCastleMlDsa87Signer.Of(ours), BouncyCastleMlDsa87Signer.Of(expanded)];
        foreach (BouncyCastleMlDsa87Signer signer in signers)
        {
            using (signer)
            {
                Array.Clear(actual);
                signer.SignDeterministic(input.Data, input.Context, actual);
                Assert.Equal(expected, actual);
                Assert.Equal(ours.PublicKey.PublicKey.ToArray(), signer.Verifier.PublicKey.ToArray());
            }
        }
    }

    [Property(Everyday, Full, Arbitrary = [typeof(PeerInputs)])]
    public void Signatures_are_hedged_and_verify_in_both_libraries(DsaInput input)
    {
        using MlDsa87PrivateKey ours = MlDsa87PrivateKey.ImportSeed(input.Seed);
        using BouncyCastleMlDsa87Signer theirs = BouncyCastleMlDsa87Signer.ImportSeed(input.Seed);
        byte[] signature = new byte[theirs.SignatureSize], another = new byte[theirs.SignatureSize];
        theirs.Sign(input.Data, input.Context, signature);
        theirs.Sign(input.Data, input.Context, another);
        Assert.NotEqual(signature, another);
        Assert.True(ours.PublicKey.Verify(input.Data, input.Context, signature));
        Assert.True(theirs.Verifier.Verify(input.Data, input.Context, signature));
        Assert.True(theirs.Verifier.Verify(input.Data, input.Context, DsaKeys.Sign(ours, input.Data, input.Context)));
        Assert.False(theirs.Verifier.Verify([.. input.Data, 0], input.Context, signature));
        signature[input.Bit / 8] ^= (byte)(1 << (input.Bit % 8));
        Assert.False(theirs.Verifier.Verify(input.Data, input.Context, signature));
    }

    [Fact]
    public void The_verifier_passes_all_Wycheproof_vectors()
    {
        Assert.Equal(new VectorCount(71, 170), VectorFile.ForEach("mldsa_87_verify_test", (group, test) =>
        {
            byte[] encoded = group.Bytes("publicKey");
            bool isValid = encoded.Length == MlDsa87.PublicKeyBytes
                && BouncyCastleMlDsa87Verifier.Import(encoded).Verify(test.Bytes("msg"), test.BytesOrNone("ctx"), test.Bytes("sig"));
            Assert.Equal(VectorFile.IsValid(test), isValid);
        }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_reads_key_files_of_Estream(bool isExpanded)
    {
        using MlDsa87PrivateKey seeded = DsaKeys.Numbered(1);
        using MlDsa87PrivateKey key = isExpanded ? MlDsa87PrivateKey.Import(DsaKeys.Export(seeded)) : MlDsa87PrivateKey.Load(Saved(seeded));
        string path = _folder.Combine("loaded"), publicPath = path + ".pub";
        key.Save(path);
        key.PublicKey.Save(publicPath);
        using BouncyCastleMlDsa87Signer signer = BouncyCastleMlDsa87Signer.Load(path);
        BouncyCastleMlDsa87Verifier verifier = BouncyCastleMlDsa87Verifier.Load(publicPath);
        var signature = new byte[signer.SignatureSize];
        signer.Sign([1], [2], signature);
        Assert.True(verifier.Verify([1], [2], signature));
        Assert.True(key.PublicKey.Verify([1], [2], signature));
        Assert.False(DsaKeys.Numbered(2).PublicKey.Verify([1], [2], signature));
    }

    [UnsupportedOSPlatform("windows")]
    [Fact]
    public void Load_throws_with_the_path_for_files_without_a_key_or_readable_by_others()
    {
        string none = _folder.Combine("none"), absent = _folder.Combine("absent");
        File.WriteAllText(none, "no key");
        File.SetUnixFileMode(none, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var noPrivateKey = Assert.Throws<EstreamInvalidKeyException>(() => BouncyCastleMlDsa87Signer.Load(none));
        var noPublicKey = Assert.Throws<EstreamInvalidKeyException>(() => BouncyCastleMlDsa87Verifier.Load(none));
        Assert.Contains(none, noPrivateKey.Message, StringComparison.Ordinal);
        Assert.Contains(none, noPublicKey.Message, StringComparison.Ordinal);
        Assert.Equal(absent, Assert.Throws<EstreamStorageException>(() => BouncyCastleMlDsa87Signer.Load(absent)).Path);
        Assert.Equal(absent, Assert.Throws<EstreamStorageException>(() => BouncyCastleMlDsa87Verifier.Load(absent)).Path);
        using MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        string open = Saved(key);
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var isOpen = Assert.Throws<EstreamStorageException>(() => BouncyCastleMlDsa87Signer.Load(open));
        Assert.Equal(StorageFailure.AccessDenied, isOpen.Reason);
    }

    [Fact]
    public void Keys_and_buffers_of_the_wrong_length_throw_as_in_Estream()
    {
        var seed = Assert.Throws<EstreamInvalidKeyException>(() => BouncyCastleMlDsa87Signer.ImportSeed(new byte[31]));
        var key = Assert.Throws<EstreamInvalidKeyException>(() => BouncyCastleMlDsa87Verifier.Import(new byte[2591]));
        Assert.Equal((KeyFault.Length, KeyFault.Length), (seed.Fault, key.Fault));
        Assert.Contains("ML-DSA-87 seed has 32 bytes; 31 were given", seed.Message, StringComparison.Ordinal);
        Assert.Contains("ML-DSA-87 public key has 2592 bytes; 2591 were given", key.Message, StringComparison.Ordinal);
        using BouncyCastleMlDsa87Signer signer = BouncyCastleMlDsa87Signer.ImportSeed(new byte[MlDsa87.SeedBytes]);
        byte[] signature = new byte[signer.SignatureSize];
        Assert.Throws<ArgumentException>("context", () => signer.Sign([], new byte[256], signature));
        Assert.Throws<ArgumentException>("context", () => signer.SignDeterministic([], new byte[256], signature));
        Assert.Throws<ArgumentException>("signature", () => signer.Sign([], [], new byte[signature.Length - 1]));
        Assert.Throws<ArgumentException>("signature", () => signer.SignDeterministic([], [], new byte[signature.Length + 1]));
        Assert.Throws<ArgumentNullException>("key", () => BouncyCastleMlDsa87Signer.Of(null!));
        Assert.Throws<ArgumentNullException>("key", () => BouncyCastleMlDsa87Verifier.Of(null!));
    }

    [Fact]
    public void Verification_returns_false_for_input_of_any_length()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(3);
        BouncyCastleMlDsa87Verifier verifier = BouncyCastleMlDsa87Verifier.Of(key.PublicKey);
        byte[] signature = DsaKeys.Sign(key, [1], []);
        Assert.True(verifier.Verify([1], [], signature));
        Assert.False(verifier.Verify([1], new byte[256], signature));
        Assert.False(verifier.Verify([1], [], signature.AsSpan(1)));
        Assert.False(verifier.Verify([1], [], [.. signature, 0]));
        Assert.False(verifier.Verify([1], [], []));
        Assert.False(verifier.Verify([1], [], DsaKeys.Bytes(1, MlDsa87.SignatureBytes)));
    }

    [Fact]
    public void A_disposed_signer_releases_its_key_and_its_verifier_still_verifies()
    {
        BouncyCastleMlDsa87Signer signer = BouncyCastleMlDsa87Signer.ImportSeed(new byte[MlDsa87.SeedBytes]);
        var signature = new byte[signer.SignatureSize];
        signer.Sign([1], [], signature);
        Assert.NotNull(KeyOf(signer));
        signer.Dispose();
        signer.Dispose();
        Assert.Null(KeyOf(signer));
        Assert.Throws<ObjectDisposedException>(() => signer.Sign([1], [], signature));
        Assert.Throws<ObjectDisposedException>(() => signer.SignDeterministic([1], [], signature));
        Assert.True(signer.Verifier.Verify([1], [], signature));

        MlDsa87PrivateKey disposed = DsaKeys.Numbered(1);
        disposed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => BouncyCastleMlDsa87Signer.Of(disposed));
    }

    [Fact]
    public void ImportSeed_overwrites_its_copy_of_the_seed_but_not_the_callers()
    {
        byte[] seed = DsaKeys.Bytes(1, MlDsa87.SeedBytes);
        using BouncyCastleMlDsa87Signer signer = BouncyCastleMlDsa87Signer.ImportSeed(seed);

        // BouncyCastle keeps the array it was given as the seed, so the test can inspect it.
        Assert.Equal(new byte[MlDsa87.SeedBytes], KeyOf(signer)!.GetSeed());
        Assert.Equal(DsaKeys.Bytes(1, MlDsa87.SeedBytes), seed);
    }

    [Fact]
    public void A_signer_can_be_used_by_many_threads_at_once()
    {
        using MlDsa87PrivateKey ours = DsaKeys.Numbered(5);
        using BouncyCastleMlDsa87Signer signer = BouncyCastleMlDsa87Signer.Of(ours);
        Parallel.For(0, LongRun.Count(24, 5_000), new ParallelOptions { MaxDegreeOfParallelism = 8 }, number =>
        {
            byte[] data = BitConverter.GetBytes(number);
            byte[] expected = new byte[MlDsa87.SignatureBytes], actual = new byte[MlDsa87.SignatureBytes];
            ours.SignDeterministic(data, [], expected);
            signer.SignDeterministic(data, [], actual);
            Assert.Equal(expected, actual);
            signer.Sign(data, [1], actual);
            Assert.True(signer.Verifier.Verify(data, [1], actual));
        });
    }

    [Fact]
    public async Task A_signer_pool_can_sign_with_BouncyCastle()
    {
        using BouncyCastleMlDsa87Signer signer = BouncyCastleMlDsa87Signer.ImportSeed(new byte[MlDsa87.SeedBytes]);
        using SignerPool pool = new(signer, threads: 2);
        byte[] one = new byte[pool.SignatureSize], two = new byte[pool.SignatureSize];
        ValueTask first = pool.SignAsync(new byte[] { 1 }, default, one), second = pool.SignAsync(new byte[] { 2 }, default, two);
        await first;
        await second;
        Assert.True(signer.Verifier.Verify([1], [], one));
        Assert.True(signer.Verifier.Verify([2], [], two));
    }

    [Fact]
    public void The_algorithm_and_the_sizes_equal_those_of_Estream()
    {
        using MlDsa87PrivateKey ours = DsaKeys.Numbered(5);
        using BouncyCastleMlDsa87Signer signer = BouncyCastleMlDsa87Signer.Of(ours);
        Assert.Equal((ours.Algorithm, ours.SignatureSize), (signer.Algorithm, signer.SignatureSize));
        Assert.Equal((ours.Algorithm, ours.SignatureSize), (signer.Verifier.Algorithm, signer.Verifier.SignatureSize));
    }

    private static MLDsaPrivateKeyParameters? KeyOf(BouncyCastleMlDsa87Signer signer)
    {
        FieldInfo field = typeof(BouncyCastleMlDsa87Signer).GetField("_key", BindingFlags.Instance | BindingFlags.NonPublic)!;
        return (MLDsaPrivateKeyParameters?)field.GetValue(signer);
    }

    private string Saved(MlDsa87PrivateKey key)
    {
        string path = _folder.Combine("saved");
        key.Save(path);
        return path;
    }
}
