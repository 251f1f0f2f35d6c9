using System.Text;

namespace Estream.Host.Widgets;

/// <summary>The widgets and themes at one moment. Immutable.</summary>
/// <param name="Stamp">The state of the lock and of the list of revoked components before they were read.</param>
/// <param name="Folders">The state of the folder of each package before it was read, by root.</param>
/// <param name="Tag">The entity tag of <paramref name="Json"/>, with its quotes.</param>
/// <param name="Json">The answer of <c>GET /api/widgets</c>.</param>
/// <param name="Widgets">The widgets that pass all checks, by name.</param>
/// <param name="Refused">The others, by name.</param>
/// <param name="Bytes">The bytes of files in memory.</param>
/// <param name="Failure">Why the lock cannot be read; null if it was read.</param>
internal sealed record WidgetSnapshot(string Stamp, IReadOnlyDictionary<string, int> Folders, string Tag, ReadOnlyMemory<byte> Json,
    IReadOnlyDictionary<string, ServedWidget> Widgets, IReadOnlyDictionary<string, RefusedComponent> Refused, long Bytes, string? Failure)
{
    /// <summary>The data of the event <c>widgets</c>.</summary>
    public byte[] Event { get; } = Encoding.UTF8.GetBytes($"{{\"etag\":\"{Tag.Replace("\"", "\\\"", StringComparison.Ordinal)}\"}}");

    /// <summary>Returns why a component is not served, as a sentence.</summary>
    public string WhyNot(string component) => Failure
        ?? (Refused.TryGetValue(component, out RefusedComponent? refused)
            ? refused.Reason
            : $"No widget '{component}' is installed in the workspace of the host.");
}

/// <summary>A widget with its files.</summary>
/// <param name="Version">The version.</param>
/// <param name="Grant">What the widget may read.</param>
/// <param name="Files">The bundle and the images, by path in the package.</param>
internal sealed record ServedWidget(string Version, WidgetGrant Grant, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files);
