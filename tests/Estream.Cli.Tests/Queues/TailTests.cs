using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Crypto;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Cli.Tests;

public sealed class TailTests
{
    private const string CustomSchema =
        "version: \"1.0\"\nnamespace: plant.doors\nschemas:\n  DoorOpened:\n    fields:\n      door: { type: string(16) }\n";

    private const string AudienceSchema = """
        version: "1.0"
        namespace: plant.visits
        schemas:
          Visit:
            fields:
              id: { type: u64 }
              owned: { type: string, optional: true, privacy: { default_level: encrypted, audiences: [{ audience: owner, level: public }] } }
              audited: { type: string, optional: true, privacy: { default_level: encrypted, audiences: [{ audience: auditor, level: public }] } }
        """;

    [Theory]
    [InlineData("yesterday-ish")]
    [InlineData("-5")]
    [InlineData("last:")]
    [InlineData("seq:x")]
    public async Task An_invalid_start_lists_the_valid_forms(string from)
    {
        using SampleData data = new();
        data.AppendReadings(1);
        (await data.RunAsync("tail", "telemetry", $"--from={from}")).AssertFailed(ExitCode.Failed, "start, end, a position", "last:N",
            "seq:N");
    }

    [Fact]
    public async Task A_position_between_messages_is_rejected_with_the_valid_range()
    {
        using SampleData data = new();
        long position = data.AppendReadings(3)[1];
        (await data.RunAsync("tail", "telemetry", "--from", $"{position + 8}")).AssertFailed(ExitCode.Failed, $"{position + 8}", "between");
    }

    [Fact]
    public async Task A_message_that_is_not_ESF_is_shown_as_bytes()
    {
        using SampleData data = new();
        long shortOne = data.AppendBytes(1, 2, 0xFF);
        long unknown = data.AppendBytes([0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE, .. new byte[8]]);

        CliResult result = await data.RunAsync("tail", "telemetry", "--from", "start", "--json");

        string expected =
            $$"""{"position":{{shortOne}},"sequence":0,"time":1700000000000000000,"schema":"","message":{},"error":"shorter than an ESF message header","bytes":"0102ff"}""" + "\n"
            + $$"""{"position":{{unknown}},"sequence":1,"time":1700000000001000000,"schema":"fedcba9876543210","message":{},"error":"no schema has this id; add its file with --schema","bytes":"1032547698badcfe0000000000000000"}""" + "\n";
        Assert.Equal(new CliResult(ExitCode.Ok, expected, ""), result);
    }

    [Fact]
    public async Task A_truncated_message_is_shown_with_the_reason()
    {
        using SampleData data = new();
        byte[] whole = BytesOfAReading();
        data.AppendBytes(whole[..20]);

        CliResult result = await data.RunAsync("tail", "telemetry", "--from", "start", "--json");

        using JsonDocument line = JsonDocument.Parse(Assert.Single(result.Lines));
        Assert.Equal(Convert.ToHexStringLower(whole[..20]), line.RootElement.GetProperty("bytes").GetString());
        Assert.Contains("not a valid IoTTelemetry", line.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Unsealed and truncated messages in the queue are shown without bytes, as JSON and as text.</summary>
    [Theory]
    [InlineData("cut", "not a valid Visit: ")]
    [InlineData("unknown", "no schema has this id")]
    [InlineData("short", "shorter than an ESF message header")]
    public async Task Bytes_of_possibly_private_unencrypted_messages_are_not_shown(string how, string reason)
    {
        const string Canary = "Canaria Kanarienvogel";
        using SampleData data = new();
        string path = data.Write("visits.esf.yaml", AudienceSchema);
        EsfSchema schema = EsfSchemaSet.Load(path).Schemas.Single();
        EsfSchema writer = how == "unknown"
            ? EsfSchema.FromCanonicalText(schema.Definition.CanonicalText.Replace("Visit", "Stay", StringComparison.Ordinal))
            : schema;
        byte[] clear = new byte[500];
        Assert.True(
            EsfJson.TryEncode(writer, Encoding.UTF8.GetBytes($$"""{"id":4,"owned":"{{Canary}}","audited":"x"}"""), clear,
                out int length).IsOk);
        byte[] stored = how == "short" ? Encoding.UTF8.GetBytes(Canary[..15]) : clear[..(length - 1)];
        data.AppendBytes(stored);
        foreach (string[] form in new string[][] { ["--json"], [] })
        {
            CliResult result = await data.RunAsync(["tail", "telemetry", "--from", "start", "--schema", path, .. form]);
            string line = Assert.Single(result.Lines);
            Assert.Contains(reason, line, StringComparison.Ordinal);
            Assert.Contains($"; its {stored.Length} bytes are not shown, because they may contain private values in plaintext", line,
                StringComparison.Ordinal);
            Assert.DoesNotContain(Canary[..15], line, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Canary[..15])), line, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task An_unknown_audience_is_rejected_with_the_known_ones()
    {
        using SampleData data = new();
        data.AppendReadings(1);
        string schema = data.Write("visits.esf.yaml", AudienceSchema);
        (await data.RunAsync("tail", "telemetry", "--audience", "auditr", "--schema", schema)).AssertFailed(ExitCode.Failed, "'auditr'",
            "auditor", "owner");
        (await data.RunAsync("tail", "telemetry", "--audience", "auditor", "--schema", schema, "--keys",
            data.Folder + "/none")).AssertFailed(ExitCode.Failed, "none");
    }

    [Fact]
    public async Task For_an_audience_messages_of_others_are_omitted_and_values_of_others_withheld()
    {
        using SampleData data = new();
        string path = data.Write("visits.esf.yaml", AudienceSchema);
        EsfSchema schema = EsfSchemaSet.Load(path).Schemas.Single();
        using MlKem1024PrivateKey owner = MlKem1024PrivateKey.Generate();
        using MlKem1024PrivateKey auditor = MlKem1024PrivateKey.Generate();
        using EsfSealer sealer = new(schema, EsfAudienceKeys.None.With("owner", owner.PublicKey).With("auditor", auditor.PublicKey));
        foreach (string json in new[] { """{"id":1}""", """{"id":2,"owned":"secret one"}""",
            """{"id":3,"owned":"secret one","audited":"secret two"}""" })
        {
            byte[] clear = new byte[500];
            Assert.True(EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), clear, out int length).IsOk);
            byte[] message = new byte[sealer.MaxSealedLength(length)];
            Assert.True(sealer.Seal(clear.AsSpan(0, length), message, out length).IsOk);
            data.AppendBytes(message[..length]);
        }

        byte[] unsealed = new byte[500];
        Assert.True(EsfJson.TryEncode(schema, """{"id":4,"owned":"not sealed"}"""u8, unsealed, out int unsealedLength).IsOk);
        data.AppendBytes(unsealed[..unsealedLength]);
        data.AppendBytes(1, 2, 3);
        string keys = Path.GetDirectoryName(data.Write("keys/readme", ""))!;
        MlKem1024KeyFile.WritePrivate(Path.Combine(keys, "owner.key.pem"), owner);
        MlKem1024KeyFile.WritePrivate(Path.Combine(keys, "auditor.key.pem"), auditor);

        const string Withheld = """{"$withheld":true}""";
        Assert.Equal(["""{"id":1}""", $$"""{"id":3,"owned":{{Withheld}},"audited":"secret two"}""", "{}"],
            await MessagesAsync("--audience", "auditor", "--keys", keys));
        Assert.Equal(["""{"id":1}""", $$"""{"id":3,"owned":{{Withheld}},"audited":{{Withheld}}}""", "{}"],
            await MessagesAsync("--audience", "auditor"));
        foreach (string[] form in (string[][])[["--json"], []])
        {
            CliResult refused =
                await data.RunAsync(["tail", "telemetry", "--from", "start", "--schema", path, "--audience", "auditor", .. form]);
            Assert.Contains(refused.Lines,
                line => line.Contains("owned", StringComparison.Ordinal) && line.Contains("not sealed", StringComparison.Ordinal));
            Assert.DoesNotContain(Convert.ToHexStringLower("not sealed"u8), refused.Output, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal(4,
            (await MessagesAsync("--audience", "auditor", "--audience", "owner", "--keys", keys)).Count(text => text.Length > 0));

        async Task<string[]> MessagesAsync(params string[] options)
        {
            CliResult result = await data.RunAsync(["tail", "telemetry", "--from", "start", "--json", "--schema", path, .. options]);
            Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
            return [.. result.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetRawText())];
        }
    }

    [Fact]
    public async Task Json_output_is_only_one_object_per_line()
    {
        using SampleData data = new();
        long[] positions = data.AppendReadings(2);

        CliResult result = await data.RunAsync("tail", "telemetry", "--from", "start", "--json");

        string expected =
            $$$"""{"position":{{{positions[0]}}},"sequence":0,"time":1700000000000000000,"schema":"IoTTelemetry","message":{"device_id":"pump-0","timestamp":0,"metric_name":"flow","value":0.5},"address":"/devices/pump-0/telemetry"}""" + "\n"
            + $$$"""{"position":{{{positions[1]}}},"sequence":1,"time":1700000000001000000,"schema":"IoTTelemetry","message":{"device_id":"pump-1","timestamp":1,"metric_name":"flow","value":1.5},"address":"/devices/pump-1/telemetry"}""" + "\n";
        Assert.Equal(new CliResult(ExitCode.Ok, expected, ""), result);
    }

    [Theory]
    [InlineData("--path", "devices/*", "does not begin with '/'")]
    [InlineData("--path", "/devices/pump*", "'pump*'")]
    [InlineData("--lattice", "/devices", "--path")]
    [InlineData("--lattice", "estream..iot", "empty name")]
    [InlineData("--path", "/nobody/*", "No schema matches '/nobody/*'")]
    [InlineData("--where", "no_such_field > 1", "not a condition over the fields of any known schema")]
    public async Task A_pattern_that_cannot_match_is_rejected_with_the_reason(string option, string pattern, string reason)
    {
        using SampleData data = new();
        data.AppendReadings(1);
        (await data.RunAsync("tail", "telemetry", option, pattern)).AssertFailed(ExitCode.Failed, reason);
    }

    [Theory]
    [InlineData(100, "--path", "/devices/*/telemetry")]
    [InlineData(1, "--path", "/devices/pump-42/**")]
    [InlineData(0, "--path", "/devices/pump-100/telemetry")]
    [InlineData(100, "--lattice", "estream.iot.**")]
    [InlineData(0, "--lattice", "estream.iot.alert")]
    [InlineData(1, "--lattice", "estream.**", "--path", "/devices/pump-7/*")]
    [InlineData(100, "--type", "IoTTelemetry")]
    [InlineData(0, "--type", "IoTAlert")]
    [InlineData(10, "--where", "value >= 90")]
    [InlineData(9, "--where", "value > 90.5", "--type", "estream.iot.IoTTelemetry")]
    public async Task Messages_can_be_selected_by_lattice_and_address(int expected, params string[] options)
    {
        using SampleData data = new();
        data.AppendReadings(100);
        data.AppendBytes(1, 2, 3);
        CliResult result = await data.RunAsync(["tail", "telemetry", "--from", "start", .. options]);
        Assert.Equal((ExitCode.Ok, expected), (result.Code, result.Lines.Length));
    }

    [Fact]
    public async Task An_unknown_type_gives_the_nearest_schema()
    {
        using SampleData data = new();
        data.AppendReadings(1);
        (await data.RunAsync("tail", "telemetry", "--type", "IoTTelemetri")).AssertFailed(ExitCode.No,
            "No schema is named 'IoTTelemetri'. Did you mean 'IoTTelemetry'?");
    }

    [Fact]
    public async Task A_pattern_that_no_message_matches_is_reported()
    {
        using SampleData data = new();
        data.AppendReadings(3);
        CliResult result = await data.RunAsync("tail", "telemetry", "--path", "/devices/pump-100/telemetry");
        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Output));
        Assert.StartsWith("estream: none of the 3 messages matches.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 10, "--limit", "10", "--from", "start")]
    [InlineData(1_990, 10, "-n", "10")]
    [InlineData(1_990, 10, "--last", "10")]
    [InlineData(0, 0, "-n", "0")]
    [InlineData(1_000, 1_000, "--since", "1s")]
    [InlineData(0, 2_000, "--since", "5m")]
    [InlineData(1_000, 7, "--since", "1s", "--limit", "7")]
    public async Task Tail_begins_and_ends_where_the_options_say(long first, int count, params string[] options)
    {
        using SampleData data = new();
        data.AppendReadings(2_000);
        data.CommandClock = data.Clock;
        CliResult result = await data.RunAsync(["tail", "telemetry", .. options]);
        Assert.Equal((ExitCode.Ok, count), (result.Code, result.Lines.Length));
        Assert.StartsWith(count == 0 ? "" : $"{first}  ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_output_is_readable()
    {
        using SampleData data = new();
        data.AppendReadings(1);
        CliResult result = await data.RunAsync("tail", "telemetry");
        Assert.Equal(
            """0  2023-11-14T22:13:20.000Z  IoTTelemetry  {"device_id":"pump-0","timestamp":0,"metric_name":"flow","value":0.5}""" + "\n",
            result.Output);
    }

    [Theory]
    [InlineData("start", 0, 2_000)]
    [InlineData("end", 0, 0)]
    [InlineData("last:3", 1_997, 3)]
    [InlineData("last:0", 0, 0)]
    [InlineData("last:9999999", 0, 2_000)]
    [InlineData("seq:0", 0, 2_000)]
    [InlineData("seq:1234", 1_234, 766)]
    [InlineData("seq:2000", 0, 0)]
    [InlineData("2023-11-14T22:13:21Z", 1_000, 1_000)]
    [InlineData("1970-01-01", 0, 2_000)]
    [InlineData("2100-01-01T00:00:00Z", 0, 0)]
    [InlineData("2500-01-01T00:00:00Z", 0, 0)]
    [InlineData("1500-01-01", 0, 2_000)]
    public async Task Tail_starts_at_the_requested_position(string from, int firstSequence, int count)
    {
        using SampleData data = new();
        data.AppendReadings(2_000);

        CliResult result = await data.RunAsync("tail", "telemetry", "--from", from, "--json");

        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
        Assert.Equal(Enumerable.Range(firstSequence, count), result.Lines.Select(SequenceOf));
    }

    [Fact]
    public async Task A_printed_position_can_be_used_as_start()
    {
        using SampleData data = new();
        long position = data.AppendReadings(2_000)[1_500];
        CliResult result = await data.RunAsync("tail", "telemetry", "--from", position.ToString(CultureInfo.InvariantCulture), "--json");
        Assert.Equal(Enumerable.Range(1_500, 500), result.Lines.Select(SequenceOf));
    }

    [Fact]
    public async Task Tail_without_a_start_shows_the_last_ten_messages()
    {
        using SampleData data = new();
        data.AppendReadings(25);
        Assert.Equal(Enumerable.Range(15, 10), (await data.RunAsync("tail", "telemetry", "--json")).Lines.Select(SequenceOf));
    }

    [Fact]
    public async Task Schemas_beside_the_data_or_on_the_command_line_decode_other_messages()
    {
        using SampleData data = new();
        string file = data.Write("elsewhere/doors.esf.yaml", CustomSchema);
        data.AppendBytes(EncodeDoor(file));

        Assert.Contains("\"error\":\"no schema", (await data.RunAsync("tail", "telemetry", "--json")).Output, StringComparison.Ordinal);
        CliResult named = await data.RunAsync("tail", "telemetry", "--json", "--schema", file);
        Assert.EndsWith("\"schema\":\"DoorOpened\",\"message\":{\"door\":\"north\"}}\n", named.Output, StringComparison.Ordinal);
        data.Write("schemas/doors.esf.yaml", CustomSchema);
        Assert.Equal(named, await data.RunAsync("tail", "telemetry", "--json"));
    }

    [Fact]
    public async Task A_message_of_another_version_is_decoded_with_the_known_version()
    {
        using SampleData data = new();
        string file = data.Write("doors.esf.yaml", CustomSchema);
        string later = data.Write("doors-2.esf.yaml", CustomSchema + "      force: { type: u8, optional: true }\n");
        data.AppendBytes(EncodeDoor(later));
        data.AppendBytes(EncodeDoor(file));
        foreach (string known in new[] { file, later })
        {
            CliResult tail = await data.RunAsync("tail", "telemetry", "--json", "--schema", known);
            Assert.Equal(2, tail.Lines.Length);
            Assert.All(tail.Lines,
                line => Assert.EndsWith("\"schema\":\"DoorOpened\",\"message\":{\"door\":\"north\"}}", line, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_missing_or_invalid_schema_file_is_reported_in_one_line()
    {
        using SampleData data = new();
        data.AppendReadings(1);
        (await data.RunAsync("tail", "telemetry", "--schema", "gone.esf.yaml")).AssertFailed(ExitCode.Failed, "gone.esf.yaml");
        string wrong = data.Write("wrong.esf.yaml", "version: \"9\"\n");
        (await data.RunAsync("tail", "telemetry", "--schema", wrong)).AssertFailed(ExitCode.Failed, wrong, "1.0");
    }

    [Fact]
    public async Task Follow_shows_new_messages_until_it_is_stopped()
    {
        using SampleData data = new();
        data.AppendReadings(2);
        using ChildProcess tail = ChildProcess.StartDotnet(
            BuiltProgram.Cli, ["tail", "telemetry", "--from", "start", "--follow", "--json"], environment: Environment(data));
        tail.WaitForText("\"sequence\":1,");
        data.AppendReadings(1);
        tail.WaitForText("\"sequence\":2,");
        tail.Signal("TERM");
        ProcessResult result = tail.WaitForExit();
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(3, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void A_closed_output_pipe_ends_tail_silently()
    {
        using SampleData data = new();
        data.AppendReadings(20_000);
        ProcessResult result = ChildProcess.Run(
            "/bin/bash",
            ["-c", "set -o pipefail; dotnet \"$0\" tail telemetry --from start --follow --json | head -n 1; echo codes ${PIPESTATUS[*]}",
                BuiltProgram.Cli],
            environment: Environment(data));
        Assert.Equal("", result.Error);
        Assert.EndsWith("\ncodes 0 0\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Output_to_a_file_keeps_what_others_append()
    {
        using SampleData data = new();
        data.AppendReadings(1);
        string file = Path.Combine(data.Folder, "out");
        ChildProcess.Run(
            "/bin/bash", ["-c", "(echo before; dotnet \"$0\" tail telemetry --json; echo after) > \"$1\"", BuiltProgram.Cli, file],
            environment: Environment(data))
            .EnsureSuccess();
        string[] lines = File.ReadAllLines(file);
        Assert.Equal(("before", "after", 3), (lines[0], lines[^1], lines.Length));
    }

    [Fact]
    public void Reading_changes_nothing_on_disk()
    {
        using SampleData data = new();
        data.AppendReadings(10);
        string before = Fingerprint(data.Folder);
        ChildProcess.Run("chmod", ["-R", "a-w", data.QueueFolder]).EnsureSuccess();
        ChildProcess.Run("dotnet", [BuiltProgram.Cli, "tail", "telemetry", "--from", "start"], environment: Environment(data))
            .EnsureSuccess();
        ChildProcess.Run("dotnet", [BuiltProgram.Cli, "queue", "verify", "telemetry"], environment: Environment(data)).EnsureSuccess();
        Assert.Equal(before, Fingerprint(data.Folder));
    }

    private static int SequenceOf(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("sequence").GetInt32();
    }

    private static Dictionary<string, string?> Environment(SampleData data)
    {
        return new Dictionary<string, string?> { ["ESTREAM_DATA"] = data.Folder };
    }

    private static string Fingerprint(string folder)
    {
        IEnumerable<string> files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
        return string.Join('\n',
            files.Select(file => $"{file} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}"));
    }

    private static byte[] EncodeDoor(string schemaFile)
    {
        byte[] message = new byte[256];
        Esf.EsfSchema schema = Esf.EsfSchemaSet.Load(schemaFile).Schemas[0];
        Assert.True(Esf.EsfJson.TryEncode(schema, "{\"door\":\"north\"}"u8, message, out int length).IsOk);
        return message[..length];
    }

    private static byte[] BytesOfAReading()
    {
        using SampleData data = new();
        data.AppendReadings(1);
        using Queue.EstreamQueue queue = Queue.EstreamQueue.OpenReadOnly(data.QueueFolder);
        using Queue.QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out Queue.QueueMessage message));
        return message.Payload.ToArray();
    }
}
