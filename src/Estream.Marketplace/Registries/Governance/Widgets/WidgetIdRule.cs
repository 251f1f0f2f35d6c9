using System.Text.RegularExpressions;
using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>How ids of widgets are written: a scope, which belongs to a publisher, and a name in it. ASCII alone, so that none looks like
/// another.</summary>
internal static partial class WidgetIdRule
{
    public static bool IsId(string text) => Id().IsMatch(text);

    /// <summary>Whether an id lies in a scope.</summary>
    public static bool IsIn(string id, string scope) => scope.Length > 1 && IsId(id) && id.Length > scope.Length && id[scope.Length] == '/' && id.StartsWith(scope, StringComparison.Ordinal);

    [GeneratedRegex(@"\A@[a-z0-9-]{1,39}/[a-z0-9-]{1,64}\z")]
    private static partial Regex Id();
}
