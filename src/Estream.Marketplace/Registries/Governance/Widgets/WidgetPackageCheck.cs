using System.Globalization;
using System.Text;
using Estream.Esf.Schema;
using Estream.Marketplace.Governance.Scripts;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;

namespace Estream.Marketplace.Governance;

/// <summary>Checks what the console shows of a package: a widget with its pictures, its bundle and its data, or the colors of a theme. Lint
/// and the publish check report the same findings. Stateless.</summary>
internal static class WidgetPackageCheck
{
    /// <summary>The path of the detailed manifest of a widget.</summary>
    public const string ManifestPath = "widget.manifest.yaml";

    /// <summary>Returns the errors of a package, each with the path of its file in the package; empty for other categories.</summary>
    /// <param name="manifest">The manifest of the package.</param>
    /// <param name="package">The package; may lack files.</param>
    public static IReadOnlyList<SchemaDiagnostic> Find(ComponentManifest manifest, Package package) => manifest.Details switch
    {
        WidgetDetails widget => [.. OfDetails(manifest, widget, package), .. OfManifest(manifest, widget, package),
            .. OfBundle(widget, package)],
        ThemeDetails theme => [.. OfTheme(theme, package)],
        _ => [],
    };

    // The data that the widget names, and the data that a person approves, must be the same.
    private static IEnumerable<SchemaDiagnostic> OfDetails(ComponentManifest manifest, WidgetDetails widget, Package package)
    {
        string text = Encoding.UTF8.GetString(package.Manifest.Span);
        if (widget.BackingCircuit is { } circuit)
        {
            yield return At(text, circuit, ManifestCodes.Contradiction,
                "backing_circuit does not run. Make it a smart-circuit and depend on it: the card of the widget names the circuits that "
                + "the host must run.");
        }

        bool hasData = widget.LexStreams.Count + widget.EsliteTables.Count > 0;
        string? refresh = manifest.Permissions.FirstOrDefault(one => one.Kind == "refresh")?.ToString();
        string? contradiction = (widget.DataSource, hasData, refresh) switch
        {
            ("static", true, _) => "a widget of data_source \"static\" reads no data: remove lex_streams and eslite_tables, or use "
                + "\"subscription\" or \"eslite\".",
            ("static", _, not null) => $"a widget of data_source \"static\" reads no data: remove {refresh}.",
            ("polling", false, _) => "a widget of data_source \"polling\" needs lex_streams or eslite_tables.",
            ("polling", _, null) => "a widget of data_source \"polling\" needs the permission refresh:TIME, such as refresh:30s.",
            _ => null,
        };
        if (contradiction is not null)
        {
            yield return At(text, "data_source", ManifestCodes.Contradiction, contradiction);
        }

        string[] groups = [.. manifest.Permissions.Where(one => one.Kind == "data").Select(one => one.Target!["read.".Length..])];
        foreach (string stream in widget.LexStreams.Where(stream => !groups.Any(group => CoversStream(group, stream))))
        {
            yield return At(text, stream, ManifestCodes.Permission, Uncovered(stream, Segment(stream)));
        }

        foreach (string table in widget.EsliteTables.Where(table => !groups.Any(group => CoversTable(group, table))))
        {
            yield return At(text, table, ManifestCodes.Permission, Uncovered(table, table.Split('_')[0]));
        }
    }

    private static string Uncovered(string what, string group) =>
        $"no permission covers '{what}'. Add \"data:read.{(group.StartsWith('{') ? "*" : group)}\" to permissions, or remove it.";

    private static bool CoversStream(string group, string stream) => group == "*" || group == Segment(stream);

    private static bool CoversTable(string group, string table) =>
        group == "*" || table == group || table.StartsWith(group + "_", StringComparison.Ordinal);

    // The first segment after the owner: 'carbon' of lex://estream/carbon/{id}.
    private static string Segment(string stream) => stream["lex://".Length..].Split('/') is [_, { } first, ..] ? first : "";

    private static IEnumerable<SchemaDiagnostic> OfManifest(ComponentManifest manifest, WidgetDetails widget, Package package)
    {
        if (!package.TryGet(ManifestPath, out PackageFile? file))
        {
            yield break;
        }

        WidgetManifest read = WidgetManifest.Read(file.Content.Span);
        foreach (string fault in read.FaultsFor(manifest, widget))
        {
            yield return Located(ManifestPath, ManifestCodes.Contradiction, fault);
        }

        string text = Encoding.UTF8.GetString(file.Content.Span);
        foreach ((string path, bool isIcon) in Pictures(read))
        {
            string? fault = !package.TryGet(path, out PackageFile? picture)
                ? $"'{path}' is not in the package. Create it, and name it in [component.include] of {PackagePath.Manifest}."
                : (isIcon ? WidgetPictures.IconFault(picture.Content) : WidgetPictures.PngFault(picture.Content.Span)) is { } wrong
                    ? $"{path}: {wrong}."
                    : null;
            if (fault is not null)
            {
                yield return At(text, path, ManifestCodes.File, fault, ManifestPath);
            }
        }
    }

    private static IEnumerable<(string Path, bool IsIcon)> Pictures(WidgetManifest read) =>
        new[] { read.Icon }.OfType<string>().Select(path => (path, true))
            .Concat(new[] { read.Thumbnail }.Concat(read.Screenshots).OfType<string>().Select(path => (path, false)));

    private static IEnumerable<SchemaDiagnostic> OfBundle(WidgetDetails widget, Package package)
    {
        if (!package.TryGet(widget.BundleEntry, out PackageFile? bundle))
        {
            return [];
        }

        Findings module = new();
        ScriptModule.Check(bundle.Content.Span, module);
        return WidgetContentPolicy.Check(bundle.Content.Span).Concat(module.Texts)
            .Select(fault => Located(widget.BundleEntry, ManifestCodes.Text, fault));
    }

    private static IEnumerable<SchemaDiagnostic> OfTheme(ThemeDetails theme, Package package) =>
        package.TryGet(theme.Stylesheet, out PackageFile? css)
            ? ThemeStylesheet.Read(css.Content.Span, theme.Modes).Findings.Select(found => new SchemaDiagnostic(
                ManifestCodes.Text, theme.Stylesheet, new SourcePosition(found.Line, 1), found.Message + "."))
            : [];

    private static SchemaDiagnostic At(string text, string what, string code, string message, string path = PackagePath.Manifest)
    {
        int at = text.IndexOf(what, StringComparison.Ordinal);
        int line = at < 0 ? 1 : 1 + text.AsSpan(0, at).Count('\n');
        return new SchemaDiagnostic(code, path, new SourcePosition(line, at < 0 ? 1 : at - text.LastIndexOf('\n', at)), message);
    }

    // Findings begin with "line N: " where they have a line.
    private static SchemaDiagnostic Located(string path, string code, string finding)
    {
        int colon = finding.IndexOf(": ", StringComparison.Ordinal);
        bool hasLine = finding.StartsWith("line ", StringComparison.Ordinal) && colon > 0;
        return hasLine && int.TryParse(finding.AsSpan(5, colon - 5), NumberStyles.None, CultureInfo.InvariantCulture, out int line)
            ? new SchemaDiagnostic(code, path, new SourcePosition(line, 1), finding[(colon + 2)..] + ".")
            : new SchemaDiagnostic(code, path, new SourcePosition(1, 1), finding + ".");
    }
}
