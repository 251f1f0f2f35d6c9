namespace Estream.Cli.Tests;

public sealed class SchemaPublishTests
{
    private const string Doors =
        "version: \"1.0\"\nnamespace: plant.doors\nschemas:\n  DoorOpened:\n    fields:\n      door: { type: string(16) }\n";
    private const string Grown = Doors + "      at: { type: timestamp, optional: true }\n";
    private const string Broken = Doors + "      at: { type: timestamp }\n";
    private const string Renamed =
        "version: \"1.0\"\nnamespace: plant.doors\nschemas:\n  DoorMoved:\n    fields:\n      door: { type: string(16) }\n";

    [Fact]
    public async Task A_file_that_is_not_a_schema_file_gets_no_lock()
    {
        using SampleData data = new();
        string file = data.Write("doors.yaml", Doors);
        (await data.RunAsync("schema", "publish", file)).AssertFailed(ExitCode.Failed, file, ".esf.yaml");
        (await data.RunAsync("schema", "publish", "gone.esf.yaml")).AssertFailed(ExitCode.Failed, "gone.esf.yaml");
    }

    [Fact]
    public async Task A_breaking_change_is_listed_and_no_lock_is_written()
    {
        using SampleData data = new();
        string file = data.Write("doors.esf.yaml", Doors);
        string other = data.Write("other.esf.yaml", Doors.Replace("doors", "others", StringComparison.Ordinal));
        await data.RunAsync("schema", "publish", file);
        string before = File.ReadAllText(LockOf(file));
        File.WriteAllText(file, Broken);

        foreach (string command in new[] { "check", "publish" })
        {
            CliResult result = await data.RunAsync("schema", command, file, other);
            Assert.Equal((ExitCode.No, ""), (result.Code, result.Error));
            Assert.StartsWith($"{file}(7,7): error ESF026: Field 'DoorOpened.at' is new and required", result.Lines[0],
                StringComparison.Ordinal);
        }

        Assert.Equal(before, File.ReadAllText(LockOf(file)));
        Assert.False(File.Exists(LockOf(other)));
    }

    [Fact]
    public async Task An_edited_lock_is_reported_with_its_line()
    {
        using SampleData data = new();
        string file = data.Write("doors.esf.yaml", Doors);
        await data.RunAsync("schema", "publish", file);
        File.WriteAllText(LockOf(file), File.ReadAllText(LockOf(file)).Replace("string(16)", "string(17)", StringComparison.Ordinal));
        foreach (string command in new[] { "check", "publish" })
        {
            CliResult result = await data.RunAsync("schema", command, file);
            Assert.Equal((ExitCode.No, ""), (result.Code, result.Error));
            Assert.StartsWith($"{LockOf(file)}(2,1): error ESF030", result.Lines[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Each_published_schema_is_reported_once()
    {
        using SampleData data = new();
        string file = data.Write("doors.esf.yaml", Doors);
        Assert.Equal([$"{file}: ok, plant.doors.DoorOpened"], (await data.RunAsync("schema", "check", file)).Lines);
        Assert.Matches(@"published, plant\.doors\.DoorOpened version 1 \([0-9a-f]{16}\)$",
            Assert.Single((await data.RunAsync("schema", "publish", file)).Lines));
        string first = File.ReadAllText(LockOf(file));
        Assert.Equal([$"{file}: nothing to publish"], (await data.RunAsync("schema", "publish", file)).Lines);

        File.WriteAllText(file, Grown);
        CliResult check = await data.RunAsync("schema", "check", file);
        Assert.Equal(ExitCode.Ok, check.Code);
        Assert.Equal([$"{file}: ok, plant.doors.DoorOpened", $"{file}: changed since the last publish, plant.doors.DoorOpened"],
            check.Lines);
        Assert.Contains(" version 2 (", Assert.Single((await data.RunAsync("schema", "publish", file)).Lines), StringComparison.Ordinal);
        string second = File.ReadAllText(LockOf(file));
        Assert.StartsWith(first, second, StringComparison.Ordinal);
        Assert.EndsWith(" esf1 plant.doors.DoorOpened{door:string(16),at?:timestamp}\n", second, StringComparison.Ordinal);
        Assert.Equal(["doors.esf.lock", "doors.esf.yaml"],
            Directory.GetFiles(Path.GetDirectoryName(file)!).Select(Path.GetFileName)
                .Where(name => name!.StartsWith("doors", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_imported_file_is_read_and_not_changed()
    {
        using SampleData data = new();
        string manifest = data.Write("parts/estream-component.toml",
            "[component]\nname = \"esf-parts\"\nversion = \"1.2.0\"\n[component.schemas]\nprovides = [\"Part\"]\nrequires = []\n");
        string pack = data.Write("parts/part.esf.yaml",
            "version: \"1.0\"\nnamespace: plant.parts\nschemas:\n  Part:\n    fields:\n      side: { type: Side }\nenums:\n  Side: { "
            + "values: [Left, Right] }\n");
        string file = data.Write("doors.esf.yaml",
            Doors.Replace("schemas:", "imports:\n  - { pack: esf-parts, version: \"^1.0\" }\nschemas:", StringComparison.Ordinal)
                + "      hinge: { type: esf-parts.Side }\n");

        foreach (string command in new[] { "check", "publish" })
        {
            CliResult alone = await data.RunAsync("schema", command, file);
            Assert.Equal(ExitCode.No, alone.Code);
            Assert.Contains("esf-parts", alone.Lines[0], StringComparison.Ordinal);
            Assert.Equal(ExitCode.Ok, (await data.RunAsync("schema", command, file, "--import", manifest, "--import", pack)).Code);
        }

        Assert.Contains("hinge:enum Side{Left,Right}", File.ReadAllText(LockOf(file)), StringComparison.Ordinal);
        Assert.False(File.Exists(LockOf(pack)));
        Assert.Equal(ExitCode.Ok,
            (await data.RunAsync("schema", "show", "DoorOpened", "--schema", file, "--schema", manifest, "--schema", pack)).Code);
    }

    [Fact]
    public async Task A_schema_is_removed_only_by_name()
    {
        using SampleData data = new();
        string file = data.Write("doors.esf.yaml", Doors);
        await data.RunAsync("schema", "publish", file);
        (await data.RunAsync("schema", "publish", "--remove", "plant.doors.DoorOpened", file)).AssertFailed(ExitCode.No, "still in", file);
        (await data.RunAsync("schema", "publish", "--remove", "plant.doors.Nothing", file)).AssertFailed(ExitCode.No,
            "'plant.doors.Nothing'");

        File.WriteAllText(file, Renamed);
        CliResult refused = await data.RunAsync("schema", "publish", file);
        Assert.Equal(ExitCode.No, refused.Code);
        Assert.Contains("error ESF028: Schema 'plant.doors.DoorOpened' was published but is not in this file", refused.Lines[0],
            StringComparison.Ordinal);

        CliResult result = await data.RunAsync("schema", "publish", file, "--remove", "plant.doors.DoorOpened");
        Assert.Equal(ExitCode.Ok, result.Code);
        Assert.Equal($"{file}: removed, plant.doors.DoorOpened", result.Lines[0]);
        Assert.Contains(": published, plant.doors.DoorMoved version 1 (", result.Lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain("DoorOpened", File.ReadAllText(LockOf(file)), StringComparison.Ordinal);
    }

    private static string LockOf(string file) => Path.ChangeExtension(file, ".lock");
}
