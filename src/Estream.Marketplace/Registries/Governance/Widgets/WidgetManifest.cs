using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Estream.Circuits;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Marketplace.Governance;

/// <summary>A <c>widget.manifest.yaml</c>, and what it lacks. Immutable.</summary>
public sealed class WidgetManifest
{
    private const string FileName = "widget.manifest.yaml";

    private readonly Findings _faults = new();
    private readonly Findings _missingPeers = new();

    private WidgetManifest()
    {
    }

    /// <summary>The id of the widget; null where it says none.</summary>
    public string? WidgetId { get; private set; }

    /// <summary>Its version; null where it says none.</summary>
    public string? Version { get; private set; }

    /// <summary>The roles of which a user needs one; null where it says none.</summary>
    public IReadOnlyList<string>? RequiredRoles { get; private set; }

    /// <summary>How long the bundle may be by its own words, in bytes; null where it does not say.</summary>
    public int? MaxBundleBytes { get; private set; }

    /// <summary>What is not there or of another kind, in words for people; empty where it is complete.</summary>
    public IReadOnlyList<string> Faults => _faults.Texts;

    /// <summary>The libraries of the console that it has to declare and does not, in words for people. Empty as well where the file cannot
    /// be read at all.</summary>
    public IReadOnlyList<string> MissingPeers => _missingPeers.Texts;

    /// <summary>Reads a manifest. Whatever it is given, it answers and does not throw.</summary>
    /// <param name="text">The bytes of the file, from anywhere.</param>
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

    /// <summary>What is wrong with it as the manifest of a release, in words for people: <see cref="Faults"/>, and where the two say
    /// different things.</summary>
    /// <param name="widgetId">The id of the release.</param>
    /// <param name="version">Its version.</param>
    /// <param name="requiredRoles">Its roles.</param>
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
            all.Add($"the manifest is of '{WidgetId}', and the request of '{widgetId}'");
        }

        if (Version is not null && Version != version)
        {
            all.Add($"the manifest is of version '{Version}', and the request of '{version}'");
        }

        if (RequiredRoles is not null && !RequiredRoles.SequenceEqual(requiredRoles))
        {
            all.Add($"the manifest requires the roles [{string.Join(", ", RequiredRoles)}], and the request "
                + $"[{string.Join(", ", requiredRoles)}]");
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
                $"'{WidgetId}' is no id of a widget: write for example @acme/impact-counter, in lower-case letters, digits and hyphens");
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
            // Another reason has the word for what is wrong with these.
            if (!VersionRange.TryParse(widget.TextBelow("peer_dependencies", library) ?? "", out _, out _))
            {
                _missingPeers.Add(
                    $"peer_dependencies has no versions of '{library}': write for example '{library}: "
                    + $"\"^{(library == "react" ? "18.0.0" : "0.8.0")}\"'");
            }
        }
    }
}

/// <summary>How ids of widgets are written: a scope, which belongs to a publisher, and a name in it. ASCII alone, so that none looks like
/// another.</summary>
internal static partial class WidgetIdRule
{
    public static bool IsId(string text) => Id().IsMatch(text);

    /// <summary>Whether an id lies in a scope.</summary>
    public static bool IsIn(string id, string scope) => scope.Length > 1 && IsId(id) && id.Length > scope.Length && id[scope.Length] == '/'
        && id.StartsWith(scope, StringComparison.Ordinal);

    [GeneratedRegex(@"\A@[a-z0-9-]{1,39}/[a-z0-9-]{1,64}\z")]
    private static partial Regex Id();
}
