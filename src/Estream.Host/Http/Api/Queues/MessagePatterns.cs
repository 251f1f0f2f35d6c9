using System.Diagnostics.CodeAnalysis;
using Estream.Esf;

namespace Estream.Host.Http;

/// <summary>The requested messages: by lattice, by address, or all.</summary>
/// <param name="Lattice">The pattern of lattices; null for all.</param>
/// <param name="Path">The pattern of addresses; null for all.</param>
internal readonly record struct MessagePatterns(EsfAddressPattern? Lattice, EsfAddressPattern? Path)
{
    public bool AreAll => Lattice is null && Path is null;

    /// <summary>Parses <c>lattice</c> and <c>path</c> of the query.</summary>
    /// <param name="context">The request.</param>
    /// <param name="patterns">The patterns; empty if neither is given.</param>
    /// <param name="reason">The error if a pattern is invalid.</param>
    public static bool TryRead(HttpContext context, out MessagePatterns patterns, [NotNullWhen(false)] out string? reason)
    {
        patterns = default;
        if (!TryRead(context, "lattice", isPath: false, out EsfAddressPattern? lattice, out reason)
            || !TryRead(context, "path", isPath: true, out EsfAddressPattern? path, out reason))
        {
            return false;
        }

        patterns = new MessagePatterns(lattice, path);
        return true;
    }

    private static bool TryRead(HttpContext context, string name, bool isPath, out EsfAddressPattern? pattern,
        [NotNullWhen(false)] out string? reason)
    {
        (pattern, reason) = (null, null);
        string? text = context.Request.Query[name];
        if (text is null)
        {
            return true;
        }

        if (!EsfAddressPattern.TryParse(text, out pattern, out reason))
        {
            reason = $"{name}: {reason}.";
            return false;
        }

        if (pattern.IsPath != isPath)
        {
            reason = isPath
                ? "path must begin with '/', such as /devices/*/telemetry."
                : "lattice must not begin with '/', such as estream.iot.** . Use path for addresses.";
            return false;
        }

        return true;
    }
}
