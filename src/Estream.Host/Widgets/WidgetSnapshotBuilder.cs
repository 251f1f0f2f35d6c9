using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Estream.Core;
using Estream.Host.Components;
using Estream.Host.Http;
using Estream.Host.Remote;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Workspaces;
using Estream.Wire;

namespace Estream.Host.Widgets;

/// <summary>Reads and checks the widgets and themes of a workspace. Not thread-safe.</summary>
/// <param name="stamp">The state of the lock and of the list of revoked components.</param>
internal sealed class WidgetSnapshotBuilder(string stamp)
{
    private const string DetailedManifest = "widget.manifest.yaml";
    private const string WidgetBytesKey = $"Estream:{InstalledComponents.SectionKey}:WidgetBytes";

    private readonly Dictionary<string, int> _folders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ServedWidget> _served = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RefusedComponent> _refused = new(StringComparer.Ordinal);
    private readonly List<InstalledWidget> _widgets = [];
    private readonly List<InstalledTheme> _themes = [];
    private long _bytes;

    /// <summary>Reads all widgets and themes. A component that fails a check is refused, and the others are read.</summary>
    /// <exception cref="EstreamException">The lock is damaged, or cannot be read.</exception>
    public void Add(ComponentWorkspace workspace)
    {
        IReadOnlyList<(LockedComponent Locked, string Kind)> all = workspace.List();
        HashSet<string> circuits = [.. all.Where(one => one.Kind == ComponentCategories.NameOf(ComponentCategory.SmartCircuit))
            .Select(one => one.Locked.Name.ToString())];

        // Without a valid manifest, the category is unknown. Such a component is refused, so a damaged widget does not just disappear.
        foreach ((LockedComponent locked, string kind) in all.Where(one => one.Kind.Length == 0
            || one.Kind == ComponentCategories.NameOf(ComponentCategory.ConsoleWidget)
            || one.Kind == ComponentCategories.NameOf(ComponentCategory.Theme)))
        {
            _folders[locked.Root256] = workspace.StampOfFiles(locked.Root256);
            try
            {
                Add(workspace, locked, circuits);
            }
            catch (Exception failure) when (failure is EstreamException or RemoteRefusalException or IOException
                or UnauthorizedAccessException)
            {
                Refuse(locked, failure.Message);
            }
        }
    }

    /// <summary>Returns the widgets and themes that were added.</summary>
    /// <param name="failure">Why the lock cannot be read; null if it was read.</param>
    public WidgetSnapshot Build(string? failure)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(
            new WidgetList(_widgets, _themes, [.. _refused.Values]), ApiJson.Default.WidgetList);
        string tag = EntityTags.Of([.. json, .. Encoding.UTF8.GetBytes(failure ?? "")]);
        return new WidgetSnapshot(stamp, _folders, tag, json, _served, _refused, _bytes, failure);
    }

    private void Add(ComponentWorkspace workspace, LockedComponent locked, HashSet<string> circuits)
    {
        InstalledFiles content = workspace.Read(locked, InstalledComponents.WorkspaceKey, Wanted(workspace, locked));
        switch (content.Manifest.Details)
        {
            case WidgetDetails widget:
                AddWidget(content, widget, workspace.WidgetBytes, circuits);
                break;
            case ThemeDetails theme:
                AddTheme(content, theme);
                break;
            default:
                throw new WireConfigurationException(InstalledComponents.WorkspaceKey, $"{locked} is neither a widget nor a theme.");
        }
    }

    /// <summary>Selects the files to keep by the manifests in the cache. They are not verified yet: the check of the package verifies them
    /// together with the files that they select.</summary>
    private static Func<string, bool> Wanted(ComponentWorkspace workspace, LockedComponent locked)
    {
        HashSet<string> paths = [ComponentManifest.FileName, DetailedManifest];
        if (workspace.Peek(locked, ComponentManifest.FileName, ManifestLimits.MaxBytes) is { } text
            && ManifestReader.Read(text).Manifest is { } manifest)
        {
            paths.UnionWith(PathsOf(manifest.Details, ManifestIn(workspace.Peek(locked, DetailedManifest, ManifestLimits.MaxBytes))));
        }

        return paths.Contains;
    }

    private static WidgetManifest ManifestIn(byte[]? text) => WidgetManifest.Read(text ?? []);

    private static IEnumerable<string> PathsOf(CategoryDetails? details, WidgetManifest detailed) => details switch
    {
        WidgetDetails widget => [widget.BundleEntry, .. ImagesOf(detailed)],
        ThemeDetails theme => [theme.Stylesheet],
        _ => [],
    };

    private static IEnumerable<string> ImagesOf(WidgetManifest detailed) =>
        new[] { detailed.Icon, detailed.Thumbnail }.Concat(detailed.Screenshots).OfType<string>()
            .Where(path => Path.GetExtension(path) is ".svg" or ".png");

    /// <summary>Returns why a picture must not reach a browser; null if it may. The registry of the component may not have checked
    /// it.</summary>
    private static string? FaultOf(string path, ReadOnlyMemory<byte> picture) =>
        Path.GetExtension(path) == ".svg" ? WidgetPictures.IconFault(picture) : WidgetPictures.PngFault(picture.Span);

    private void AddWidget(InstalledFiles content, WidgetDetails details, long maxBytes, HashSet<string> circuits)
    {
        (LockedComponent locked, ComponentManifest manifest) = (content.Locked, content.Manifest);
        string name = locked.Name.ToString();
        WidgetManifest detailed = WidgetManifest.Read(content.Files.GetValueOrDefault(DetailedManifest).Span);
        string[] images = [.. ImagesOf(detailed).Where(content.Files.ContainsKey).Distinct(StringComparer.Ordinal)];
        if (!content.Files.TryGetValue(details.BundleEntry, out ReadOnlyMemory<byte> bundle))
        {
            Refuse(locked, $"{locked} has no file {details.BundleEntry}. Install another version.");
            return;
        }

        if ((WhyNot(detailed, details, locked) ?? WhyNot(images, content)) is { } reason)
        {
            Refuse(locked, reason);
            return;
        }

        // The arrays of a package have spare capacity; copies take exactly the bytes that are counted.
        Dictionary<string, ReadOnlyMemory<byte>> files = images.Append(details.BundleEntry).Distinct(StringComparer.Ordinal)
            .ToDictionary(path => path, path => (ReadOnlyMemory<byte>)content.Files[path].ToArray(), StringComparer.Ordinal);
        long bytes = files.Values.Sum(file => (long)file.Length);
        if (_bytes + bytes > maxBytes)
        {
            Refuse(locked, $"the files of {locked} have {bytes} bytes, which together with other widgets is more than {WidgetBytesKey} "
                + $"({maxBytes}). Increase it, or remove widgets.");
            return;
        }

        _bytes += bytes;
        string rights = StampOf(locked);
        WidgetGrant grant = new(rights, details.LexStreams, details.EsliteTables, locked.Permissions, details.RequiredRoles,
            manifest.Permissions.Min(permission => permission.Interval) ?? TimeSpan.Zero);
        _served.Add(name, new ServedWidget(locked.Version.ToString(), grant, files));
        _widgets.Add(new InstalledWidget
        {
            Id = name,
            Version = locked.Version.ToString(),
            Title = detailed.Title ?? name,
            Description = detailed.Description ?? manifest.Description,
            Category = details.Group,
            RequiredRoles = details.RequiredRoles,
            MinSize = GridSize.Of(details.MinSize),
            DefaultSize = GridSize.Of(details.DefaultSize),
            MaxSize = GridSize.Of(details.MaxSize),
            ConfigSchema = detailed.ConfigSchema is { } schema ? JsonSerializer.Deserialize(schema, ApiJson.Default.JsonElement) : null,
            Tier = locked.Tier?.ToString().ToLowerInvariant(),
            KeyId = locked.KeyId,
            Source = locked.Source,
            Root256 = locked.Root256,
            Stamp = rights,
            Permissions = locked.Permissions,
            Streams = details.LexStreams,
            Tables = details.EsliteTables,
            SupportsLightMode = details.SupportsLightMode,
            CustomAccent = details.CustomAccent,
            Entry = details.BundleEntry,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(bundle.Span)),
            Bytes = bundle.Length,
            Icon = images.FirstOrDefault(path => path == detailed.Icon),
            Thumbnail = images.FirstOrDefault(path => path == detailed.Thumbnail),
            Screenshots = [.. images.Where(detailed.Screenshots.Contains)],
            Circuits = [.. locked.Dependencies.Select(need => need.ToString()).Where(circuits.Contains)],
        });
    }

    /// <summary>Returns why the console must not show the pictures of a widget; null if it may.</summary>
    private static string? WhyNot(string[] images, InstalledFiles content) =>
        images.FirstOrDefault(path => FaultOf(path, content.Files[path]) is not null) is { } picture
            ? $"{content.Locked}: {picture}: {FaultOf(picture, content.Files[picture])}. Install another version of the widget."
            : null;

    /// <summary>Returns why the console cannot run a widget; null if it can.</summary>
    private static string? WhyNot(WidgetManifest detailed, WidgetDetails details, LockedComponent locked)
    {
        if (detailed.UnmetPeers is [{ } peer, ..])
        {
            return $"{DetailedManifest} of {locked}: {peer}. Install another version of the widget or the host.";
        }

        string? stream = details.LexStreams.Intersect(detailed.RequiredStreams, StringComparer.Ordinal)
            .FirstOrDefault(pattern => !StreamPattern.Parse(pattern).IsCovered(locked.Permissions));
        return stream is null ? null
            : $"{locked} requires the stream '{stream}', which its permissions in {WorkspaceLock.FileName} do not include. Install "
                + "another version.";
    }

    private void AddTheme(InstalledFiles content, ThemeDetails details)
    {
        ThemeStylesheet stylesheet = ThemeStylesheet.Read(content.Files.GetValueOrDefault(details.Stylesheet).Span, details.Modes);
        if (stylesheet.Findings.Count > 0)
        {
            Refuse(content.Locked, $"{details.Stylesheet} of {content.Locked}, line {stylesheet.Findings[0].Line}: "
                + $"{stylesheet.Findings[0].Message}. Install another version.");
            return;
        }

        _themes.Add(new InstalledTheme(content.Locked.Name.ToString(), content.Locked.Version.ToString(), content.Manifest.Description,
            details.Modes, stylesheet.Tokens));
    }

    private void Refuse(LockedComponent locked, string reason) => _refused[locked.Name.ToString()] = new RefusedComponent(
        locked.Name.ToString(), locked.Version.ToString(), locked.Root256,
        reason.Contains(locked.Root256, StringComparison.Ordinal) ? reason : $"{reason} The root of the package is {locked.Root256}.");

    private static string StampOf(LockedComponent locked)
    {
        string entry = string.Join('\n',
            [$"{locked}", locked.Root256, $"{locked.LogIndex}", locked.KeyId, locked.Source, $"{locked.Tier}", .. locked.Permissions]);
        return EntityTags.Of(Encoding.UTF8.GetBytes(entry)).Trim('"');
    }
}
