using Estream.Esf.Schema;

namespace Estream.Marketplace.Manifests;

/// <summary>Details of a <c>console-widget</c>.</summary>
public sealed record WidgetDetails : CategoryDetails
{
    internal WidgetDetails()
    {
    }

    /// <summary>The group in the console's widget picker.</summary>
    public required string Group { get; init; }

    /// <summary>The roles, of which a user needs at least one.</summary>
    public required IReadOnlyList<string> RequiredRoles { get; init; }

    /// <summary>The initial size.</summary>
    public required WidgetSize DefaultSize { get; init; }

    /// <summary>The smallest size.</summary>
    public required WidgetSize MinSize { get; init; }

    /// <summary>The largest size.</summary>
    public required WidgetSize MaxSize { get; init; }

    /// <summary><c>subscription</c>, <c>polling</c>, <c>static</c> or <c>eslite</c>.</summary>
    public required string DataSource { get; init; }

    /// <summary>The streams that the widget may read; a segment <c>{name}</c> matches any segment.</summary>
    public required IReadOnlyList<string> LexStreams { get; init; }

    /// <summary>The tables that the widget may read.</summary>
    public required IReadOnlyList<string> EsliteTables { get; init; }

    /// <summary>Whether the widget supports a light background.</summary>
    public required bool SupportsLightMode { get; init; }

    /// <summary>The accent color as <c>#RRGGBB</c>; null for the default.</summary>
    public required string? CustomAccent { get; init; }

    /// <summary>The circuit that computes the widget's data; null if there is none.</summary>
    public required string? BackingCircuit { get; init; }

    /// <summary>The file of the bundle, an ES module.</summary>
    public required string BundleEntry { get; init; }

    /// <summary>The maximum size of the bundle, in bytes.</summary>
    public required int MaxBundleBytes { get; init; }

    // The lowest console version that the widget supports; also one of the engines of the manifest.
    internal SemanticVersion? ConsoleMinVersion { get; init; }
}

/// <summary>A size on the grid of a dashboard.</summary>
/// <param name="Cols">The number of columns.</param>
/// <param name="Rows">The number of rows.</param>
public readonly record struct WidgetSize(int Cols, int Rows);
