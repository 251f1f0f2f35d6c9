using System.Text.Json;

namespace Estream.Host.Widgets;

/// <summary>The answer of <c>GET /api/widgets</c>.</summary>
internal sealed record WidgetList(
    IReadOnlyList<InstalledWidget> Widgets, IReadOnlyList<InstalledTheme> Themes, IReadOnlyList<RefusedComponent> Refused);

/// <summary>A widget as the picker and the frame of the console use it. The members are those of
/// <c>console/src/widgets/types.ts</c>.</summary>
internal sealed record InstalledWidget
{
    public required string Id { get; init; }

    public required string Version { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    public required string Category { get; init; }

    public required IReadOnlyList<string> RequiredRoles { get; init; }

    public required GridSize MinSize { get; init; }

    public required GridSize DefaultSize { get; init; }

    public required GridSize MaxSize { get; init; }

    public required JsonElement? ConfigSchema { get; init; }

    public required string? Tier { get; init; }

    public required string KeyId { get; init; }

    public required string Source { get; init; }

    public required string Root256 { get; init; }

    /// <summary>The stamp of <see cref="WidgetGrant"/>: the page restarts the frame when the stamp changes, as the host ends its
    /// streams.</summary>
    public required string Stamp { get; init; }

    public required IReadOnlyList<string> Permissions { get; init; }

    public required IReadOnlyList<string> Streams { get; init; }

    public required IReadOnlyList<string> Tables { get; init; }

    public required bool SupportsLightMode { get; init; }

    public required string? CustomAccent { get; init; }

    public required string Entry { get; init; }

    public required string Sha256 { get; init; }

    public required int Bytes { get; init; }

    public required string? Icon { get; init; }

    public required string? Thumbnail { get; init; }

    public required IReadOnlyList<string> Screenshots { get; init; }

    public required IReadOnlyList<string> Circuits { get; init; }
}

/// <summary>A size on the grid of a dashboard.</summary>
internal sealed record GridSize(int Cols, int Rows)
{
    public static GridSize Of(Marketplace.Manifests.WidgetSize size) => new(size.Cols, size.Rows);
}

/// <summary>The colors that a theme sets, by token.</summary>
internal sealed record InstalledTheme(
    string Name, string Version, string Title, IReadOnlyList<string> Modes, IReadOnlyDictionary<string, string> Tokens);

/// <summary>A component that the host does not serve, and why.</summary>
internal sealed record RefusedComponent(string Name, string Version, string Root256, string Reason);
