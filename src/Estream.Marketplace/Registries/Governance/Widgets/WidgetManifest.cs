using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Estream.Circuits;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Governance;

/// <summary>A <c>widget.manifest.yaml</c> and its faults. Immutable.</summary>
public sealed class WidgetManifest
{
    private const string FileName = "widget.manifest.yaml";

    // The libraries that the console supplies to a bundle. A test compares them with the packages of the console.
    private static readonly (string Name, SemanticVersion Version)[] s_supplied =
    [
        ("react", SemanticVersion.Parse("19.3.1")), ("react-dom", SemanticVersion.Parse("19.3.1")),
        ("@estream/sdk-browser", SemanticVersion.Parse("0.1.0")),
    ];

    private readonly Findings _faults = new();
    private readonly Findings _missingPeers = new();
    private readonly Findings _unmetPeers = new();
    private readonly Findings _unknown = new();

    private WidgetManifest()
    {
    }

    /// <summary>The id of the widget; null if missing.</summary>
    public string? WidgetId { get; private set; }

    /// <summary>The version; null if missing.</summary>
    public string? Version { get; private set; }

    /// <summary>The roles of which a user needs one; null if missing.</summary>
    public IReadOnlyList<string>? RequiredRoles { get; private set; }

    /// <summary>The title for display; null if missing.</summary>
    public string? Title { get; private set; }

    /// <summary>What the widget shows, for display; null if the manifest does not say so.</summary>
    public string? Description { get; private set; }

    /// <summary>The path of the icon in the package; null if missing.</summary>
    public string? Icon { get; private set; }

    /// <summary>The path of the thumbnail in the package; null if missing.</summary>
    public string? Thumbnail { get; private set; }

    /// <summary>The paths of the screenshots in the package, at most 64.</summary>
    public IReadOnlyList<string> Screenshots { get; private set; } = [];

    /// <summary>The settings of the widget as the JSON text of a schema of type <c>object</c>; null if the widget has no settings. Has only
    /// the keywords that docs/formats/manifest.md lists.</summary>
    public string? ConfigSchema { get; private set; }

    /// <summary>The bundle size limit that the manifest declares, in bytes; null if it declares none.</summary>
    public int? MaxBundleBytes { get; private set; }

    /// <summary>The patterns of the streams that the widget cannot do without: those without <c>required: false</c>.</summary>
    public IReadOnlyList<string> RequiredStreams { get; private set; } = [];

    // Repeat the signed manifest; compared by FaultsFor.
    private string? Category { get; set; }

    private string? DataSource { get; set; }

    private string? Entry { get; set; }

    private (int Cols, int Rows)?[] Sizes { get; set; } = [];

    private IReadOnlyList<string?> Streams { get; set; } = [];

    private IReadOnlyList<string?> Tables { get; set; } = [];

    /// <summary>The missing or invalid values, as text for display; empty if the manifest is complete.</summary>
    public IReadOnlyList<string> Faults => _faults.Texts;

    /// <summary>The required console libraries that the manifest does not declare, as text for display. Also empty if the file cannot be
    /// read.</summary>
    public IReadOnlyList<string> MissingPeers => _missingPeers.Texts;

    /// <summary>The entries of <c>peer_dependencies</c> that this version of the console does not satisfy, as text for display: a range
    /// without the version that the console supplies, or a library that it does not supply.</summary>
    public IReadOnlyList<string> UnmetPeers => _unmetPeers.Texts;

    /// <summary>Reads a manifest. Never throws on any input.</summary>
    /// <param name="text">The bytes of the file; need not be trusted.</param>
    public static WidgetManifest Read(ReadOnlySpan<byte> text)
    {
        WidgetManifest manifest = new();
        if (text.Length > WidgetPublishLimits.MaxManifestBytes)
        {
            manifest._faults.Add(
                string.Create(CultureInfo.InvariantCulture, $"the manifest has more than {WidgetPublishLimits.MaxManifestBytes} bytes"));
            return manifest;
        }

        if (!Utf8.IsValid(text))
        {
            manifest._faults.Add("the manifest is not UTF-8");
            return manifest;
        }

        DiagnosticSink sink = new(FileName);
        SourceNode? root = SourceTreeReader.Read(Encoding.UTF8.GetString(text), sink);
        foreach (SchemaDiagnostic error in sink.InOrder())
        {
            manifest._faults.Add(string.Create(CultureInfo.InvariantCulture, $"line {error.Position.Line}: {error.Message}"));
        }

        if (root is not null)
        {
            manifest.Take(new ManifestPart(root, "the manifest", manifest._faults).Map("widget"));
        }

        return manifest;
    }

    /// <summary>Returns what is wrong with the manifest for a release, as text for display: <see cref="Faults"/>, and where manifest and
    /// release differ.</summary>
    /// <param name="widgetId">The id of the release.</param>
    /// <param name="version">The version of the release.</param>
    /// <param name="requiredRoles">The required roles of the release.</param>
    public IReadOnlyList<string> FaultsFor(string widgetId, string version, IReadOnlyList<string> requiredRoles)
    {
        ArgumentNullException.ThrowIfNull(requiredRoles);
        Findings all = new();
        foreach (string fault in Faults)
        {
            all.Add(fault);
        }

        if (WidgetId is not null && WidgetId != widgetId)
        {
            all.Add($"the manifest is for '{WidgetId}', but the request is for '{widgetId}'");
        }

        if (Version is not null && Version != version)
        {
            all.Add($"the manifest has the version '{Version}', but the request has '{version}'");
        }

        if (RequiredRoles is not null && !RequiredRoles.SequenceEqual(requiredRoles))
        {
            all.Add($"the manifest requires the roles [{string.Join(", ", RequiredRoles)}], but the request "
                + $"requires [{string.Join(", ", requiredRoles)}]");
        }

        return all.Texts;
    }

    /// <summary>Returns what is wrong with the manifest for a package, as text for display: <see cref="Faults"/>, keys without a meaning,
    /// libraries that the console does not supply, and where the manifest differs from the signed manifest of the package.</summary>
    /// <param name="signed">The signed manifest.</param>
    /// <param name="widget">Its details.</param>
    internal IReadOnlyList<string> FaultsFor(ComponentManifest signed, WidgetDetails widget)
    {
        Findings all = new();
        foreach (string fault in Faults.Concat(_unknown.Texts).Concat(MissingPeers).Concat(UnmetPeers))
        {
            all.Add(fault);
        }

        void Compare(string key, IEnumerable<string?> own, params IEnumerable<string> other)
        {
            string[] here = [.. own.OfType<string>()], there = [.. other];
            if (own.All(one => one is not null) && !here.SequenceEqual(there))
            {
                all.Add($"{key} is [{string.Join(", ", here)}], but [{string.Join(", ", there)}] in {PackagePath.Manifest}");
            }
        }

        Compare("id", [WidgetId], signed.Name.ToString());
        Compare("version", [Version], signed.Version.ToString());
        Compare("required_roles", (IEnumerable<string?>?)RequiredRoles ?? [null], widget.RequiredRoles);
        Compare("category", [Category], widget.Group);
        Compare("data_source", [DataSource], widget.DataSource);
        Compare("min_size, default_size and max_size", Sizes.Select(size => size is var (cols, rows) ? Text(cols, rows) : null),
            new[] { widget.MinSize, widget.DefaultSize, widget.MaxSize }.Select(size => Text(size.Cols, size.Rows)));
        Compare("lex_streams", Streams.Order(StringComparer.Ordinal), widget.LexStreams.Order(StringComparer.Ordinal));
        Compare("eslite_tables", Tables.Order(StringComparer.Ordinal), widget.EsliteTables.Order(StringComparer.Ordinal));
        Compare("entry", [Entry], widget.BundleEntry);
        return all.Texts;
    }

    private static string Text(int cols, int rows) => string.Create(CultureInfo.InvariantCulture, $"{cols} by {rows}");

    private void Take(ManifestPart? widget)
    {
        if (widget is null)
        {
            return;
        }

        widget.ExpectKeys(_unknown, "id", "version", "title", "description", "icon", "thumbnail", "screenshots", "category", "data_source",
            "required_roles", "default_size", "min_size", "max_size", "lex_streams", "eslite_tables", "config_schema", "bundle",
            "peer_dependencies");
        WidgetId = widget.Text("id");
        if (WidgetId is not null && !WidgetIdRule.IsId(WidgetId))
        {
            _faults.Add(
                $"'{WidgetId}' is not a widget id: use lower-case letters, digits and hyphens, as in @acme/impact-counter");
        }

        Version = widget.Text("version");
        RequiredRoles = widget.Texts("required_roles");
        Title = widget.Text("title");
        Description = widget.Has("description") ? widget.Text("description") : null;
        Icon = widget.Text("icon");
        Thumbnail = widget.Text("thumbnail");
        Screenshots = widget.Has("screenshots") ? widget.Texts("screenshots") ?? [] : [];
        ConfigSchema = widget.Has("config_schema") ? WidgetConfigSchema.Read(widget, _faults) : null;
        Category = widget.Word("category", "infrastructure", "observability", "governance", "developer", "economics", "registry");
        TakeSizes(widget);
        TakeData(widget);
        TakeBundle(widget.Map("bundle"));
        TakePeers(widget);
    }

    private void TakeSizes(ManifestPart widget)
    {
        (int Cols, int Rows)? least = widget.Size("min_size");
        (int Cols, int Rows)? usual = widget.Size("default_size");
        (int Cols, int Rows)? most = widget.Size("max_size");
        Sizes = [least, usual, most];
        if (least is var (leastCols, leastRows) && usual is var (cols, rows) && most is var (mostCols, mostRows)
            && (leastCols > cols || cols > mostCols || leastRows > rows || rows > mostRows))
        {
            _faults.Add("default_size is not between min_size and max_size");
        }
    }

    private void TakeData(ManifestPart widget)
    {
        DataSource = widget.Word("data_source", "subscription", "polling", "static", "eslite");
        List<string?> streams = [], tables = [];
        List<string> required = [];
        foreach (ManifestPart stream in widget.Items("lex_streams", isRequired: DataSource == "subscription"))
        {
            stream.ExpectKeys(_unknown, "pattern", "description", "required");
            string? pattern = stream.Text("pattern", "lex://");
            streams.Add(pattern);
            if (pattern is not null && (!stream.Has("required") || stream.Word("required", "true", "false") == "true"))
            {
                required.Add(pattern);
            }
        }

        foreach (ManifestPart table in widget.Items("eslite_tables", isRequired: DataSource == "eslite"))
        {
            table.ExpectKeys(_unknown, "name", "description", "access");
            tables.Add(table.Text("name"));
            _ = table.Word("access", "read");
        }

        (Streams, Tables, RequiredStreams) = (streams, tables, required);
    }

    private void TakeBundle(ManifestPart? bundle)
    {
        if (bundle is null)
        {
            return;
        }

        bundle.ExpectKeys(_unknown, "entry", "format", "framework", "max_bundle_size_kb");
        Entry = bundle.Text("entry");
        _ = bundle.Word("format", "esm");
        _ = bundle.Word("framework", "react");
        if (bundle.Has("max_bundle_size_kb") && bundle.Number("max_bundle_size_kb", WidgetPublishLimits.MaxBundleBytes / 1_000) is int most)
        {
            MaxBundleBytes = most * 1_000;
        }
    }

    // Peer dependencies have a rejection reason of their own, so their faults are not recorded in Faults.
    private void TakePeers(ManifestPart widget)
    {
        foreach (string library in new[] { "react", "@estream/sdk-browser" })
        {
            if (!VersionRange.TryParse(widget.TextBelow("peer_dependencies", library) ?? "", out _, out _))
            {
                _missingPeers.Add($"peer_dependencies has no version range of '{library}': write for example '{library}: "
                    + $"\"^{Supplied(library)}\"'");
            }
        }

        ManifestPart? peers = widget.Has("peer_dependencies") ? widget.Map("peer_dependencies", _unmetPeers) : null;
        foreach ((ScalarNode name, SourceNode node) in peers?.Entries ?? [])
        {
            string library = name.Value;
            if (Supplied(library) is not { } version)
            {
                _unmetPeers.Add($"peer_dependencies has '{library}', which the console does not supply: include it in the bundle");
            }
            else if (VersionRange.TryParse((node as ScalarNode)?.Value ?? "", out VersionRange? range, out _) && !range.Contains(version))
            {
                _unmetPeers.Add($"peer_dependencies has {library} {range}, but the console supplies {version}: write for example "
                    + $"'{library}: \"^{version}\"'");
            }
        }
    }

    private static SemanticVersion? Supplied(string library) => Array.Find(s_supplied, one => one.Name == library).Version;
}

/// <summary>The syntax of widget ids: the scope of a publisher, and a name in it. ASCII only, so that no two ids look alike.</summary>
internal static partial class WidgetIdRule
{
    public static bool IsId(string text) => Id().IsMatch(text);

    /// <summary>Returns whether an id is in a scope.</summary>
    public static bool IsIn(string id, string scope) => scope.Length > 1 && IsId(id) && id.Length > scope.Length && id[scope.Length] == '/'
        && id.StartsWith(scope, StringComparison.Ordinal);

    [GeneratedRegex(@"\A@[a-z0-9-]{1,39}/[a-z0-9-]{1,64}\z")]
    private static partial Regex Id();
}
