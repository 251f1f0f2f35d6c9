using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Estream.Circuits;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Marketplace.Governance;

/// <summary>A <c>widget.manifest.yaml</c> and its faults. Immutable.</summary>
public sealed class WidgetManifest
{
    private const string FileName = "widget.manifest.yaml";

    private readonly Findings _faults = new();
    private readonly Findings _missingPeers = new();

    private WidgetManifest()
    {
    }

    /// <summary>The id of the widget; null if missing.</summary>
    public string? WidgetId { get; private set; }

    /// <summary>The version; null if missing.</summary>
    public string? Version { get; private set; }

    /// <summary>The roles of which a user needs one; null if missing.</summary>
    public IReadOnlyList<string>? RequiredRoles { get; private set; }

    /// <summary>The bundle size limit that the manifest declares, in bytes; null if it declares none.</summary>
    public int? MaxBundleBytes { get; private set; }

    /// <summary>The missing or invalid values, as text for display; empty if the manifest is complete.</summary>
    public IReadOnlyList<string> Faults => _faults.Texts;

    /// <summary>The required console libraries that the manifest does not declare, as text for display. Also empty if the file cannot be
    /// read.</summary>
    public IReadOnlyList<string> MissingPeers => _missingPeers.Texts;

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

    private void Take(ManifestPart? widget)
    {
        if (widget is null)
        {
            return;
        }

        WidgetId = widget.Text("id");
        if (WidgetId is not null && !WidgetIdRule.IsId(WidgetId))
        {
            _faults.Add(
                $"'{WidgetId}' is not a widget id: use lower-case letters, digits and hyphens, as in @acme/impact-counter");
        }

        Version = widget.Text("version");
        RequiredRoles = widget.Texts("required_roles");
        _ = widget.Text("title");
        _ = widget.Text("icon");
        _ = widget.Text("thumbnail");
        _ = widget.Word("category", "infrastructure", "observability", "governance", "developer", "economics", "registry");
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
        if (least is var (leastCols, leastRows) && usual is var (cols, rows) && most is var (mostCols, mostRows)
            && (leastCols > cols || cols > mostCols || leastRows > rows || rows > mostRows))
        {
            _faults.Add("default_size is not between min_size and max_size");
        }
    }

    private static void TakeData(ManifestPart widget)
    {
        string? source = widget.Word("data_source", "subscription", "polling", "static", "eslite");
        foreach (ManifestPart stream in widget.Items("lex_streams", isRequired: source == "subscription"))
        {
            _ = stream.Text("pattern", "lex://");
            if (stream.Has("required"))
            {
                _ = stream.Word("required", "true", "false");
            }
        }

        foreach (ManifestPart table in widget.Items("eslite_tables", isRequired: source == "eslite"))
        {
            _ = table.Text("name");
            _ = table.Text("access");
        }
    }

    private void TakeBundle(ManifestPart? bundle)
    {
        if (bundle is null)
        {
            return;
        }

        _ = bundle.Text("entry");
        _ = bundle.Word("format", "esm");
        _ = bundle.Word("framework", "react");
        if (bundle.Has("max_bundle_size_kb") && bundle.Number("max_bundle_size_kb", WidgetPublishLimits.MaxBundleBytes / 1_000) is int most)
        {
            MaxBundleBytes = most * 1_000;
        }
    }

    private void TakePeers(ManifestPart widget)
    {
        foreach (string library in new[] { "react", "@estream/sdk-browser" })
        {
            // Peer dependencies have a rejection reason of their own, so their faults are not recorded in Faults.
            if (!VersionRange.TryParse(widget.TextBelow("peer_dependencies", library) ?? "", out _, out _))
            {
                _missingPeers.Add(
                    $"peer_dependencies has no version range of '{library}': write for example '{library}: "
                    + $"\"^{(library == "react" ? "18.0.0" : "0.8.0")}\"'");
            }
        }
    }
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
