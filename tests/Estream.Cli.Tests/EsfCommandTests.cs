using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Estream.Crypto;
using Estream.Testing;

namespace Estream.Cli.Tests;

/// <summary>`estream esf encode` and `decode`: errors with positions, framing, versions, and the real process with files and
/// pipes.</summary>
public sealed class EsfCommandTests : IDisposable
{
    private const string Earlier =
        "version: \"1.0\"\nnamespace: plant.doors\nschemas:\n  DoorMoved:\n    fields:\n      door: { type: string(16) }\n      count: { "
        + "type: u64, optional: true }\n      state: { type: State, optional: true }\nenums:\n  State: { values: [Open, Closed] }\n";

    private const string North = """{"door":"north","count":18446744073709551615,"state":"Closed"}""";

    private static readonly string s_later = Earlier
        .Replace("enums:", "      force: { type: f64, optional: true }\nenums:", StringComparison.Ordinal)
        .Replace("Closed]", "Closed, Ajar]", StringComparison.Ordinal);

    private readonly SampleData _data = new();
    private readonly string _earlier;
    private readonly string _later;

    public EsfCommandTests()
    {
        _earlier = _data.Write("doors.esf.yaml", Earlier);
        _later = _data.Write("later/doors.esf.yaml", s_later);
    }

    [Theory]
    [InlineData("", "Standard input has no JSON object.")]
    [InlineData(" \n ", "Standard input has no JSON object.")]
    [InlineData("[1]", "object 1, line 1, column 1:", "begins with '{'")]
    [InlineData("\n  x", "object 1, line 2, column 3:")]
    [InlineData("{\"door\":\"n\"", "object 1, line 1, column 1:", "the input ends inside the object")]
    [InlineData("{\"door\":\"n}", "the input ends inside the object")]
    [InlineData("{\"door\":\"n\\", "the input ends inside the object")]
    [InlineData("{\"door\":\"n\",\n \"count\":1.5}", "object 1, line 2, column 10:", "field 'count'", "expected an integer")]
    [InlineData("{\"door\":\"n\",\"color\":1}", "column 13:", "no field 'color'")]
    [InlineData("{\"count\":1}", "field 'door'", "required but missing")]
    [InlineData("{\"door\":\"n\"} {\"door\":\"m\"}", "--framing length")]
    [InlineData("{\"door\":\"n\"} x", "--framing length")]
    public async Task Encode_writes_nothing_for_an_input_that_is_not_one_object_of_the_schema(string json, params string[] parts)
    {
        (int code, byte[] output, string error) =
            await RunAsync(Encoding.UTF8.GetBytes(json), "esf", "encode", "--schema", _earlier, "--type", "DoorMoved");
        new CliResult(code, Encoding.Latin1.GetString(output), error).AssertFailed(ExitCode.No, parts);
    }

    [Fact]
    public async Task Encode_writes_the_objects_before_a_rejected_object_and_no_byte_of_the_rejected_one()
    {
        (int code, byte[] messages, string error) = await RunAsync(
            Encoding.UTF8.GetBytes(North + "\n" + North + "\n{\"door\":1}\n" + North), "esf", "encode", "--schema", _earlier, "--type",
            "DoorMoved", "--framing", "length");
        Assert.Equal(ExitCode.No, code);
        Assert.Contains("object 3, line 3, column 9: field 'door'", error, StringComparison.Ordinal);
        Assert.Equal(North + "\n" + North + "\n", await DecodeAsync(messages, _earlier, "length"));
    }

    [Theory]
    [InlineData("none", 0, "standard input is empty")]
    [InlineData("none", 15, "shorter than an ESF header")]
    [InlineData("none", 39, "field 'door'", "at byte")]
    [InlineData("length", 3, "message 1 at byte 0:", "ends inside the length")]
    [InlineData("length", 30, "message 1 at byte 4:", "ends inside the message")]
    public async Task Decode_rejects_a_truncated_message_with_its_position(string framing, int length, params string[] parts)
    {
        byte[] message = await EncodeAsync(North, framing, _earlier);
        (int code, byte[] output, string error) =
            await RunAsync(message[..length], "esf", "decode", "--schema", _earlier, "--framing", framing);
        Assert.Equal((ExitCode.No, 0), (code, output.Length));
        Assert.All(parts, part => Assert.Contains(part, error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(15u)]
    [InlineData(67_108_865u)]
    [InlineData(uint.MaxValue)]
    public async Task Decode_rejects_an_impossible_length_before_reading_the_message(uint length)
    {
        byte[] input = new byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(input, length);
        (int code, _, string error) = await RunAsync(input, "esf", "decode", "--schema", _earlier, "--framing", "length");
        Assert.Equal(ExitCode.No, code);
        Assert.Contains($"the length prefix is {length.ToString(CultureInfo.InvariantCulture)}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decode_rejects_a_message_of_an_unknown_or_another_schema()
    {
        byte[] message = await EncodeAsync(North, "none", _earlier);
        (int code, byte[] output, string error) = await RunAsync(message, "esf", "decode");
        Assert.Equal((ExitCode.No, 0), (code, output.Length));
        Assert.Contains("no schema has the id", error, StringComparison.Ordinal);
        (code, output, error) = await RunAsync(message, "esf", "decode", "--type", "IoTTelemetry");
        Assert.Equal((ExitCode.No, 0), (code, output.Length));
        Assert.Contains("belongs to another schema", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Encode_and_decode_fail_for_an_invalid_command_line()
    {
        (await _data.RunAsync("esf", "encode", "--schema", _earlier, "--type", "Window")).AssertFailed(ExitCode.No, "'Window'");
        (await _data.RunAsync("esf", "encode", "--schema", _earlier)).AssertFailed(ExitCode.Failed, "--type");
        (await _data.RunAsync("esf", "decode", "--framing", "lines")).AssertFailed(ExitCode.Failed, "--framing takes none or length");
        (await _data.RunAsync("esf", "encode", "--schema", "gone.esf.yaml", "--type", "X")).AssertFailed(ExitCode.Failed, "gone.esf.yaml");
        (await _data.RunAsync("esf", "decode", "--schema", _earlier, "--schema", _later)).AssertFailed(ExitCode.Failed, "defined twice");
    }

    [Fact]
    public async Task Private_values_are_sealed_for_their_audience_and_withheld_from_others()
    {
        string schema =
            _data.Write("private.esf.yaml", Earlier.Replace("string(16)", "string(16), privacy: encrypted", StringComparison.Ordinal));
        string[] encode = ["esf", "encode", "--schema", schema, "--type", "DoorMoved"];
        (int code, byte[] output, string error) = await RunAsync(Encoding.UTF8.GetBytes(North), encode);
        Assert.Equal((ExitCode.Failed, 0), (code, output.Length));
        Assert.Contains("default.pub.pem", error, StringComparison.Ordinal);

        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        string folder = Path.GetDirectoryName(_data.Write("keys/readme", ""))!;
        (code, output, error) = await RunAsync(Encoding.UTF8.GetBytes(North), [.. encode, "--keys", folder]);
        Assert.Equal((ExitCode.Failed, 0), (code, output.Length));
        Assert.Contains("'default'", error, StringComparison.Ordinal);

        MlKem1024KeyFile.WritePublic(Path.Combine(folder, "default.pub.pem"), key.PublicKey);
        MlKem1024KeyFile.WritePrivate(Path.Combine(folder, "default.key.pem"), key);
        (code, byte[] message, error) = await RunAsync(Encoding.UTF8.GetBytes(North), [.. encode, "--keys", folder]);
        Assert.Equal((ExitCode.Ok, ""), (code, error));
        Assert.Equal(-1, message.AsSpan().IndexOf("north"u8));
        Assert.Equal("""{"door":{"$withheld":true},"count":18446744073709551615,"state":"Closed"}""" + "\n",
            await DecodeAsync(message, schema, "none"));
        (code, output, _) = await RunAsync(message, "esf", "decode", "--schema", schema, "--keys", folder);
        Assert.Equal((ExitCode.Ok, North + "\n"), (code, Encoding.UTF8.GetString(output)));
    }

    [Fact]
    public async Task Encode_does_not_write_messages_to_a_terminal()
    {
        using MemoryStream output = new();
        using StringWriter error = new();
        CliContext context = new()
        {
            Input = new MemoryStream(Encoding.UTF8.GetBytes(North)),
            Output = output,
            Error = error,
            DataFolder = _data.Folder,
            IsTerminal = true,
        };
        Assert.Equal(ExitCode.Failed, await CliProgram.RunAsync(["esf", "encode", "--schema", _earlier, "--type", "DoorMoved"], context));
        Assert.Contains("> message.esf", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, output.Length);
    }

    [Theory]
    [InlineData("none", 1)]
    [InlineData("length", 0)]
    [InlineData("length", 1)]
    [InlineData("length", 5000)]
    public async Task Encode_and_decode_round_trip_for_any_split_of_the_input(string framing, int count)
    {
        // Objects on the same line, on separate lines and over several lines, with braces and quotes in their strings.
        string[] spellings = [North, """{"door":"}\"{\\"}""", "{ \"door\" :\n \"\u00e4\" }\r\n", """{"door":""}"""];
        string[] expected = [North, spellings[1], """{"door":"ä"}""", spellings[3]];
        string json = string.Concat(Enumerable.Range(0, count).Select(i => spellings[i % 4]));
        foreach (int piece in new[] { 1, 7, 100_000 })
        {
            if (piece == 1 && count > 1)
            {
                continue;
            }

            byte[] messages = await EncodeAsync(json, framing, _earlier, piece);
            string lines = string.Concat(Enumerable.Range(0, count).Select(i => expected[i % 4] + "\n"));
            Assert.Equal(lines, await DecodeAsync(messages, _earlier, framing, piece));
        }
    }

    [Fact]
    public async Task Encode_without_framing_writes_the_bytes_of_the_library()
    {
        Assert.True(Esf.EsfSchemaSet.Load(_earlier).TryGet("DoorMoved", out Esf.EsfSchema? schema));
        byte[] message = new byte[256];
        Assert.True(Esf.EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(North), message, out int length).IsOk);
        byte[] bare = await EncodeAsync(North + "\n", "none", _earlier);
        Assert.Equal(message[..length], bare);
        byte[] framed = await EncodeAsync(North, "length", _earlier);
        Assert.Equal(length, BinaryPrimitives.ReadInt32LittleEndian(framed));
        Assert.Equal(bare, framed[4..]);
    }

    [Fact]
    public async Task Each_schema_version_decodes_messages_of_the_other()
    {
        byte[] early = await EncodeAsync(North, "none", _earlier);
        byte[] late = await EncodeAsync("""{"door":"n","state":"Ajar","force":-0.0}""", "none", _later);
        Assert.Equal(North + "\n", await DecodeAsync(early, _later, "none"));
        Assert.Equal("""{"door":"n","state":2}""" + "\n", await DecodeAsync(late, _earlier, "none"));
        Assert.Equal("""{"door":"n","state":"Ajar","force":-0}""" + "\n", await DecodeAsync(late, _later, "none"));
    }

    [Fact]
    public async Task A_long_message_round_trips_completely()
    {
        string file = _data.Write("blob.esf.yaml",
            "version: \"1.0\"\nnamespace: plant\nschemas:\n  Blob:\n    fields:\n      text: { type: string }\n");
        string json = "{\"text\":\"" + new string('x', 3_000_000) + "\"}";
        (int code, byte[] message, string error) =
            await RunAsync(Encoding.UTF8.GetBytes(json), "esf", "encode", "--schema", file, "--type", "plant.Blob");
        Assert.Equal((ExitCode.Ok, ""), (code, error));
        Assert.Equal(json + "\n", await DecodeAsync(message, file, "none"));
    }

    [Fact]
    public async Task Encode_rejects_an_object_over_the_limit_without_buffering_it()
    {
        using MemoryStream input = new(Encoding.UTF8.GetBytes("{\"door\":\"" + new string('x', 200) + "\"}"));
        Codec.JsonObjects objects = new(new Codec.InputBuffer(new ChunkedStream(input, 16), () => { }, CancellationToken.None),
            maxBytes: 100);
        CliException refusal = await Assert.ThrowsAsync<CliException>(async () => await objects.MoveNextAsync());
        Assert.Contains("longer than 100 bytes", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(input.Position, 100, 120);
    }

    [Fact]
    public void Encode_and_decode_work_with_redirected_files_and_pipes()
    {
        File.WriteAllText(Path.Combine(_data.Folder, "in.json"), North + "\n" + North + "\n");
        const string Script = """
            set -e; cd "$1"; e() { dotnet "$0" esf "$@"; }
            head -n 1 in.json > one.json
            e encode --schema doors.esf.yaml --type DoorMoved < one.json > one.esf
            e decode --schema later/doors.esf.yaml < one.esf > back.json
            cmp one.json back.json
            e encode --schema doors.esf.yaml --type plant.doors.DoorMoved --framing length < in.json | e decode --schema doors.esf.yaml --framing length | cmp - in.json
            if echo '{"door":1}' | e encode --schema doors.esf.yaml --type DoorMoved > none.esf; then exit 9; else echo refused $?; fi
            test ! -s none.esf
            """;
        ProcessResult result = ChildProcess.Run("/bin/bash", ["-c", Script.ReplaceLineEndings("\n"), BuiltProgram.Cli, _data.Folder]);
        Assert.Equal((0, "refused 1\n"), (result.ExitCode, result.Output));
        Assert.Contains("field 'door': expected a string", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_and_decode_write_each_message_before_they_read_more_input()
    {
        using ChildProcess decode = ChildProcess.Start(
            "/bin/bash",
            ["-c", "dotnet \"$0\" esf encode --schema \"$1\" --type DoorMoved --framing length | dotnet \"$0\" esf decode --schema \"$1\" "
                + "--framing length", BuiltProgram.Cli, _earlier]);
        decode.Input.Write(North);
        decode.Input.Flush();
        decode.WaitForText(North);
        decode.Input.Close();
        Assert.Equal((0, North + "\n"), (decode.WaitForExit().ExitCode, decode.Output));
    }

    [Fact]
    public async Task A_signal_ends_the_command_with_a_failure_exit_code()
    {
        using ChildProcess encode = ChildProcess.StartDotnet(
            BuiltProgram.Cli, ["esf", "decode", "--schema", _earlier, "--framing", "length"]);
        byte[] framed = await EncodeAsync(North, "length", _earlier);
        await encode.Input.BaseStream.WriteAsync(framed);
        await encode.Input.BaseStream.FlushAsync();
        encode.WaitForText(North);
        encode.Signal("TERM");
        ProcessResult result = encode.WaitForExit();
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("Cancelled before the end of the input; 1 written", result.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _data.Dispose();
    }

    private async Task<byte[]> EncodeAsync(string json, string framing, string file, int piece = int.MaxValue)
    {
        (int code, byte[] output, string error) = await RunAsync(
            Encoding.UTF8.GetBytes(json), piece, "esf", "encode", "--schema", file, "--type", "DoorMoved", "--framing", framing);
        Assert.Equal((ExitCode.Ok, ""), (code, error));
        return output;
    }

    private async Task<string> DecodeAsync(byte[] messages, string file, string framing, int piece = int.MaxValue)
    {
        (int code, byte[] output, string error) = await RunAsync(messages, piece, "esf", "decode", "--schema", file, "--framing", framing);
        Assert.Equal((ExitCode.Ok, ""), (code, error));
        return Encoding.UTF8.GetString(output);
    }

    private Task<(int Code, byte[] Output, string Error)> RunAsync(byte[] input, params string[] args)
    {
        return RunAsync(input, int.MaxValue, args);
    }

    private async Task<(int Code, byte[] Output, string Error)> RunAsync(byte[] input, int piece, params string[] args)
    {
        using MemoryStream output = new();
        using StringWriter error = new();
        CliContext context = new()
        {
            Input = new ChunkedStream(new MemoryStream(input), piece),
            Output = output,
            Error = error,
            DataFolder = _data.Folder,
        };
        return (await CliProgram.RunAsync(args, context), output.ToArray(), error.ToString());
    }

    /// <summary>A stream that returns at most a given number of bytes for each read, like a pipe.</summary>
    private sealed class ChunkedStream(Stream inner, int piece) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            return inner.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
        }
    }
}
