using System.Text;
using Estream.Crypto;

namespace Estream.Cli.Tests;

/// <summary>`estream esf encode` and `decode` with several schema files: one imports from the pack of another, and two have a schema with
/// the same short name.</summary>
public sealed class EsfSeveralSchemasTests : IDisposable
{
    private const string Manifest =
        "[component]\nname = \"esf-parts\"\nversion = \"1.2.0\"\n[component.schemas]\nprovides = [\"Part\"]\nrequires = []\n";

    private const string Parts =
        "version: \"1.0\"\nnamespace: plant.parts\nschemas:\n  Part:\n    fields:\n      side: { type: Side }\nenums:\n  Side: { values: "
        + "[Left, Right] }\n";

    private const string Doors =
        "version: \"1.0\"\nnamespace: plant.doors\nimports:\n  - { pack: esf-parts, version: \"^1.0\" }\nschemas:\n  DoorMoved:\n    "
        + "fields:\n      door: { type: string(16) }\n      hinge: { type: esf-parts.Side }\n";

    private const string Gates =
        "version: \"1.0\"\nnamespace: garden.gates\nschemas:\n  DoorMoved:\n    fields:\n      gate: { type: u8 }\n";

    private const string Visits =
        "version: \"1.0\"\nnamespace: plant.visits\nschemas:\n  Visit:\n    fields:\n      id: { type: u64 }\n      badge: { type: "
        + "string(16), optional: true, privacy: encrypted }\n";

    private readonly SampleData _data = new();
    private readonly string[] _earlier;
    private readonly string[] _later;

    public EsfSeveralSchemasTests()
    {
        _earlier = Files("earlier", Manifest, Parts, Doors);
        _later = Files(
            "later",
            Manifest.Replace("1.2.0", "1.3.0", StringComparison.Ordinal),
            Parts.Replace("Right]", "Right, Top]", StringComparison.Ordinal),
            Doors + "      force: { type: f64, optional: true }\n");
    }

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task An_ambiguous_schema_name_must_be_qualified()
    {
        (int code, byte[] output, string error) =
            await RunAsync("""{"gate":7}"""u8.ToArray(), ["esf", "encode", .. _earlier, "--type", "DoorMoved"]);
        new CliResult(code, Encoding.Latin1.GetString(output), error)
            .AssertFailed(ExitCode.No, "Several schemas are named 'DoorMoved'", "plant.doors.DoorMoved or garden.gates.DoorMoved");
        byte[] gate = await EncodeAsync(_earlier, "garden.gates.DoorMoved", """{"gate":7}""");
        byte[] door = await EncodeAsync(_earlier, "plant.doors.DoorMoved", """{"door":"n","hinge":"Right"}""");
        Assert.Equal("{\"gate\":7}\n{\"door\":\"n\",\"hinge\":\"Right\"}\n", await DecodeAsync([.. gate, .. door], _earlier));
    }

    [Fact]
    public async Task Encode_requires_imported_schema_files_and_uses_each_type_of_a_shared_name_from_its_own_file()
    {
        string[] withoutPack = [_earlier[4], _earlier[5]];
        (int code, _, string error) = await RunAsync([], ["esf", "encode", .. withoutPack, "--type", "DoorMoved"]);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("esf-parts", error, StringComparison.Ordinal);
        (code, byte[] output, error) = await RunAsync(
            """{"side":"Left"}"""u8.ToArray(), ["esf", "encode", .. _earlier, "--type", "plant.doors.DoorMoved"]);
        Assert.Equal((ExitCode.No, 0), (code, output.Length));
        Assert.Contains("no field 'side'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_of_several_schemas_and_versions_is_decoded_by_the_message_headers()
    {
        byte[] stream =
        [
            .. await EncodeAsync(_earlier, "plant.doors.DoorMoved", """{"door":"a","hinge":"Left"}"""),
            .. await EncodeAsync(_later, "plant.doors.DoorMoved", """{"door":"b","hinge":"Top","force":1.5}"""),
            .. await EncodeAsync(_later, "Part", """{"side":"Top"}"""),
            .. await EncodeAsync(_later, "garden.gates.DoorMoved", """{"gate":7}"""),
            .. await EncodeAsync(_earlier, "Part", """{"side":"Right"}"""),
        ];
        string[] early =
            ["""{"door":"a","hinge":"Left"}""", """{"door":"b","hinge":2}""", """{"side":2}""", """{"gate":7}""", """{"side":"Right"}"""];
        string[] late = ["""{"door":"a","hinge":"Left"}""", """{"door":"b","hinge":"Top","force":1.5}""", """{"side":"Top"}""",
            """{"gate":7}""", """{"side":"Right"}"""];
        Assert.Equal(Lines(early), await DecodeAsync(stream, _earlier));
        Assert.Equal(Lines(late), await DecodeAsync(stream, _later));

        (int code, byte[] output, string error) = await RunAsync(
            stream, ["esf", "decode", .. _later, "--type", "plant.doors.DoorMoved", "--framing", "length"]);
        Assert.Equal((ExitCode.No, Lines(late[..2])), (code, Encoding.UTF8.GetString(output)));
        Assert.Contains("message 3 at byte", error, StringComparison.Ordinal);
        Assert.Contains("belongs to another schema", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_can_mix_sealed_and_unencrypted_messages_of_several_versions()
    {
        string folder = Path.GetDirectoryName(_data.Write("keys/readme", ""))!;
        using (MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate())
        {
            MlKem1024KeyFile.WritePublic(Path.Combine(folder, "default.pub.pem"), key.PublicKey);
            MlKem1024KeyFile.WritePrivate(Path.Combine(folder, "default.key.pem"), key);
        }

        string[] earlier = [.. _earlier, "--schema", _data.Write("earlier/visits.esf.yaml", Visits)];
        string[] later =
            [.. _later, "--schema", _data.Write("later/visits.esf.yaml", Visits + "      room: { type: u16, optional: true }\n")];
        string[] keys = ["--keys", folder];
        byte[] stream =
        [
            .. await EncodeAsync(earlier, "plant.doors.DoorMoved", """{"door":"a","hinge":"Left"}"""),
            .. await EncodeAsync([.. earlier, .. keys], "Visit", """{"id":1,"badge":"badge-1"}"""),
            .. await EncodeAsync([.. later, .. keys], "Visit", """{"id":2,"badge":"badge-2","room":7}"""),
            .. await EncodeAsync(later, "garden.gates.DoorMoved", """{"gate":7}"""),
            .. await EncodeAsync([.. later, .. keys], "Visit", """{"id":3,"room":8}"""),
        ];
        Assert.Equal(-1, stream.AsSpan().IndexOf("badge-"u8));
        const string Door = """{"door":"a","hinge":"Left"}""";
        const string Gate = """{"gate":7}""";
        Assert.Equal(
            Lines([Door, """{"id":1,"badge":{"$withheld":true}}""", """{"id":2,"badge":{"$withheld":true}}""", Gate, """{"id":3}"""]),
            await DecodeAsync(stream, earlier));
        Assert.Equal(
            Lines([Door, """{"id":1,"badge":"badge-1"}""", """{"id":2,"badge":"badge-2"}""", Gate, """{"id":3}"""]),
            await DecodeAsync(stream, [.. earlier, .. keys]));
        Assert.Equal(
            Lines([Door, """{"id":1,"badge":"badge-1"}""", """{"id":2,"badge":"badge-2","room":7}""", Gate, """{"id":3,"room":8}"""]),
            await DecodeAsync(stream, [.. later, .. keys]));
    }

    private static string Lines(string[] lines) => string.Concat(lines.Select(line => line + "\n"));

    /// <summary>The files as options: the pack, a file that imports from it, and an unrelated file.</summary>
    private string[] Files(string folder, string manifest, string parts, string doors)
    {
        return
        [
            "--schema", _data.Write($"{folder}/parts/estream-component.toml", manifest),
            "--schema", _data.Write($"{folder}/parts/part.esf.yaml", parts),
            "--schema", _data.Write($"{folder}/doors.esf.yaml", doors),
            "--schema", _data.Write($"{folder}/gates.esf.yaml", Gates),
        ];
    }

    private async Task<byte[]> EncodeAsync(string[] files, string type, string json)
    {
        (int code, byte[] output, string error) =
            await RunAsync(Encoding.UTF8.GetBytes(json), ["esf", "encode", .. files, "--type", type, "--framing", "length"]);
        Assert.Equal((ExitCode.Ok, ""), (code, error));
        return output;
    }

    private async Task<string> DecodeAsync(byte[] messages, string[] files)
    {
        (int code, byte[] output, string error) = await RunAsync(messages, ["esf", "decode", .. files, "--framing", "length"]);
        Assert.Equal((ExitCode.Ok, ""), (code, error));
        return Encoding.UTF8.GetString(output);
    }

    private async Task<(int Code, byte[] Output, string Error)> RunAsync(byte[] input, string[] args)
    {
        using MemoryStream output = new();
        using StringWriter error = new();
        CliContext context = new() { Input = new MemoryStream(input), Output = output, Error = error, DataFolder = _data.Folder };
        return (await CliProgram.RunAsync(args, context), output.ToArray(), error.ToString());
    }
}
