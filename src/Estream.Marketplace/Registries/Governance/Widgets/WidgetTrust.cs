using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>How far a widget is trusted: the words of <c>trust_level</c>.</summary>
public static class WidgetTrust
{
    /// <summary>Nobody reviewed it.</summary>
    public const string Community = "community";

    /// <summary>So many approvers signed it as are asked for.</summary>
    public const string Verified = "verified";

    /// <summary>It is of the organization that runs the console.</summary>
    public const string Trusted = "trusted";

    private static readonly string[] s_levels = [Community, Verified, Trusted];

    /// <summary>The lower of two levels; what is none counts as the lowest.</summary>
    internal static string Lower(string one, string other) => s_levels[Math.Max(0, Math.Min(Array.IndexOf(s_levels, one), Array.IndexOf(s_levels, other)))];

    /// <summary>Whether a word is a level.</summary>
    internal static bool IsLevel(string word) => s_levels.Contains(word);
}
