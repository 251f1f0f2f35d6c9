using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>The journey of an operator without .NET: unpack the archive that deploy/publish.sh creates, start the host in an empty folder,
/// and ask for its status. The programs are published once for all tests.</summary>
[Collection(PublishedCollection.Name)]
public sealed class ArchiveTests(PublishedArchive archive) : IClassFixture<PublishedArchive>
{
    [Fact]
    public void Unpacked_host_starts_in_an_empty_folder_and_the_native_command_line_reads_it()
    {
        string folder = archive.Folder("run");
        int http = FreePort.Next();
        Dictionary<string, string?> environment = new(archive.Environment)
        {
            ["ESTREAM_HTTP_PORT"] = http.ToString(CultureInfo.InvariantCulture),
            ["ESTREAM_MQTT_PORT"] = FreePort.Next().ToString(CultureInfo.InvariantCulture),
        };
        using ChildProcess host = ChildProcess.Start(archive.Estream, ["host", "run"], folder, environment);
        host.WaitForText("Ready: ", ChildProcess.DefaultLimit);

        string status = archive.Run(folder, environment, "status", "--host", $"http://127.0.0.1:{http}");
        Assert.Contains("telemetry", status, StringComparison.Ordinal);
        Assert.Contains("devices", status, StringComparison.Ordinal);
        Assert.Contains("telemetry", archive.Run(folder, environment, "queue", "list"), StringComparison.Ordinal);
        Assert.Contains("IoTTelemetry", archive.Run(folder, environment, "schema", "list"), StringComparison.Ordinal);
        Assert.Equal("", archive.Run(folder, environment, "tail", "telemetry"));
        Assert.True(File.Exists(Path.Combine(archive.Path, "lib", "wwwroot", "index.html")), "the console");

        host.Signal("TERM");
        Assert.Equal(0, host.WaitForExit().ExitCode);
    }

    [Fact]
    public void Default_configuration_is_valid_and_the_unit_runs_the_programs_of_the_archive()
    {
        archive.Run(archive.Folder("check"), archive.Environment, "host", "check", "--config",
            Path.Combine(archive.Path, "etc", "estream.json"));
        string unit = File.ReadAllText(Path.Combine(archive.Path, "systemd", "estream.service"));
        Assert.Contains("ExecStart=/opt/estream/bin/estream host run", unit, StringComparison.Ordinal);
        string readme = File.ReadAllText(Path.Combine(archive.Path, "README.md"));
        Assert.Contains("cp -r bin lib", readme, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(archive.Path, "LICENSE")));
    }

    /// <summary>The native binary leaves help and most commands to the managed program in lib.</summary>
    [Fact]
    public void Native_and_managed_command_line_are_one_program()
    {
        string folder = archive.Folder("help"), managed = Path.Combine(archive.Path, "lib", "estream");
        string Managed(params string[] arguments) =>
            ChildProcess.Run(managed, arguments, folder, archive.Environment).EnsureSuccess().Output;

        Assert.Equal(Managed("--version"), archive.Run(folder, archive.Environment, "--version"));
        Assert.Equal(Managed("--help"), archive.Run(folder, archive.Environment, "--help"));
        Assert.Equal(Managed("tail", "--help"), archive.Run(folder, archive.Environment, "tail", "--help"));
        Assert.Equal(Managed("fhir", "--help"), archive.Run(folder, archive.Environment, "fhir", "--help"));
        ProcessResult wrong = ChildProcess.Run(archive.Estream, ["tial"], folder, archive.Environment);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("tail", wrong.Error, StringComparison.Ordinal);
        string alone = Path.Combine(folder, "estream");
        File.Copy(archive.Estream, alone);
        ProcessResult missing = ChildProcess.Run(alone, ["fhir"], folder, archive.Environment);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("Unpack the whole archive", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Bill_of_materials_lists_every_assembly_with_its_package_and_hash()
    {
        using JsonDocument bom = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(archive.Path, "sbom.cdx.json")));
        JsonElement root = bom.RootElement;
        Assert.Equal(("CycloneDX", "1.6"), (root.GetProperty("bomFormat").GetString(), root.GetProperty("specVersion").GetString()));
        Assert.Matches("^urn:uuid:[0-9a-f-]{36}$", root.GetProperty("serialNumber").GetString());
        JsonElement[] components = [.. root.GetProperty("components").EnumerateArray()];
        HashSet<string> refs = [root.GetProperty("metadata").GetProperty("component").GetProperty("bom-ref").GetString()!];
        Assert.All(components, component =>
        {
            string purl = component.GetProperty("purl").GetString()!;
            Assert.Matches("^pkg:(nuget|npm)/[^@]+@[0-9][^@]*$", purl);
            Assert.True(refs.Add(component.GetProperty("bom-ref").GetString()!), purl);
            bool isOwn = purl.StartsWith("pkg:nuget/Estream.", StringComparison.Ordinal)
                || component.GetProperty("type").GetString() == "framework";
            Assert.Equal(isOwn ? 0 : 1, component.TryGetProperty("hashes", out JsonElement hashes) ? hashes.GetArrayLength() : 0);
            Assert.True(isOwn || Regex.IsMatch(hashes[0].GetProperty("content").GetString()!, "^[0-9a-f]{128}$"), purl);
        });
        Assert.All(root.GetProperty("dependencies").EnumerateArray(), dependency =>
            Assert.All(dependency.GetProperty("dependsOn").EnumerateArray().Append(dependency.GetProperty("ref")),
                one => Assert.Contains(one.GetString()!, refs)));
        using JsonDocument host = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(archive.Path, "lib", "Estream.Host.deps.json")));
        string[] names = [.. components.Select(component => component.GetProperty("purl").GetString()!.ToUpperInvariant())];
        Assert.All(host.RootElement.GetProperty("libraries").EnumerateObject(), library =>
            Assert.Contains("pkg:nuget/" + library.Name.Replace("runtimepack.", "", StringComparison.Ordinal).Replace('/', '@'), names,
                StringComparer.OrdinalIgnoreCase));
    }
}

/// <summary>The unpacked archive of deploy/publish.sh.</summary>
public sealed class PublishedArchive : IDisposable
{
    private const string Name = "estream-linux-x64";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(14);

    private readonly TempDirectory _place = new();

    public PublishedArchive()
    {
        ChildProcess.Run("bash", [RepositoryRoot.Combine("deploy", "publish.sh")], limit: s_limit).EnsureSuccess();
        ChildProcess.Run("tar", ["-xzf", RepositoryRoot.Combine("artifacts", Name + ".tar.gz"), "-C", _place.Path]).EnsureSuccess();
    }

    /// <summary>The folder of the unpacked archive.</summary>
    public string Path => _place.Combine(Name);

    /// <summary>The native command line.</summary>
    public string Estream => System.IO.Path.Combine(Path, "bin", "estream");

    /// <summary>Variables of a machine without .NET: the programs find no runtime but their own.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>
    {
        ["DOTNET_ROOT"] = "/nonexistent", ["PATH"] = "/usr/bin:/bin", ["ESTREAM_DATA"] = null, ["ESTREAM_HOST_PROGRAM"] = null,
    };

    /// <summary>Creates an empty folder.</summary>
    public string Folder(string name) => Directory.CreateDirectory(_place.Combine(name)).FullName;

    /// <summary>Runs the native command line and returns its output.</summary>
    public string Run(string folder, IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        ChildProcess.Run(Estream, arguments, folder, environment).EnsureSuccess().Output;

    public void Dispose() => _place.Dispose();
}
