using Estream.Core;
using Estream.Crypto;
using Estream.Esf.Tests.Generation;
using Estream.Testing;

namespace Estream.Esf.Tests.Sealing;

/// <summary>Keys as files in a folder.</summary>
public sealed class KeyFolderTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Keys_loaded_from_files_seal_and_open_messages()
    {
        foreach (string audience in TestKeys.Audiences)
        {
            using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
            MlKem1024KeyFile.WritePrivate(PathOf(audience + ".key.pem"), key);
            MlKem1024KeyFile.WritePublic(PathOf(audience + ".pub.pem"), key.PublicKey);
        }

        using EsfSealer sealer = new(SealCase.Schema, EsfAudienceKeys.Load(_folder.Path));
        using EsfKeyRing ring = EsfKeyRing.Load(_folder.Path);
        Assert.Equal(3, ring.Count);
        Assert.Equal(SealCase.Json.Replace("\n", "", StringComparison.Ordinal),
            SealCase.Print(SealCase.Schema, sealer.SealOrFail(SealCase.Open()), ring));
    }

    [Fact]
    public void Load_reads_previous_keys_and_keys_of_several_holders()
    {
        foreach (string name in new[] { "owner", "owner.1", "owner.22" })
        {
            MlKem1024KeyFile.WritePrivate(PathOf(name + ".key.pem"), TestKeys.Of(name));
            MlKem1024KeyFile.WritePublic(PathOf(name + ".pub.pem"), TestKeys.Of(name).PublicKey);
        }

        using EsfKeyRing ring = EsfKeyRing.Load(_folder.Path);
        Assert.Equal(3, ring.Count);
        EsfAudienceKeys keys = EsfAudienceKeys.Load(_folder.Path);
        Assert.Equal(["owner"], keys.Audiences);
        Assert.Equal(3, keys.Of("owner").Count);
        Assert.Empty(keys.Of("auditor"));
    }

    [Fact]
    public void Writing_a_public_key_file_replaces_the_old_key()
    {
        MlKem1024KeyFile.WritePublic(PathOf("owner.pub.pem"), TestKeys.Of("old").PublicKey);
        MlKem1024KeyFile.WritePublic(PathOf("owner.pub.pem"), TestKeys.Of("new").PublicKey);
        byte[] known = new byte[MlKem1024.PublicKeyBytes];
        byte[] expected = new byte[MlKem1024.PublicKeyBytes];
        EsfAudienceKeys.Load(_folder.Path).Of("owner").Single().Export(known);
        TestKeys.Of("new").PublicKey.Export(expected);
        Assert.Equal(expected, known);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void Load_rejects_a_private_key_file_that_others_can_access(UnixFileMode others)
    {
        if (OperatingSystem.IsWindows())
        {
            // Windows has no file modes.
            return;
        }

        string path = PathOf("owner.key.pem");
        MlKem1024KeyFile.WritePrivate(path, TestKeys.Of("owner"));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
        EstreamStorageException refused = Assert.Throws<EstreamStorageException>(() => EsfKeyRing.Load(_folder.Path));
        Assert.Equal(path, refused.Path);
        Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_rejects_files_with_invalid_names_or_contents()
    {
        File.WriteAllText(PathOf("owner.x.pub.pem"), "");
        Assert.Contains("owner.x.pub.pem", Assert.Throws<EsfKeyException>(() => EsfAudienceKeys.Load(_folder.Path)).Message,
            StringComparison.Ordinal);
        File.Delete(PathOf("owner.x.pub.pem"));
        File.WriteAllText(PathOf("owner.pub.pem"), "no key");
        Assert.Equal(PathOf("owner.pub.pem"), Assert.Throws<EstreamKeyFileException>(() => EsfAudienceKeys.Load(_folder.Path)).Path);
        Assert.Throws<EstreamStorageException>(() => EsfKeyRing.Load(PathOf("nowhere")));
    }

    [Fact]
    public void Ring_counts_a_duplicate_key_once()
    {
        using EsfKeyRing ring = TestKeys.RingOf("owner", "owner");
        Assert.Equal(1, ring.Count);
        using EsfSealer sealer = new(SealCase.Schema, TestKeys.Public);
        Assert.Contains("Musterfrau", SealCase.Print(SealCase.Schema, sealer.SealOrFail(SealCase.Open()), ring), StringComparison.Ordinal);
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);
}
