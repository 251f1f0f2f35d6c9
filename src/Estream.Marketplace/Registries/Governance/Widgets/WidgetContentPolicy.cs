using Estream.Circuits;
using Estream.Marketplace.Governance.Scripts;

namespace Estream.Marketplace.Governance;

/// <summary>
/// Looks through a bundle for code that a content security policy without <c>unsafe-eval</c> and <c>unsafe-inline</c> would stop:
/// <c>eval</c>, <c>Function</c>, timers with a text, inline scripts and handlers, <c>javascript:</c> and <c>data:</c> addresses of scripts.
/// It tells an author early and honestly; it is no fence, since a script can put together at run time what it does not show. The fence is
/// the frame that a widget runs in (docs/formats/widget-release.md).
/// </summary>
public static class WidgetContentPolicy
{
    /// <summary>Looks through a bundle. Whatever it is given, it answers and does not throw, in time that is in proportion to its length;
    /// what it cannot read is a violation.</summary>
    /// <param name="script">An ECMAScript module, in UTF-8.</param>
    /// <returns>What was found, 16 at most, each with its line, in words for people; empty where nothing was.</returns>
    public static IReadOnlyList<string> Check(ReadOnlySpan<byte> script)
    {
        Findings findings = new();
        new ContentPolicy(script, findings).Check();
        return findings.Texts;
    }
}
