using System.Text;
using Estream.Circuits;
using Estream.Marketplace.Governance;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>Widget manifests: required keys, their kinds, and a result for any input.</summary>
public sealed class WidgetManifestTests
{
    private static readonly string s_good = Encoding.UTF8.GetString(WidgetStore.File("counter.manifest.yaml"));

    [Fact]
    public void Complete_manifest_has_no_faults()
    {
        WidgetManifest manifest = Read(s_good);
        Assert.Empty(manifest.Faults.Concat(manifest.MissingPeers));
        Assert.Equal(("@acme/impact-counter", "1.0.0", 500_000), (manifest.WidgetId, manifest.Version, manifest.MaxBundleBytes));
        Assert.Equal(["operator"], manifest.RequiredRoles);
        Assert.Empty(manifest.FaultsFor("@acme/impact-counter", "1.0.0", ["operator"]));
    }

    [Fact]
    public void Texts_and_pictures_are_returned_as_written()
    {
        WidgetManifest manifest = Read(s_good + "  description: \"Counts\"\n  screenshots:\n    - \"assets/wide.png\"\n");
        Assert.Empty(manifest.Faults);
        Assert.Equal(("Impact Counter", "Counts", "assets/icon.svg", "assets/thumbnail.png"),
            (manifest.Title, manifest.Description, manifest.Icon, manifest.Thumbnail));
        Assert.Equal(["assets/wide.png"], manifest.Screenshots);
    }

    [Fact]
    public void Config_schema_has_the_types_that_its_settings_declare()
    {
        Assert.Null(Read(s_good).ConfigSchema);
        WidgetManifest manifest = Read(s_good
            + """
              config_schema:
                type: object
                properties:
                  interval: { type: integer, default: 5000, minimum: -1, maximum: "60000", description: "Milliseconds" }
                  unit: { type: string, title: Unit, enum: [kg, "1"], default: kg }
                  scale: { type: number, default: 0.5 }
                  live: { type: boolean, default: true }

            """);
        Assert.Empty(manifest.Faults);
        Assert.Equal(
            """
            {"type":"object","properties":{"interval":{"type":"integer","default":5000,"minimum":-1,"maximum":60000,"description":"Milliseconds"},"unit":{"type":"string","title":"Unit","enum":["kg","1"],"default":"kg"},"scale":{"type":"number","default":0.5},"live":{"type":"boolean","default":true}}}
            """,
            manifest.ConfigSchema);
    }

    [Theory]
    [InlineData("config_schema: 5", "'config_schema' must be a mapping")]
    [InlineData("config_schema: {}", "'properties' is missing in 'config_schema'")]
    [InlineData("config_schema: { properties: {}, $ref: x }", "'$ref' is not supported in config_schema")]
    [InlineData("config_schema: { properties: { a: {} } }", "'type' is missing in 'a'")]
    [InlineData("config_schema: { properties: { a: { type: object } } }", "'type' must be one of string, integer, number, boolean")]
    [InlineData("config_schema: { properties: { a: { type: integer, default: x } } }", "'x' is not a value of type integer")]
    [InlineData("config_schema: { properties: { a: { type: boolean, default: yes } } }", "'yes' is not a value of type boolean")]
    [InlineData("config_schema: { properties: { a: { type: number, default: 1e9 } } }", "'1e9' is not a value of type number")]
    [InlineData("config_schema: { properties: { a: { type: string, minimum: 1 } } }",
        "'minimum' is not a keyword of a setting of type string")]
    [InlineData("config_schema: { properties: { a: { type: string, enum: [] } } }", "'enum' is not a keyword of a setting of type string")]
    [InlineData("config_schema: { properties: { a: { type: string, pattern: x } } }", "'pattern' is not a keyword")]
    public void Config_schema_with_other_content_is_refused(string text, string expected)
    {
        WidgetManifest manifest = Read(s_good + "  " + text + "\n");
        Assert.Contains(expected, Assert.Single(manifest.Faults), StringComparison.Ordinal);
        Assert.Null(manifest.ConfigSchema);
    }

    [Theory]
    [InlineData("", "line 1: the manifest must be a mapping")]
    [InlineData("[]", "line 1: the manifest must be a mapping")]
    [InlineData("widgets: {}", "'widget' is missing in the manifest")]
    [InlineData("widget: 5", "line 1: 'widget' must be a mapping")]
    [InlineData("widget: {\n", "line")]
    [InlineData("widget: &a {}", "line 1: ")]
    [InlineData("widget: *a", "line 1: ")]
    public void Read_reports_text_that_is_not_a_manifest(string text, string expected)
    {
        WidgetManifest manifest = Read(text);
        Assert.StartsWith(expected, manifest.Faults[0], StringComparison.Ordinal);
        Assert.Null(manifest.WidgetId);
    }

    [Theory]
    [InlineData("  id: \"@acme/impact-counter\"\n", "'id' is missing in 'widget'")]
    [InlineData("  version: \"1.0.0\"\n", "'version' is missing in 'widget'")]
    [InlineData("  title: \"Impact Counter\"\n", "'title' is missing in 'widget'")]
    [InlineData("  icon: \"assets/icon.svg\"\n", "'icon' is missing in 'widget'")]
    [InlineData("  thumbnail: \"assets/thumbnail.png\"\n", "'thumbnail' is missing in 'widget'")]
    [InlineData("  category: \"economics\"\n", "'category' is missing in 'widget'")]
    [InlineData("  data_source: \"eslite\"\n", "'data_source' is missing in 'widget'")]
    [InlineData("  required_roles: [\"operator\"]\n", "'required_roles' is missing in 'widget'")]
    [InlineData("  default_size: { cols: 4, rows: 3 }\n", "'default_size' is missing in 'widget'")]
    [InlineData("  min_size: { cols: 2, rows: 2 }\n", "'min_size' is missing in 'widget'")]
    [InlineData("cols: 8, ", "'cols' is missing in 'max_size'")]
    [InlineData("  eslite_tables:\n    - name: \"carbon_credits\"\n      access: \"read\"\n", "'eslite_tables' is missing in 'widget'")]
    [InlineData("      access: \"read\"\n", "'access' is missing in one of 'eslite_tables'")]
    [InlineData("    entry: \"dist/index.js\"\n", "'entry' is missing in 'bundle'")]
    [InlineData("    format: \"esm\"\n", "'format' is missing in 'bundle'")]
    [InlineData("    framework: \"react\"\n", "'framework' is missing in 'bundle'")]
    public void Read_reports_missing_keys(string line, string expected)
    {
        Assert.Contains(line, s_good, StringComparison.Ordinal);
        WidgetManifest manifest = Read(s_good.Replace(line, "", StringComparison.Ordinal));
        Assert.Equal([expected], manifest.Faults);
        Assert.Empty(manifest.MissingPeers);
    }

    [Theory]
    [InlineData("title: \"Impact Counter\"", "title: \"\"", "line 4: 'title' must be a text")]
    [InlineData("title: \"Impact Counter\"", "title: [a]", "line 4: 'title' must be a text")]
    [InlineData("\"@acme/impact-counter\"", "\"@Acme/impact-counter\"", "'@Acme/impact-counter' is not a widget id")]
    [InlineData("\"@acme/impact-counter\"", "\"@acme/impact-c\u043eunter\"", "is not a widget id")]
    [InlineData("\"@acme/impact-counter\"", "acme", "'acme' is not a widget id")]
    [InlineData("economics", "economy",
        "line 7: 'category' must be one of infrastructure, observability, governance, developer, economics, registry")]
    [InlineData("\"eslite\"", "\"sql\"", "'data_source' must be one of subscription, polling, static, eslite")]
    [InlineData("[\"operator\"]", "operator", "'required_roles' must be a list of at most 64 non-empty strings")]
    [InlineData("[\"operator\"]", "[[operator]]", "'required_roles' must be a list of at most 64 non-empty strings")]
    [InlineData("{ cols: 4, rows: 3 }", "{ cols: 0, rows: 3 }", "'cols' must be a number from 1 to 64")]
    [InlineData("{ cols: 4, rows: 3 }", "{ cols: 9, rows: 3 }", "default_size is not between min_size and max_size")]
    [InlineData("{ cols: 4, rows: 3 }", "{ cols: 4, rows: 1 }", "default_size is not between min_size and max_size")]
    [InlineData("{ cols: 4, rows: 3 }", "large", "'default_size' must be a mapping")]
    [InlineData("\"esm\"", "\"cjs\"", "'format' must be 'esm'")]
    [InlineData("framework: \"react\"", "framework: \"vue\"", "'framework' must be 'react'")]
    [InlineData("kb: 500", "kb: 5001", "'max_bundle_size_kb' must be a number from 1 to 5000")]
    [InlineData("kb: 500", "kb: -1", "'max_bundle_size_kb' must be a number from 1 to 5000")]
    [InlineData("\"lex://estream", "\"http://estream", "'pattern' must be a text that begins with 'lex://'")]
    [InlineData("access: \"read\"", "access: \"write\"", "'access' must be 'read'")]
    [InlineData("required: true", "required: maybe", "'required' must be one of true, false")]
    [InlineData("  icon:", "  title: x\n  icon:", "line 5: ")]
    [InlineData("  icon:", "  title: x\n  icon:", "title")]
    public void Read_reports_invalid_values(string written, string other, string expected)
    {
        Assert.Contains(written, s_good, StringComparison.Ordinal);
        Assert.Contains(expected, Assert.Single(Read(s_good.Replace(written, other, StringComparison.Ordinal)).Faults),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Read_requires_streams_or_tables_only_for_their_data_source()
    {
        string streams = s_good[s_good.IndexOf("  lex_streams:", StringComparison.Ordinal)..s_good.IndexOf("  eslite_tables:",
            StringComparison.Ordinal)];
        string tables =
            s_good[s_good.IndexOf("  eslite_tables:", StringComparison.Ordinal)..s_good.IndexOf("  bundle:", StringComparison.Ordinal)];
        string subscribed = s_good.Replace("\"eslite\"", "\"subscription\"", StringComparison.Ordinal)
            .Replace(tables, "", StringComparison.Ordinal);
        Assert.Empty(Read(subscribed).Faults);
        Assert.Equal(["'lex_streams' is missing in 'widget'"], Read(subscribed.Replace(streams, "", StringComparison.Ordinal)).Faults);
        Assert.Contains("must be a list of 1 to 64 mappings",
            Assert.Single(Read(subscribed.Replace(streams, "  lex_streams: []\n", StringComparison.Ordinal)).Faults),
            StringComparison.Ordinal);
        Assert.Empty(
            Read(subscribed.Replace("\"subscription\"", "\"static\"", StringComparison.Ordinal)
                .Replace(streams, "", StringComparison.Ordinal)).Faults);
    }

    [Theory]
    [InlineData("    react: \"^18.0.0\"\n", "", "peer_dependencies has no version range of 'react'")]
    [InlineData("react: \"^18.0.0\"", "react: \"\"", "peer_dependencies has no version range of 'react'")]
    [InlineData("react: \"^18.0.0\"", "react: latest", "peer_dependencies has no version range of 'react'")]
    [InlineData("react: \"^18.0.0\"", "React: \"^18.0.0\"", "peer_dependencies has no version range of 'react'")]
    [InlineData("    \"@estream/sdk-browser\": \"^0.8.0\"\n", "", "peer_dependencies has no version range of '@estream/sdk-browser'")]
    public void Read_reports_missing_peer_dependencies(string written, string other, string expected)
    {
        WidgetManifest manifest = Read(s_good.Replace(written, other, StringComparison.Ordinal));
        Assert.StartsWith(expected, Assert.Single(manifest.MissingPeers), StringComparison.Ordinal);
        Assert.Empty(manifest.Faults);
    }

    [Fact]
    public void Read_reports_both_libraries_when_there_are_no_peer_dependencies()
    {
        WidgetManifest manifest = Read(s_good[..s_good.IndexOf("  peer_dependencies:", StringComparison.Ordinal)]);
        Assert.Equal(2, manifest.MissingPeers.Count);
        Assert.Empty(manifest.Faults);
    }

    [Fact]
    public void A_stream_is_required_unless_the_manifest_says_otherwise()
    {
        Assert.Equal(["lex://estream/carbon/{lex_id}/impact"], Read(s_good).RequiredStreams);
        Assert.Single(Read(s_good.Replace("required: true", "", StringComparison.Ordinal)).RequiredStreams);
        Assert.Empty(Read(s_good.Replace("required: true", "required: false", StringComparison.Ordinal)).RequiredStreams);
    }

    [Fact]
    public void Read_limits_its_findings_for_any_input()
    {
        Assert.Equal(["the manifest is not UTF-8"], WidgetManifest.Read([0xC3, 0x28]).Faults);
        Assert.StartsWith("the manifest has more than 65536 bytes", Assert.Single(WidgetManifest.Read(new byte[65_537]).Faults),
            StringComparison.Ordinal);
        WidgetManifest wrong = Read("widget: { id: \"" + new string('\u20ac', 5_000) + "\", lex_streams: ["
            + string.Join(", ", Enumerable.Repeat("{}", 60)) + "] }");
        Assert.Equal(16, wrong.Faults.Count);
        Assert.All(wrong.Faults, fault => Assert.InRange(fault.Length, 1, 200));
        Assert.DoesNotContain(wrong.FaultsFor("a\nb", "c", ["d"]), fault => fault.Contains('\n', StringComparison.Ordinal));
    }

    private static WidgetManifest Read(string text) => WidgetManifest.Read(Encoding.UTF8.GetBytes(text));
}
