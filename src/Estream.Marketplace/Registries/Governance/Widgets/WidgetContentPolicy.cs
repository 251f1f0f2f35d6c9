using Estream.Circuits;
using Estream.Marketplace.Governance.Scripts;

namespace Estream.Marketplace.Governance;

/// <summary>
/// Scans a bundle for code that a content security policy without <c>unsafe-eval</c> and <c>unsafe-inline</c> would block: <c>eval</c>,
/// <c>Function</c>, timers with a text, inline scripts and handlers, <c>javascript:</c> and <c>data:</c> addresses of scripts. This gives
/// authors early feedback; it is not a security boundary, because a script can assemble such code at run time. The boundary is the frame
/// that a widget runs in (docs/formats/widget-release.md).
/// </summary>
public static class WidgetContentPolicy
{
    /// <summary>Scans a bundle in time linear in its length. Never throws on any input; a script that cannot be tokenized is a
    /// violation.</summary>
    /// <param name="script">An ECMAScript module, in UTF-8.</param>
    /// <returns>The violations as text for display, each with its line, at most 16; empty if there are none.</returns>
    public static IReadOnlyList<string> Check(ReadOnlySpan<byte> script)
    {
        Findings findings = new();
        new ContentPolicy(script, findings).Check();
        return findings.Texts;
    }
}
