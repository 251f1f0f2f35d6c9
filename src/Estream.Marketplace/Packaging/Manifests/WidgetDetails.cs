using Estream.Esf.Schema;

namespace Estream.Marketplace.Manifests;

/// <summary>Of a <c>console-widget</c>.</summary>
public sealed record WidgetDetails : CategoryDetails
{
    internal WidgetDetails()
    {
    }

    /// <summary>Where the picker of the console shows it.</summary>
    public required string Group { get; init; }

    /// <summary>The roles of which a user needs one.</summary>
    public required IReadOnlyList<string> RequiredRoles { get; init; }

    /// <summary>The size it begins with.</summary>
    public required WidgetSize DefaultSize { get; init; }

    /// <summary>The smallest size.</summary>
    public required WidgetSize MinSize { get; init; }

    /// <summary>The largest size.</summary>
    public required WidgetSize MaxSize { get; init; }

    /// <summary><c>subscription</c>, <c>polling</c>, <c>static</c> or <c>eslite</c>.</summary>
    public required string DataSource { get; init; }

    /// <summary>The streams that it may read; a segment <c>{name}</c> stands for any one.</summary>
    public required IReadOnlyList<string> LexStreams { get; init; }

    /// <summary>The tables that it may read.</summary>
    public required IReadOnlyList<string> EsliteTables { get; init; }

    /// <summary>Whether it can be seen on a light background too.</summary>
    public required bool SupportsLightMode { get; init; }

    /// <summary>Its accent as <c>#RRGGBB</c>; null where it has none of its own.</summary>
    public required string? CustomAccent { get; init; }

    /// <summary>The circuit behind it; null where there is none.</summary>
    public required string? BackingCircuit { get; init; }

    /// <summary>The file of the bundle, an ES module.</summary>
    public required string BundleEntry { get; init; }

    /// <summary>How long the bundle may be, in bytes.</summary>
    public required int MaxBundleBytes { get; init; }

    // Part of the engines of the manifest.
    internal SemanticVersion? ConsoleMinVersion { get; init; }
}

/// <summary>A size on the grid of a dashboard.</summary>
/// <param name="Cols">Columns.</param>
/// <param name="Rows">Rows.</param>
public readonly record struct WidgetSize(int Cols, int Rows);
