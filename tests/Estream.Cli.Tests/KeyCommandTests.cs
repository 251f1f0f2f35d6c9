using System.Text;
using Estream.Crypto;
using Estream.Esf;
using Estream.Streams;

namespace Estream.Cli.Tests;

/// <summary>Keys for the audiences of private fields and for vaults, and their use.</summary>
public sealed class KeyCommandTests : IDisposable
{
    private const string Payment = """
        version: "1.0"
        namespace: test
        schemas:
          Payment:
            fields:
              card: { type: string(19), privacy: tokenized }
              holder: { type: string, privacy: { default_level: encrypted, audiences: [{ audience: auditor, level: public }] } }
        """;

    private const string Json = """{"card":"4111111111111111","holder":"Clara"}""";

    private readonly SampleData _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("auditor")]
    [InlineData("auditor.key.pem")]
    public async Task Key_rings_and_writers_find_the_key_of_an_audience(string name)
    {
        CliResult made = await NewAsync("ml-kem-1024", name);
        Assert.Equal(ExitCode.Ok, made.Code);
        using EsfKeyRing ring = EsfKeyRing.Load(_data.Folder);
        MlKem1024PublicKey known = Assert.Single(EsfAudienceKeys.Load(_data.Folder).Of("auditor"));
        Assert.Equal((1, 1), (ring.Count, EsfAudienceKeys.Load(_data.Folder).Audiences.Count));
        Assert.NotNull(known);
        string file = Path.Combine(_data.Folder, "auditor.key.pem");
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        string before = File.ReadAllText(file);
        (await NewAsync("ml-kem-1024", name)).AssertFailed(ExitCode.Failed, "auditor.pub.pem", "already exists");
        File.Delete(Path.Combine(_data.Folder, "auditor.pub.pem"));
        (await NewAsync("ml-kem-1024", name)).AssertFailed(ExitCode.Failed, "auditor.key.pem", "already exists");
        Assert.Equal(before, File.ReadAllText(file));
        (await NewAsync("rsa", "other")).AssertFailed(ExitCode.Failed, "rsa");
        (await NewAsync("ml-kem-1024", "gone/auditor")).AssertFailed(ExitCode.Failed, "gone/auditor.key.pem", "Create the folder first.");
    }

    [Fact]
    public async Task Card_numbers_become_tokens_and_the_vault_restores_them()
    {
        string schema = _data.Write("payment.esf.yaml", Payment);
        string vault = Path.Combine(_data.Folder, "vault"), vaultKey = Path.Combine(_data.Folder, "vault.key");
        await NewAsync("ml-kem-1024", "auditor");
        await NewAsync("card-vault", "vault.key");
        (await NewAsync("card-vault", "vault.key")).AssertFailed(ExitCode.Failed, "never overwritten");
        string[] encode = ["esf", "encode", "--schema", schema, "--type", "Payment", "--keys", _data.Folder];
        (int code, byte[] message, string error) = await RunAsync(Encoding.UTF8.GetBytes(Json), encode);
        Assert.Equal((ExitCode.Failed, 0), (code, message.Length));
        Assert.Contains("--vault", error, StringComparison.Ordinal);
        (code, message, error) = await RunAsync(Encoding.UTF8.GetBytes(Json), [.. encode, "--vault", vault]);
        Assert.Contains("--vault-key", error, StringComparison.Ordinal);
        (code, message, error) = await RunAsync(Encoding.UTF8.GetBytes(Json), [.. encode, "--vault", vault, "--vault-key", vaultKey]);
        Assert.Equal((ExitCode.Ok, ""), (code, error));
        Assert.Equal(-1, message.AsSpan().IndexOf("4111111111111111"u8));
        string[] decode = ["esf", "decode", "--schema", schema];
        (_, byte[] shown, _) = await RunAsync(message, decode);
        Assert.Matches("^\\{\"card\":\"411111[0-9]{6}1111\",\"holder\":\\{\"\\$withheld\":true\\}\\}\n$", Encoding.UTF8.GetString(shown));
        Assert.DoesNotContain("4111111111111111", Encoding.UTF8.GetString(shown), StringComparison.Ordinal);
        (_, shown, _) = await RunAsync(message, [.. decode, "--vault", vault, "--vault-key", vaultKey, "--keys", _data.Folder]);
        Assert.Equal(Json + "\n", Encoding.UTF8.GetString(shown));
        (code, _, error) = await RunAsync(Encoding.UTF8.GetBytes("""{"card":"4111111111111112","holder":"Clara"}"""),
            [.. encode, "--vault", vault, "--vault-key", vaultKey]);
        Assert.Equal(ExitCode.No, code);
        Assert.DoesNotContain("4111111111111112", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rekey_encrypts_a_vault_with_another_key()
    {
        string old = Path.Combine(_data.Folder, "vault"), oldKey = Path.Combine(_data.Folder, "old.key"),
        made = Path.Combine(_data.Folder, "made"), madeKey = Path.Combine(_data.Folder, "made.key");
        await NewAsync("card-vault", "old.key");
        await NewAsync("card-vault", "made.key");
        byte[] token = new byte[16], same = new byte[16];
        using CardVaultKey key = CardVaultKey.Load(oldKey), other = CardVaultKey.Load(madeKey);
        using (CardVault vault = CardVault.Open(old, key))
        {
            Assert.Equal(EsfTokenOutcome.Ok, vault.Tokenize("4111111111111111"u8, token));
        }

        string[] copy = ["vault", "copy", old, "--key", oldKey, "--to", made, "--to-key", madeKey];
        Assert.Equal((ExitCode.Ok, $"cards copied: 1; cards in {made}: 1\n"), await OutcomeAsync(copy));
        Assert.Equal((ExitCode.Ok, $"cards copied: 0; cards in {made}: 1\n"), await OutcomeAsync(copy));
        CliResult recorded = await _data.RunAsync("audit", "--from", "start");
        Assert.Equal(2, recorded.Lines.Length);
        Assert.Contains($"vault copy {old}: done (1 cards to {made})", recorded.Lines[0], StringComparison.Ordinal);
        using (CardVault vault = CardVault.Open(made, other))
        {
            Assert.Equal(EsfTokenOutcome.Ok, vault.Tokenize("4111111111111111"u8, same));
        }

        Assert.Equal(token, same);
        (await _data.RunAsync("vault", "copy", made, "--key", oldKey, "--to", old, "--to-key", oldKey)).AssertFailed(ExitCode.Failed,
            "created with another key");
        (await _data.RunAsync("vault", "copy", Path.Combine(_data.Folder, "nowhere"), "--key", oldKey, "--to", made, "--to-key",
            madeKey)).AssertFailed(ExitCode.Failed, "There is no vault");
        Assert.False(Directory.Exists(Path.Combine(_data.Folder, "nowhere")));
    }

    private async Task<(int Code, string Output)> OutcomeAsync(string[] args)
    {
        CliResult result = await _data.RunAsync(args);
        return (result.Code, result.Output);
    }

    private Task<CliResult> NewAsync(string algorithm, string name) =>
        _data.RunAsync("key", "new", "--algorithm", algorithm, "--out", Path.Combine(_data.Folder, name));

    private async Task<(int Code, byte[] Output, string Error)> RunAsync(byte[] input, params string[] args)
    {
        using MemoryStream output = new();
        using StringWriter error = new();
        CliContext context = new() { Input = new MemoryStream(input), Output = output, Error = error, DataFolder = _data.Folder };
        int code = await CliProgram.RunAsync(args, context);
        return (code, output.ToArray(), error.ToString());
    }
}
