using System.Text;

namespace Estream.Cli.Tests;

/// <summary>`estream esf sign` and `verify`: signed messages in pipes, and the JSON of signed messages.</summary>
public sealed class EsfSignatureCommandTests : IDisposable
{
    private const string Schema = """
        version: "1.0"
        namespace: bank
        schemas:
          Transfer:
            fields:
              id: { type: u32 }
              payee: { type: string(16) }
              signature: { type: pq_signature, optional: true }
              note: { type: string(16), optional: true }
          Note:
            fields:
              id: { type: u32 }
        """;

    private readonly SampleData _data = new();
    private readonly string _schema;
    private readonly string _key;

    public EsfSignatureCommandTests()
    {
        _schema = _data.Write("bank.esf.yaml", Schema);
        _key = Path.Combine(_data.Folder, "sender.key");
    }

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Messages_are_signed_and_verified_and_keep_their_signature_as_json()
    {
        await MakeKeyAsync();
        byte[] messages = await EncodeAsync("""{"id":1,"payee":"bob","note":"rent"}{"id":2,"payee":"eve"}""");
        byte[] signed = await OutputAsync(messages, "esf", "sign", "--schema", _schema, "--key", _key, "--framing", "length");
        (int code, string lines) = await VerifyAsync(signed, "--key", _key + ".pub");
        const string Good = "good: signed by the trusted key '--key'\n";
        Assert.Equal((ExitCode.Ok, $"message 1: {Good}message 2: {Good}"), (code, lines));

        // The note follows the signature in the schema; a host that encodes this JSON must get the signed bytes.
        byte[] json = await OutputAsync(signed, "esf", "decode", "--schema", _schema, "--framing", "length");
        Assert.Equal(signed, await EncodeAsync(Encoding.UTF8.GetString(json)));
    }

    [Fact]
    public async Task A_changed_message_and_a_revoked_key_give_exit_code_1()
    {
        await MakeKeyAsync();
        byte[] messages = await EncodeAsync("""{"id":1,"payee":"bob"}{"id":2,"payee":"eve"}""");
        byte[] signed = await OutputAsync(messages, "esf", "sign", "--schema", _schema, "--key", _key, "--framing", "length");
        string trusted = _data.Write(
            "trusted", "# estream trusted keys 1\nsender sender.key.pub 2026-01-01T00:00:00Z 2026-02-01T00:00:00Z\n");
        Assert.Equal((ExitCode.Ok, 2), await CountGoodAsync(signed, "--trusted", trusted, "--at", "2026-01-15T00:00:00Z"));
        Assert.Equal((ExitCode.No, 0), await CountGoodAsync(signed, "--trusted", trusted, "--at", "2026-02-01T00:00:00Z"));
        signed[^1] ^= 1;
        Assert.Equal((ExitCode.No, 1), await CountGoodAsync(signed, "--key", _key + ".pub"));
    }

    [Fact]
    public async Task Messages_and_options_that_cannot_be_used_are_refused()
    {
        await MakeKeyAsync();
        byte[] note = await OutputAsync(
            Encoding.UTF8.GetBytes("""{"id":1}"""), "esf", "encode", "--schema", _schema, "--type", "Note", "--framing", "length");
        await RefusedAsync(note, ExitCode.No, "pq_signature", "esf", "sign", "--schema", _schema, "--key", _key, "--framing", "length");
        await RefusedAsync(
            note, ExitCode.No, "pq_signature", "esf", "verify", "--schema", _schema, "--key", _key + ".pub", "--framing", "length");
        byte[] message = await EncodeAsync("""{"id":1,"payee":"bob"}""");
        await RefusedAsync(
            message[..^1], ExitCode.No, "ends inside the message",
            "esf", "sign", "--schema", _schema, "--key", _key, "--framing", "length");
        await RefusedAsync(message, ExitCode.Failed, "--key or --trusted", "esf", "verify", "--schema", _schema);
        await RefusedAsync(message, ExitCode.Failed, "--at", "esf", "verify", "--schema", _schema, "--key", _key + ".pub", "--at", "soon");
    }

    private async Task MakeKeyAsync() => Assert.Equal(ExitCode.Ok, (await _data.RunAsync("key", "new", "--out", _key)).Code);

    private Task<byte[]> EncodeAsync(string json) =>
        OutputAsync(Encoding.UTF8.GetBytes(json), "esf", "encode", "--schema", _schema, "--type", "Transfer", "--framing", "length");

    private async Task<(int Code, string Lines)> VerifyAsync(byte[] input, params string[] options)
    {
        (int code, byte[] output, _) = await RunAsync(input, ["esf", "verify", "--schema", _schema, "--framing", "length", .. options]);
        return (code, Encoding.UTF8.GetString(output));
    }

    private async Task<(int Code, int Good)> CountGoodAsync(byte[] input, params string[] options)
    {
        (int code, string lines) = await VerifyAsync(input, options);
        return (code, lines.Split(": good: ").Length - 1);
    }

    private async Task<byte[]> OutputAsync(byte[] input, params string[] arguments)
    {
        (int code, byte[] output, string error) = await RunAsync(input, arguments);
        Assert.Equal((ExitCode.Ok, ""), (code, error));
        return output;
    }

    private async Task RefusedAsync(byte[] input, int expected, string part, params string[] arguments)
    {
        (int code, byte[] output, string error) = await RunAsync(input, arguments);
        new CliResult(code, Encoding.Latin1.GetString(output), error).AssertFailed(expected, part);
    }

    private async Task<(int Code, byte[] Output, string Error)> RunAsync(byte[] input, string[] args)
    {
        using MemoryStream output = new();
        using StringWriter error = new();
        CliContext context = new()
        {
            Input = new MemoryStream(input), Output = output, Error = error, DataFolder = _data.Folder,
        };
        return (await CliProgram.RunAsync(args, context), output.ToArray(), error.ToString());
    }
}
