using System.Text.RegularExpressions;
using Estream.Esf.Schema;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>Reads the table <c>[component.widget]</c>.</summary>
internal static partial class WidgetSection
{
    private const string DetailedManifest = "widget.manifest.yaml";
    private const int MaxDetailedManifestBytes = 64 << 10;
    private const int MaxCells = 64;
    private const int BytesOfKb = 1_000;

    private static readonly string[] s_groups = ["infrastructure", "observability", "governance", "developer", "economics", "registry"];
    private static readonly string[] s_roles = ["viewer", "operator", "developer", "registrar", "governance", "admin"];
    private static readonly string[] s_sources = ["subscription", "polling", "static", "eslite"];

    public static CategoryDetails? Read(ManifestPart part, CategoryContext context)
    {
        string? group = part.Word("widget_category", s_groups, "widget_category = \"economics\"", isRequired: true);
        IReadOnlyList<string> roles = part.Words("required_roles", s_roles, "required_roles = [\"operator\"]", isRequired: true);
        WidgetSize? usual = Size(part, "default_size", "default_size = { cols = 4, rows = 3 }");
        WidgetSize? least = Size(part, "min_size", "min_size = { cols = 2, rows = 2 }");
        WidgetSize? most = Size(part, "max_size", "max_size = { cols = 8, rows = 6 }");
        CheckSizes(part, least, usual, most);
        string? source = part.Word("data_source", s_sources, "data_source = \"eslite\"", isRequired: true);
        IReadOnlyList<string> streams =
            part.Streams("lex_streams", "lex_streams = [\"lex://estream/carbon/{lex_id}/impact\"]", isRequired: source == "subscription");
        IReadOnlyList<string> tables =
            [.. part.Texts("eslite_tables", "eslite_tables = [\"carbon_credits\"]", isRequired: source == "eslite")
            .Select(text =>
                part.Matching(text, Table(), "a table name: lower-case letters, digits and '_'",
                    "eslite_tables = [\"carbon_credits\"]")).OfType<string>()];
        bool isLight = part.Flag("supports_light_mode", "supports_light_mode = true");
        string? accent = part.Matching("custom_accent", Color(), "a color", "custom_accent = \"#22C55E\"");
        string? circuit = context.Files.Take(part, "backing_circuit", ".circuit.yaml", "backing_circuit = \"circuits/impact.circuit.yaml\"",
            isRequired: false);
        SemanticVersion? console = part.Parsed<SemanticVersion>("console_min_version", "version", ManifestCodes.Version,
            SemanticVersion.TryParse, "console_min_version = \"0.8.0\"");
        (string Entry, int MaxBytes)? bundle = Bundle(part.Part("bundle", isRequired: true), context);
        context.Files.Need(DetailedManifest, part.Position, MaxDetailedManifestBytes);
        if (group is null || source is null || usual is null || least is null || most is null || bundle is null)
        {
            return null;
        }

        return new WidgetDetails
        {
            Group = group,
            RequiredRoles = roles,
            DefaultSize = usual.Value,
            MinSize = least.Value,
            MaxSize = most.Value,
            DataSource = source,
            LexStreams = streams,
            EsliteTables = tables,
            SupportsLightMode = isLight,
            CustomAccent = accent,
            BackingCircuit = circuit,
            BundleEntry = bundle.Value.Entry,
            MaxBundleBytes = bundle.Value.MaxBytes,
            ConsoleMinVersion = console,
        };
    }

    private static (string Entry, int MaxBytes)? Bundle(ManifestPart? part, CategoryContext context)
    {
        if (part is null)
        {
            return null;
        }

        _ = part.Word("format", ["esm"], "format = \"esm\"", isRequired: true);
        _ = part.Word("framework", ["react"], "framework = \"react\"", isRequired: true);
        long kb = part.Number("max_bundle_size_kb", 1, context.MaxEntryBytes / BytesOfKb, "max_bundle_size_kb = 500")
            ?? ManifestLimits.DefaultEntryBytes / BytesOfKb;
        string? entry = context.Files.Take(part, "entry", ".js", "entry = \"dist/index.js\"", isRequired: true, (int)kb * BytesOfKb);
        part.Close();
        return entry is null ? null : (entry, (int)kb * BytesOfKb);
    }

    private static WidgetSize? Size(ManifestPart part, string key, string example)
    {
        if (part.Part(key, isRequired: true, example) is not { } size)
        {
            return null;
        }

        long? cols = size.Number("cols", 1, MaxCells, example, isRequired: true);
        long? rows = size.Number("rows", 1, MaxCells, example, isRequired: true);
        size.Close();
        return cols is null || rows is null ? null : new WidgetSize((int)cols, (int)rows);
    }

    private static void CheckSizes(ManifestPart part, WidgetSize? least, WidgetSize? usual, WidgetSize? most)
    {
        if (least is { } small && usual is { } middle && most is { } large
            && (small.Cols > middle.Cols || middle.Cols > large.Cols || small.Rows > middle.Rows || middle.Rows > large.Rows))
        {
            SourcePosition position = part.Table.Find("default_size")!.Value.Position;
            part.Report(ManifestCodes.Contradiction, position, ManifestMessages.SizeOrder());
        }
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9_]{0,63}\z")]
    private static partial Regex Table();

    [GeneratedRegex(@"\A#[0-9A-Fa-f]{6}\z")]
    private static partial Regex Color();
}
