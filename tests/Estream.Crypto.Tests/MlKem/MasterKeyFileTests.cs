using System.Security.Cryptography;
using Estream.Core;
using Estream.Testing;

namespace Estream.Crypto.Tests.MlKem;

/// <summary>Master keys that are wrapped for an ML-KEM-1024 key: their file, its format and its errors.</summary>
public sealed class MasterKeyFileTests : IDisposable
{
    private const int WrappedChars = 2112;

    private static readonly MlKem1024PrivateKey s_key = MlKem1024PrivateKey.ImportSeed(new byte[64]);

    private readonly TempDirectory _folder = new();

    public MasterKeyFileTests() => MlKem1024KeyFile.WritePrivate(PrivateKey, s_key);

    private string KeyFile => _folder.Combine("master.keys");

    private string PrivateKey => _folder.Combine("host.key.pem");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_added_key_is_the_current_one_and_the_other_lines_stay()
    {
        const string Plain = "# plaintext\nold 0707070707070707070707070707070707070707070707070707070707070707";
        SecretFiles.Write(KeyFile, Plain);
        MasterKeyFile.Add(KeyFile, "next", s_key.PublicKey);
        MasterKeyFile.Add(KeyFile, "last", s_key.PublicKey);
        string text = File.ReadAllText(KeyFile);
        Assert.EndsWith("\n" + Plain, text, StringComparison.Ordinal);
        Assert.Equal(2 * ("last ml-kem-1024:\n".Length + WrappedChars) + Plain.Length, text.Length);
        Assert.True(OperatingSystem.IsWindows() || SecretFiles.ModeOf(KeyFile) == SecretFile.OwnerOnly);
        Assert.Equal(["host.key.pem", "master.keys"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
        using QueueKeyRing ring = MasterKeyFile.Read(KeyFile, PrivateKey);
        Assert.Equal(["last", "next", "old"], ring.Ids);
        Assert.Equal("last", ring.CurrentId);
    }

    [Fact]
    public void A_link_stays_a_link_and_its_file_gets_the_key()
    {
        string real = _folder.Combine("real.keys");
        File.CreateSymbolicLink(KeyFile, real);
        EstreamStorageException missing = Assert.Throws<EstreamStorageException>(() => MasterKeyFile.Add(KeyFile, "next", s_key.PublicKey));
        Assert.Contains("link to a file that does not exist", missing.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(real));
        SecretFiles.Write(real, $"old {new string('7', 64)}\n");
        MasterKeyFile.Add(KeyFile, "next", s_key.PublicKey);
        Assert.Equal(real, new FileInfo(KeyFile).LinkTarget);
        using QueueKeyRing ring = MasterKeyFile.Read(real, PrivateKey);
        Assert.Equal(["next", "old"], ring.Ids);
    }

    [Fact]
    public void A_file_without_wrapped_keys_needs_no_private_key()
    {
        SecretFiles.Write(KeyFile, $"old {new string('7', 64)}\n");
        MasterKeyFile.Read(KeyFile, privateKeyFile: null).Dispose();
        MasterKeyFile.Read(KeyFile, PrivateKey).Dispose();
    }

    [Fact]
    public void A_line_has_a_ciphertext_and_a_check_value_as_documented()
    {
        MasterKeyFile.Add(KeyFile, "k-1", s_key.PublicKey);
        byte[] wrapped = Convert.FromBase64String(File.ReadAllText(KeyFile).TrimEnd()["k-1 ml-kem-1024:".Length..]);
        byte[] secret = new byte[32];
        s_key.Decapsulate(wrapped.AsSpan(0, 1568), secret);
        byte[] derived = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 48, salt: null, "estream master key 1 k-1"u8.ToArray());
        Assert.Equal(derived[32..], wrapped[1568..]);
    }

    [Fact]
    public void A_wrapped_key_without_a_private_key_is_refused()
    {
        MasterKeyFile.Add(KeyFile, "first", s_key.PublicKey);
        foreach (Func<QueueKeyRing> read in (Func<QueueKeyRing>[])[() => QueueKeyRing.FromFile(KeyFile),
            () => MasterKeyFile.Read(KeyFile, privateKeyFile: null)])
        {
            Assert.Equal("first", Refused("Line 1", () => read(), "--private-key", "PrivateKeyFile").KeyId);
        }
    }

    [Fact]
    public void Another_private_key_is_refused()
    {
        MasterKeyFile.Add(KeyFile, "first", s_key.PublicKey);
        string other = _folder.Combine("other.key.pem");
        using (MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate())
        {
            MlKem1024KeyFile.WritePrivate(other, key);
        }

        EstreamKeyException refused = Refused("Line 1", () => MasterKeyFile.Read(KeyFile, other), other, "does not belong");
        Assert.Equal("first", refused.KeyId);
    }

    [Theory]
    [InlineData("first", "other", "does not belong")]                              // a line under another id
    [InlineData("ml-kem-1024:A", "ml-kem-1024:B", "does not belong")]              // the ciphertext
    [InlineData("Z\n", "Y\n", "does not belong")]                                  // the check value
    [InlineData("ml-kem-1024:A", "ml-kem-1024:", "2112 characters")]
    [InlineData("ml-kem-1024:A", "ml-kem-1024:AA", "2112 characters")]
    [InlineData("ml-kem-1024:A", "ml-kem-1024:=", "2112 characters")]
    [InlineData("ml-kem-1024:A", "ml-kem-1024:\t", "2112 characters")]
    [InlineData("ml-kem-1024:A", "ml-kem-1024:A\t", "2112 characters")]              // a blank that a decoder skips
    [InlineData("ml-kem-1024:A", "ml-kem-1024:-", "2112 characters")]
    [InlineData("ml-kem-1024:A", "ml-kem-768:A", "is not an id")]
    [InlineData("first ", "fi/rst ", "is not an id")]
    [InlineData("# end", "first 7777777777777777777777777777777777777777777777777777777777777777", "already has")]
    public void A_changed_line_is_refused_and_not_printed(string old, string replacement, string reason)
    {
        string line = WrappedBetween('A', 'Z');
        SecretFiles.Write(KeyFile, $"# start\n{line}\n# end".Replace(old, replacement, StringComparison.Ordinal));
        string number = reason == "already has" ? "Line 3" : "Line 2";
        EstreamKeyException refused = Refused(number, () => MasterKeyFile.Read(KeyFile, PrivateKey), reason);
        Assert.DoesNotContain(line[100..110], refused.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("7777", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_private_key_that_is_missing_or_that_others_may_use_is_refused()
    {
        MasterKeyFile.Add(KeyFile, "first", s_key.PublicKey);
        string none = _folder.Combine("none");
        EstreamStorageException missing = Assert.Throws<EstreamStorageException>(() => MasterKeyFile.Read(KeyFile, none));
        Assert.Equal((StorageFailure.NotFound, none), (missing.Reason, missing.Path));
        EstreamKeyFileException text = Assert.Throws<EstreamKeyFileException>(() => MasterKeyFile.Read(KeyFile, KeyFile));
        Assert.Equal(KeyFile, text.Path);
        if (!OperatingSystem.IsWindows())
        {
            SecretFiles.SetMode(PrivateKey, SecretFile.OwnerOnly | UnixFileMode.OtherRead);
            EstreamStorageException open = Assert.Throws<EstreamStorageException>(() => MasterKeyFile.Read(KeyFile, PrivateKey));
            Assert.Equal((StorageFailure.AccessDenied, PrivateKey), (open.Reason, open.Path));
            Assert.Contains("chmod 600", open.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_holds_64_wrapped_keys_and_a_limited_number_of_bytes()
    {
        for (int i = 0; i < QueueKeyRing.MaxKeys; i++)
        {
            MasterKeyFile.Add(KeyFile, $"a-key-with-the-longest-id-{i:d6}", s_key.PublicKey);
        }

        using (QueueKeyRing ring = MasterKeyFile.Read(KeyFile, PrivateKey))
        {
            Assert.Equal(QueueKeyRing.MaxKeys, ring.Ids.Count);
        }

        string full = File.ReadAllText(KeyFile);
        Refused("64 keys", () => MasterKeyFile.Add(KeyFile, "one-more", s_key.PublicKey));
        AssertUnchanged(full);
        SecretFiles.Write(KeyFile, $"old {new string('7', 64)}\n{new string('#', 159 << 10)}");
        full = File.ReadAllText(KeyFile);
        Refused("would have more than", () => MasterKeyFile.Add(KeyFile, "one-more", s_key.PublicKey));
        AssertUnchanged(full);
        File.AppendAllText(KeyFile, new string('#', 2 << 10));
        Refused("more than 163840 bytes", () => MasterKeyFile.Read(KeyFile, PrivateKey));
    }

    [Fact]
    public void A_key_is_not_added_to_a_file_that_is_not_valid()
    {
        Assert.Throws<ArgumentException>("id", () => MasterKeyFile.Add(KeyFile, "with blank", s_key.PublicKey));
        Assert.Throws<ArgumentException>("id", () => MasterKeyFile.Add(KeyFile, new string('a', 33), s_key.PublicKey));
        AssertUnchanged(null);
        foreach ((string text, string reason) in ((string, string)[])[("# a remark\nnonsense\n", "Line 2"),
            ($"next {new string('7', 64)}\n", "already has"), ("old ml-kem-1024:AAAA\n", "Line 1")])
        {
            SecretFiles.Write(KeyFile, text);
            Refused(reason, () => MasterKeyFile.Add(KeyFile, "next", s_key.PublicKey));
            AssertUnchanged(text);
        }

        Assert.Throws<EstreamStorageException>(() => MasterKeyFile.Add(_folder.Combine("none", "keys"), "next", s_key.PublicKey));
    }

    [Fact]
    public void A_key_is_not_added_to_a_file_that_others_may_use_or_that_is_being_changed()
    {
        string text = $"old {new string('7', 64)}\n";
        SecretFiles.Write(KeyFile, text);
        string next = KeyFile + ".new";
        SecretFiles.Write(next, "");
        Refused(next, () => MasterKeyFile.Add(KeyFile, "next", s_key.PublicKey), "being changed");
        Assert.True(File.Exists(next));
        File.Delete(next);
        if (!OperatingSystem.IsWindows())
        {
            SecretFiles.SetMode(KeyFile, SecretFile.OwnerOnly | UnixFileMode.GroupRead);
            Refused("chmod 600", () => MasterKeyFile.Add(KeyFile, "next", s_key.PublicKey));
        }

        AssertUnchanged(text);
    }

    private static EstreamKeyException Refused(string part, Action act, params string[] parts)
    {
        EstreamKeyException refused = Assert.Throws<EstreamKeyException>(act);
        Assert.All([part, .. parts], expected => Assert.Contains(expected, refused.Message, StringComparison.Ordinal));
        return refused;
    }

    private void AssertUnchanged(string? text)
    {
        Assert.Equal(text, File.Exists(KeyFile) ? File.ReadAllText(KeyFile) : null);
        Assert.False(File.Exists(KeyFile + ".new"));
    }

    // Returns the line of a key whose base64 begins and ends with given characters, so that a test can change them.
    private string WrappedBetween(char first, char last)
    {
        for (int attempt = 0; attempt < 1_000_000; attempt++)
        {
            byte[] wrapped = new byte[1584];
            byte[] secret = new byte[32];
            s_key.PublicKey.Encapsulate(wrapped.AsSpan(0, 1568), secret);
            byte[] derived = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 48, salt: null, "estream master key 1 first"u8.ToArray());
            derived.AsSpan(32).CopyTo(wrapped.AsSpan(1568));
            string text = Convert.ToBase64String(wrapped);
            if (text[0] == first && text[^1] == last)
            {
                string line = $"first ml-kem-1024:{text}";
                SecretFiles.Write(KeyFile, line);
                MasterKeyFile.Read(KeyFile, PrivateKey).Dispose();
                return line;
            }
        }

        throw new InvalidOperationException("No ciphertext begins and ends with these characters.");
    }
}
