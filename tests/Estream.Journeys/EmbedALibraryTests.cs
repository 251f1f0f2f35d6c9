using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>The journey of a developer who embeds the libraries: packages, an empty app outside this repository, and a custom schema. The
/// tests pack the libraries, restore the app from the packed and the public feed, build it and run it.</summary>
[Collection(PackedFeedCollection.Name)]
public sealed class EmbedALibraryTests(PackedFeed feed)
{
    [Fact]
    public void Empty_app_restores_the_packages_compiles_its_schema_and_runs()
    {
        using TempDirectory place = new();
        string app = WriteApp(place);

        feed.Dotnet(app, "build", "-c", "Release", "--nologo", "-v", "q").EnsureSuccess();
        string assembly = Path.Combine(app, "bin", "Release", "net10.0", "app.dll");
        ProcessResult run = ChildProcess.Run("dotnet", [assembly, place.Combine("data")]).EnsureSuccess();

        Assert.Equal("10 meters; meter-7: True 1700000000000000997 249.25 Night\n", run.Output);
    }

    [Fact]
    public void Schema_error_is_a_compiler_error_with_its_line()
    {
        using TempDirectory place = new();
        string app = WriteApp(place);
        string schema = Path.Combine(app, "meters.esf.yaml");
        File.WriteAllText(schema, File.ReadAllText(schema).Replace("type: timestamp", "type: timestmp", StringComparison.Ordinal));

        ProcessResult build = feed.Dotnet(app, "build", "-c", "Release", "--nologo", "-v", "q");

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains("meters.esf.yaml(14,", build.Output, StringComparison.Ordinal);
        Assert.Contains("timestamp", build.Output, StringComparison.Ordinal);
    }

    /// <summary>The lock file is found both for default schema files and next to a file that the project lists explicitly.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(
        "<EnableDefaultEsfItems>false</EnableDefaultEsfItems></PropertyGroup><ItemGroup><AdditionalFiles Include=\"meters.esf.yaml\" "
        + "/></ItemGroup><PropertyGroup>")]
    public void Breaking_change_of_a_published_schema_is_a_compiler_error_with_its_line(string properties)
    {
        using TempDirectory place = new();
        string app = WriteApp(place);
        string schema = Path.Combine(app, "meters.esf.yaml");
        string project = Path.Combine(app, "app.csproj");
        File.WriteAllText(project,
            File.ReadAllText(project).Replace("</PropertyGroup>", properties + "</PropertyGroup>", StringComparison.Ordinal));
        ChildProcess.Run("dotnet", [BuiltProgram.Cli, "schema", "publish", schema]).EnsureSuccess();
        File.WriteAllText(schema, File.ReadAllText(schema).Replace("kwh: { type: f64 }", "kwh: { type: f32 }", StringComparison.Ordinal));

        ProcessResult build = feed.Dotnet(app, "build", "-c", "Release", "--nologo", "-v", "q");

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains("meters.esf.yaml(15,", build.Output, StringComparison.Ordinal);
        Assert.Contains("ESF023", build.Output, StringComparison.Ordinal);
        Assert.Contains("MeterReading.kwh", build.Output, StringComparison.Ordinal);
    }

    /// <summary>No package outside Estream is restored, and no library that an embedded queue or map does not use.</summary>
    [Theory]
    [InlineData("Estream.Queue", "Estream.Core Estream.Queue")]
    [InlineData("Estream.Map", "Estream.Core Estream.Map")]
    [InlineData("Estream.Client", "Estream.Client Estream.Core")]
    [InlineData("Estream.Esf.Iot", "Estream.Core Estream.Crypto Estream.Esf Estream.Esf.Iot Estream.Esf.Schema")]
    [InlineData("Estream.Streams",
        "Estream.Core Estream.Crypto Estream.Esf Estream.Esf.Schema Estream.Map Estream.Queue Estream.Streams")]
    public void Hello_world_restores_only_the_packages_it_uses(string package, string restored)
    {
        using TempDirectory place = new();
        string app = WriteApp(place, "Console.WriteLine();", [package]);

        feed.Dotnet(app, "restore", "--nologo", "-v", "q").EnsureSuccess();

        using JsonDocument assets = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(app, "obj", "project.assets.json")));
        IEnumerable<string> names =
            assets.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name.Split('/')[0]);
        Assert.Equal(restored, string.Join(' ', names.Order(StringComparer.Ordinal)));
    }

    /// <summary>The compiler loads the generator and its libraries from one folder of the package.</summary>
    [Fact]
    public void Generator_brings_only_the_schema_language()
    {
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(feed.Path, $"Estream.Esf.{PackedFeed.Version}.nupkg"));

        Assert.Equal(
            ["analyzers/dotnet/cs/Estream.Esf.Generator.dll", "analyzers/dotnet/cs/Estream.Esf.Schema.dll"],
            package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith("analyzers/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void All_libraries_are_packages_that_build_together()
    {
        Assert.Equal(
            [
                "Estream.Circuits", "Estream.Client", "Estream.Core", "Estream.Crypto", "Estream.Crypto.BouncyCastle", "Estream.Esf",
                "Estream.Esf.Carbon",
                "Estream.Esf.Health", "Estream.Esf.Industrial", "Estream.Esf.Iot",
                "Estream.Esf.Payments", "Estream.Esf.Schema", "Estream.Esf.Trading", "Estream.Fpga",
                "Estream.Map", "Estream.Marketplace", "Estream.Net", "Estream.Queue", "Estream.Replication", "Estream.Streams",
                "Estream.Wire",
                "Estream.Wire.Compliance", "Estream.Wire.Dnp3", "Estream.Wire.Fhir", "Estream.Wire.Fix", "Estream.Wire.Hl7",
                "Estream.Wire.Iso20022", "Estream.Wire.Modbus", "Estream.Wire.Mqtt", "Estream.Wire.OpcUa", "Estream.Witness",
            ],
            feed.Names);
        using TempDirectory place = new();
        string app = WriteApp(place, "Console.WriteLine();", feed.Names);

        feed.Dotnet(app, "build", "-c", "Release", "--nologo", "-v", "q").EnsureSuccess();
    }

    /// <summary>The package contains the native library, and the app finds it there.</summary>
    [PeerFact("verilator", "verilator")]
    public void Empty_app_opens_the_simulated_card_with_the_Fpga_package()
    {
        using TempDirectory place = new();
        string app = WriteApp(
            place,
            """
            using Estream.Fpga;

            using FpgaCard card = FpgaCard.Open("sim:");
            FpgaSelfTestResult append = FpgaSelfTest.Run(card, operations: 100, seed: 1)[0];
            Console.WriteLine($"{card.Info.Backend}, {append.Engine}: {append.Operations} done, {append.Wrong} wrong");
            """,
            ["Estream.Fpga"]);

        feed.Dotnet(app, "build", "-c", "Release", "--nologo", "-v", "q").EnsureSuccess();
        ProcessResult run = ChildProcess.Run("dotnet", [Path.Combine(app, "bin", "Release", "net10.0", "app.dll")], place.Path)
            .EnsureSuccess();

        Assert.Equal("Simulated, append: 100 done, 0 wrong\n", run.Output);
    }

    /// <summary>Runs the compliance suite on a third-party adapter and its peer, with the packages and the copied sources only.</summary>
    [Theory]
    [InlineData("listens")]
    [InlineData("dials")]
    public void Third_party_adapter_passes_the_compliance_suite_in_an_empty_app(string side)
    {
        using TempDirectory place = new();
        string app = WriteApp(
            place,
            """
            using Estream.Wire.Compliance;
            using Estream.Wire.Compliance.Tests.Line;

            return await WireAdapterCompliance.ReportAsync(new LineSubject(LineFault.None, dials: args[0] == "dials"), Console.Out);
            """,
            ["Estream.Wire.Compliance"]);
        foreach (string file in Directory.GetFiles(RepositoryRoot.Combine("tests", "Estream.Wire.Compliance.Tests", "Line"), "*.cs"))
        {
            File.Copy(file, Path.Combine(app, Path.GetFileName(file)));
        }

        feed.Dotnet(app, "build", "-c", "Release", "--nologo", "-v", "q").EnsureSuccess();
        ProcessResult run =
            ChildProcess.Run("dotnet", [Path.Combine(app, "bin", "Release", "net10.0", "app.dll"), side], limit: TimeSpan.FromMinutes(8));

        Assert.Matches("(^|\n)[0-9]+ passed, 0 failed, [0-9]+ left out\n$", run.EnsureSuccess().Output);
        Assert.Contains($"left out  {(side == "dials" ? "L2" : "L4")}: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("passed    A1: ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void README_sample_runs_with_the_packages_it_names()
    {
        string readme = File.ReadAllText(RepositoryRoot.Combine("README.md"));
        string sample = Assert.Single(CodeBlocks(readme));
        using TempDirectory place = new();
        string app = WriteApp(place, sample, PackagesOf(readme));

        feed.Dotnet(app, "build", "-c", "Release", "--nologo", "-v", "q").EnsureSuccess();
        ProcessResult run = ChildProcess.Run("dotnet", [Path.Combine(app, "bin", "Release", "net10.0", "app.dll")], place.Path)
            .EnsureSuccess();

        Assert.Equal("0: 20.5\n", run.Output);
    }

    [Theory]
    [InlineData("../embed/index.md", "0: buy 100\n1: sell 40\n2 messages booked\n")]
    [InlineData("queue.md",
        "0 at 256: 5 bytes\n1 at 280: 6 bytes\n2 was waited for\n3 bytes followed\ndurable: True\npartition 3, position 256\n"
        + "1: pump-7 shows 21.5\n"
        + "pump-7 showed 21.5\nof pump-7: 21.5\n21.5\n10240 ticks\n")]
    [InlineData("map.md",
        "1: True 21.5\n4 of 3072 slots, 4 found at the first look\ninvoice/2026/7: 13 pumps\nTrue\n2: 2.5, and now 99.5\n3: 3.5, and now "
        + "3.5\n4: 1 comes first\nTrue 1000\n70 30\n100\nTrue False True 101\nTrue False 3 pumps\n[2, 0.25]\nTrue 2\n")]
    [InlineData("encryption.md", "nobody else reads this\n")]
    [InlineData("privacy.md", "100, submitter withheld\nopened: 7, 0 withheld\nopened\n")]
    public void Code_blocks_of_a_guide_form_a_program_with_the_expected_output(string guide, string output)
    {
        string text = File.ReadAllText(RepositoryRoot.Combine("docs", "guides", guide));
        using TempDirectory place = new();
        string program = string.Join('\n', CodeBlocks(text))
            .Replace("/etc/estream/master.keys", WriteMasterKeys(place), StringComparison.Ordinal);
        string app = WriteApp(place, program, PackagesOf(text));

        feed.Dotnet(app, "build", "-c", "Release", "--nologo", "-v", "q").EnsureSuccess();
        ProcessResult run = ChildProcess.Run("dotnet", [Path.Combine(app, "bin", "Release", "net10.0", "app.dll")], place.Path)
            .EnsureSuccess();

        Assert.Equal(output, run.Output);
    }

    private static IEnumerable<string> CodeBlocks(string page) =>
        Regex.Matches(page, "```csharp\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value);

    private static string[] PackagesOf(string page) =>
        [.. Regex.Matches(page, "^dotnet add package ([A-Za-z.]+)", RegexOptions.Multiline).Select(match => match.Groups[1].Value)];

    /// <summary>Creates master keys as the encryption guide does, at another path.</summary>
    private static string WriteMasterKeys(TempDirectory place)
    {
        string file = place.Combine("master.keys");
        File.WriteAllText(file, $"2026-11 {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return file;
    }

    /// <summary>Writes an app outside the repository that uses the feed in addition to the public one.</summary>
    private string WriteApp(TempDirectory place)
    {
        string source = Path.Combine(AppContext.BaseDirectory, "EmptyApp");
        string app = WriteApp(place, File.ReadAllText(Path.Combine(source, "Program.cs")),
            ["Estream.Queue", "Estream.Map", "Estream.Esf", "Estream.Streams"]);
        File.Copy(Path.Combine(source, "meters.esf.yaml"), Path.Combine(app, "meters.esf.yaml"));
        return app;
    }

    private string WriteApp(TempDirectory place, string program, IEnumerable<string> packages)
    {
        string app = place.Combine("app");
        Directory.CreateDirectory(app);
        File.WriteAllText(Path.Combine(app, "Program.cs"), program);
        string project = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "EmptyApp", "App.csproj.txt"));
        string references =
            string.Concat(packages.Select(name => $"<PackageReference Include=\"{name}\" Version=\"{PackedFeed.Version}\" />"));
        File.WriteAllText(Path.Combine(app, "app.csproj"), project.Replace("PACKAGES", references, StringComparison.Ordinal));
        feed.UseIn(app);
        return app;
    }
}
