using System.Text;
using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;

namespace Estream.Marketplace.Tests.Manifests;

/// <summary>Reads the valid manifests of the format page, one per category.</summary>
public sealed class ManifestReaderTests
{
    [Fact]
    public void Schema_pack_manifest_is_read_completely()
    {
        ComponentManifest manifest = Of(ComponentCategory.EsfSchema);
        Assert.Equal("esf-iot 1.0.0", manifest.ToString());
        Assert.Equal("IoT domain schemas: Telemetry, Command, Alert", manifest.Description);
        Assert.Equal(("Apache-2.0", LicenseTier.OpenSource), (manifest.License, manifest.LicenseTier));
        Assert.Equal(["iot", "telemetry", "devices", "edge"], manifest.Keywords);
        Assert.Equal(new ComponentAuthor("eStream Contributors", null, null), manifest.Author);
        Assert.Equal(["IoTTelemetry", "IoTCommand", "IoTAlert"], manifest.ProvidedSchemas);
        Assert.Empty(manifest.RequiredSchemas);
        Assert.Null(manifest.Details);
        Assert.Empty(manifest.Files);
        Assert.True(manifest.Includes("schemas/iot-telemetry.esf.yaml"));
        Assert.False(manifest.Includes("schemas/old/iot-telemetry.esf.yaml"));
    }

    [Fact]
    public void Circuit_manifest_is_read_completely()
    {
        ComponentManifest manifest = Of(ComponentCategory.SmartCircuit);
        CircuitDetails details = Assert.IsType<CircuitDetails>(manifest.Details);
        Assert.Equal("door-counts.circuit.yaml", details.Entry);
        Assert.Equal(["door-counts.vectors.json"], details.Vectors);
        Assert.Equal(["cpu"], details.Targets);
        Assert.Equal("https://example.com/acme/door-counts", manifest.Repository);
        Assert.Equal(["DoorOpened ^1.0"], manifest.RequiredSchemas.Select(schema => schema.ToString()));
        Assert.Equal(["read the queue 'doors'", "change the map 'door-counts'"],
            manifest.Permissions.Select(permission => permission.Meaning));
        EngineRequirement engine = Assert.Single(manifest.Engines);
        Assert.Equal(("host", ">=0.1 <2"), (engine.Engine, engine.Range.ToString()));
        Assert.Equal(["door-counts.circuit.yaml", "door-counts.vectors.json"], manifest.Files.Select(file => file.Path));
        Assert.Equal(new SourcePosition(11, 9), manifest.Files[0].Position);
    }

    [Fact]
    public void Adapter_manifest_is_read_completely()
    {
        ComponentManifest manifest = Of(ComponentCategory.WireAdapter);
        AdapterDetails details = Assert.IsType<AdapterDetails>(manifest.Details);
        Assert.Equal(("acme-doors", "industrial", "lib/Acme.Wire.Doors.dll", "Acme.Wire.Doors.DoorsAdapterFactory"),
            (details.Protocol, details.Family, details.Assembly, details.Factory));
        Assert.Equal(["tcp", "tls"], details.Transports);
        Assert.Equal((true, false), (details.IsBidirectional, details.HasRequests));
        Assert.Equal(new ComponentAuthor("Acme Doors", "doors@example.com", "https://example.com"), manifest.Author);
        Assert.Equal(["esf-industrial ^1.0"], manifest.Dependencies.Select(dependency => dependency.ToString()));
        Assert.Equal(["dotnet", "publish", "-c", "Release"], manifest.Build!.Command);
        Assert.Equal(64_000_000, Assert.Single(manifest.Files).MaxBytes);
        Assert.True(manifest.Version.IsPreRelease);
    }

    [Theory]
    [InlineData("port", "accept connections on any port")]
    [InlineData("port:1883", "accept connections on port 1883")]
    [InlineData("fs:read.*", "read any file")]
    [InlineData("fs:write.*", "read and change any file")]
    [InlineData("fs:write./srv/bank", "read and change the files in /srv/bank")]
    public void Permission_describes_what_it_allows(string text, string meaning)
    {
        Assert.True(ComponentPermission.TryParse(text, out ComponentPermission? permission, out _));
        Assert.Equal((meaning, text), (permission.Meaning, permission.ToString()));
    }

    [Theory]
    [InlineData("port:")]
    [InlineData("port:*")]
    [InlineData("port:65536")]
    [InlineData("fs:*")]
    [InlineData("fs:read.")]
    [InlineData("fs:read./")]
    [InlineData("fs:write./*")]
    [InlineData("fs:change.*")]
    public void Near_miss_of_a_permission_is_rejected(string text) => Assert.False(ComponentPermission.TryParse(text, out _, out _));

    [Fact]
    public void Fpga_circuit_manifest_is_read_completely()
    {
        ComponentManifest manifest = Of(ComponentCategory.FpgaCircuit);
        FpgaDetails details = Assert.IsType<FpgaDetails>(manifest.Details);
        Assert.Equal(("door-counts.circuit.yaml", "door_counts", 250), (details.Circuit, details.Top, details.ClockMhz));
        Assert.Equal(["rtl/counts.sv", "rtl/top.v"], details.Rtl);
        Assert.Equal([new FpgaBitstream("xcu250-figd2104-2L-e", "bitstreams/u250.bit")], details.Bitstreams);
        Assert.Equal(("BUSL-1.1", LicenseTier.SourceAvailable), (manifest.License, manifest.LicenseTier));
        Assert.Equal(5, manifest.Files.Count);
    }

    [Fact]
    public void Widget_manifest_is_read_completely()
    {
        ComponentManifest manifest = Of(ComponentCategory.ConsoleWidget);
        WidgetDetails details = Assert.IsType<WidgetDetails>(manifest.Details);
        Assert.Equal(("economics", "eslite", true, "#22C55E"),
            (details.Group, details.DataSource, details.SupportsLightMode, details.CustomAccent));
        Assert.Equal((new WidgetSize(2, 2), new WidgetSize(4, 3), new WidgetSize(8, 6)),
            (details.MinSize, details.DefaultSize, details.MaxSize));
        Assert.Equal(["operator"], details.RequiredRoles);
        Assert.Equal(["lex://estream/carbon/{lex_id}/impact", "lex://estream/carbon/{lex_id}/credits"], details.LexStreams);
        Assert.Equal(["carbon_credits", "carbon_attestations"], details.EsliteTables);
        Assert.Equal(("dist/index.js", 500_000), (details.BundleEntry, details.MaxBundleBytes));
        Assert.Equal(">=0.8.0", Assert.Single(manifest.Engines).Range.ToString());
        Assert.Equal(["dist/index.js", "widget.manifest.yaml"],
            manifest.Files.Select(file => file.Path));
    }

    [Fact]
    public void Integration_app_skill_and_theme_manifests_are_read_completely()
    {
        ComponentManifest integration = Of(ComponentCategory.Integration);
        Assert.Equal(["@acme/wire-doors ^0.3", "@acme/door-counts ^1.2", "esf-iot ^1.0"],
            integration.Dependencies.Select(dependency => dependency.ToString()));
        IntegrationDetails details = Assert.IsType<IntegrationDetails>(integration.Details);
        Assert.Equal(["pipelines/doors.yaml"], details.Pipelines);
        Assert.Equal("settings.json", details.Settings);
        AppDetails app = Assert.IsType<AppDetails>(Of(ComponentCategory.App).Details);
        Assert.StartsWith("registry.example.com/acme/door-report@sha256:", app.Image, StringComparison.Ordinal);
        Assert.Equal(["door-report", "--listen", "8080"], app.Command);
        SkillDetails skill = Assert.IsType<SkillDetails>(Of(ComponentCategory.Skill).Details);
        Assert.Equal(("SKILL.md", 2), (skill.Entry, skill.Triggers.Count));
        ThemeDetails theme = Assert.IsType<ThemeDetails>(Of(ComponentCategory.Theme).Details);
        Assert.Equal(("brass.css", "dark"), (theme.Stylesheet, theme.Modes[0]));
    }

    [Fact]
    public void Limits_of_an_integration_are_read_and_a_limit_that_is_not_a_number_is_an_error()
    {
        const string Gateway = """
            [component]
            name = "@acme/gateway"
            version = "1.0.0"
            category = "integration"
            description = "A gateway"
            license = "Apache-2.0"

            [component.integration.limits]
            devices = 10
            rtu = 0

            [component.dependencies]
            "@acme/wire-doors" = "^1"
            """;
        ManifestReadResult read = ManifestReader.Read(Encoding.UTF8.GetBytes(Gateway));
        Assert.True(read.Manifest is not null, string.Join('\n', read.Diagnostics));
        Assert.Equal([("devices", 10), ("rtu", 0)],
            Assert.IsType<IntegrationDetails>(read.Manifest.Details).Limits.Select(limit => (limit.Key, limit.Value)));

        foreach (string wrong in (string[])["devices = -1", "devices = \"ten\"", "Devices = 10"])
        {
            ManifestReadResult refused =
                ManifestReader.Read(Encoding.UTF8.GetBytes(Gateway.Replace("devices = 10", wrong, StringComparison.Ordinal)));
            Assert.Null(refused.Manifest);
            Assert.Equal(9, Assert.Single(refused.Diagnostics).Position.Line);
        }
    }

    [Fact]
    public void Plugin_manifest_is_read_completely()
    {
        ComponentManifest manifest = Of(ComponentCategory.Plugin);
        PluginDetails details = Assert.IsType<PluginDetails>(manifest.Details);
        Assert.Equal(("acme-doors", null, "tools.json"), (details.Server, details.Url, details.Definitions));
        Assert.Equal(["bin/door-tools", "--stdio"], details.Command);
        Assert.Equal(["open_door", "close_door"], details.Tools);
        Assert.True(manifest.IsExecutable("bin/door-tools"));
        Assert.False(manifest.IsExecutable("tools.json"));
    }

    [Fact]
    public void Solution_manifest_is_read_completely()
    {
        SolutionDetails details = Assert.IsType<SolutionDetails>(Of(ComponentCategory.Solution).Details);
        Assert.Equal(("Doors for factories", "lex://acme/factory-doors", "USD"), (details.Title, details.Lex, details.Currency));
        Assert.Equal([("lite", 0L, 1), ("standard", 10_000L, 2)],
            details.Tiers.Select(tier => (tier.Name, tier.MonthlyCents, tier.Components.Count)));
        Assert.Equal(256, details.Tiers[0].Limits["registers"]);
    }

    [Fact]
    public void Widget_bundle_is_limited_to_5_MB()
    {
        string text = ManifestPage.Manifests[ComponentCategory.ConsoleWidget];
        string largest = text.Replace("format = \"esm\"", "format = \"esm\"\nmax_bundle_size_kb = 5000", StringComparison.Ordinal);
        Assert.Equal(5_000_000, Assert.IsType<WidgetDetails>(ManifestPage.Read(largest).Details).MaxBundleBytes);
        Assert.Equal(ManifestCodes.Limit, Assert.Single(Errors(largest.Replace("5000", "5001", StringComparison.Ordinal))).Code);
    }

    [Fact]
    public void Manifest_longer_than_the_limit_is_rejected()
    {
        string text = ManifestPage.Manifests[ComponentCategory.EsfSchema];
        string longest = text + "#" + new string('x', ManifestLimits.MaxBytes - text.Length - 1);
        Assert.Empty(Errors(longest));
        Assert.Equal(ManifestCodes.Limit, Assert.Single(Errors(longest + "x")).Code);
    }

    [Fact]
    public void Errors_are_reported_up_to_the_limit_of_100()
    {
        string unknown = string.Concat(Enumerable.Range(0, 150).Select(i => $"zz{i} = 1\n"));
        IReadOnlyList<SchemaDiagnostic> mistakes = Errors("[component]\n" + unknown);
        Assert.Equal(ManifestLimits.MaxErrors + 1, mistakes.Count);
        Assert.Equal(ManifestCodes.Limit, mistakes[^1].Code);
        Assert.Contains("more than 100 errors", mistakes[^1].Message, StringComparison.Ordinal);
        Assert.Equal([.. mistakes.OrderBy(mistake => mistake.Position.Line)], mistakes);
    }

    [Fact]
    public void CRLF_line_endings_do_not_change_the_result()
    {
        string text = ManifestPage.Manifests[ComponentCategory.Solution];
        Assert.Equal(ManifestPage.Read(text).Files, ManifestPage.Read(text.Replace("\n", "\r\n", StringComparison.Ordinal)).Files);
        Assert.Equal("@acme/factory-doors 1.0.0",
            ManifestPage.Read("\ufeff" + text.Replace("\n", "\r\n", StringComparison.Ordinal)).ToString());
    }

    [Fact]
    public void Schema_pack_manifest_is_also_valid_for_the_schema_compiler()
    {
        string text = ManifestPage.Manifests[ComponentCategory.EsfSchema].Replace("requires = []", "requires = [\"esf-trading ^1.0\"]",
            StringComparison.Ordinal) + "[component.dependencies]\n\"@acme/doors\" = '^1.0'\n";
        PackManifest? pack = PackManifestReader.Read(text, "x", out IReadOnlyList<SchemaDiagnostic> mistakes);
        Assert.Empty(mistakes);
        ComponentManifest manifest = ManifestPage.Read(text);
        Assert.Equal(manifest.ProvidedSchemas, pack!.Provides);
        Assert.Equal(["@acme/doors ^1.0", "esf-trading ^1.0"], manifest.Dependencies.Select(dependency => dependency.ToString()));
        Assert.Equal("esf-trading", Assert.Single(pack.Requires).Pack);
    }

    private static ComponentManifest Of(ComponentCategory category) => ManifestPage.Read(ManifestPage.Manifests[category]);

    private static IReadOnlyList<SchemaDiagnostic> Errors(string toml) => ManifestReader.Read(Encoding.UTF8.GetBytes(toml)).Diagnostics;
}
