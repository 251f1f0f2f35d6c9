using Estream.Crypto;

namespace Estream.Cli.Tests;

/// <summary>Creates keys, signs and verifies on the command line.</summary>
public sealed class SignatureCommandTests : IDisposable
{
    private readonly SampleData _data = new();

    public SignatureCommandTests() => File.WriteAllText(In("file"), "to be signed");

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_file_is_signed_and_verified_with_standard_key_files()
    {
        CliResult made = await _data.RunAsync("key", "new", "--out", In("key"));
        Assert.Equal((ExitCode.Ok, ""), (made.Code, made.Error));
        string[] lines = File.ReadAllText(In("key.pub")).Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Equal(("algorithm: ML-DSA-87", ""), (lines[0], lines[2]));
        Assert.Equal(MlDsa87.PublicKeyBytes, Convert.FromBase64String(lines[1]).Length);
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", File.ReadAllText(In("key")), StringComparison.Ordinal);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(In("key")) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));

        CliResult signed = await _data.RunAsync("sign", In("file"), "--key", In("key"), "--out", In("sig"), "--context", "für Prüfer");
        Assert.Equal((ExitCode.Ok, "", ""), (signed.Code, signed.Output, signed.Error));
        byte[] signature = File.ReadAllBytes(In("sig"));
        Assert.Equal(MlDsa87.SignatureBytes, signature.Length);
        Assert.True(MlDsa87PublicKey.Import(Convert.FromBase64String(lines[1])).Verify("to be signed"u8, "für Prüfer"u8, signature));
        CliResult good = await Verify("--context", "für Prüfer");
        Assert.Equal(ExitCode.Ok, good.Code);
        Assert.StartsWith("good", good.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_file_context_key_or_signature_gives_exit_code_1()
    {
        await _data.RunAsync("key", "new", "--out", In("key"));
        await _data.RunAsync("sign", In("file"), "--key", In("key"), "--out", In("sig"));
        Assert.Equal(ExitCode.Ok, (await Verify()).Code);
        CliResult other = await Verify("--context", "other");
        Assert.Equal((ExitCode.No, ""), (other.Code, other.Error));
        Assert.StartsWith("BAD", other.Output, StringComparison.Ordinal);
        File.AppendAllText(In("file"), ".");
        Assert.Equal(ExitCode.No, (await Verify()).Code);
        File.WriteAllText(In("file"), "to be signed");
        File.WriteAllBytes(In("sig"), File.ReadAllBytes(In("sig"))[..^1]);
        Assert.Equal(ExitCode.No, (await Verify()).Code);
        File.WriteAllBytes(In("sig"), []);
        Assert.Equal(ExitCode.No, (await Verify()).Code);
    }

    [Fact]
    public async Task Keys_are_never_overwritten()
    {
        await _data.RunAsync("key", "new", "--out", In("key"));
        string before = File.ReadAllText(In("key")), publicBefore = File.ReadAllText(In("key.pub"));
        (await _data.RunAsync("key", "new", "--out", In("key"))).AssertFailed(ExitCode.Failed, "key.pub", "already exists");
        File.Delete(In("key.pub"));
        (await _data.RunAsync("key", "new", "--out", In("key"))).AssertFailed(ExitCode.Failed, In("key"), "already exists");
        Assert.Equal(before, File.ReadAllText(In("key")));
        Assert.False(File.Exists(In("key.pub")));
        File.Delete(In("key"));
        File.WriteAllText(In("key.pub"), publicBefore);
        (await _data.RunAsync("key", "new", "--out", In("key"))).AssertFailed(ExitCode.Failed, "key.pub");
        Assert.False(File.Exists(In("key")));
    }

    [Fact]
    public async Task An_unreadable_file_gives_one_line_and_exit_code_2()
    {
        await _data.RunAsync("key", "new", "--out", In("key"));
        (await _data.RunAsync("sign", In("file"), "--key", In("key.pub"), "--out", In("sig"))).AssertFailed(ExitCode.Failed, "chmod 600");
        (await _data.RunAsync("sign", In("file"), "--key", In("missing"), "--out", In("sig"))).AssertFailed(ExitCode.Failed, "missing",
            "does not exist");
        (await _data.RunAsync("sign", In("missing"), "--key", In("key"), "--out", In("sig"))).AssertFailed(ExitCode.Failed, "missing");
        (await _data.RunAsync("sign", In("file"), "--key", In("key"), "--out", In("sig"), "--context", new string('x', 256))).AssertFailed(
            ExitCode.Failed, "256", "255");
        (await _data.RunAsync("verify", In("file"), "--key", In("file"), "--sig", In("file"))).AssertFailed(ExitCode.Failed,
            "public key file");
        (await _data.RunAsync("sign", In("file"))).AssertFailed(ExitCode.Failed, "--key", "See: estream sign --help");
        Assert.False(File.Exists(In("sig")));
    }

    private Task<CliResult> Verify(params string[] more) =>
        _data.RunAsync(["verify", In("file"), "--key", In("key.pub"), "--sig", In("sig"), .. more]);

    private string In(string name) => Path.Combine(_data.Folder, name);
}
