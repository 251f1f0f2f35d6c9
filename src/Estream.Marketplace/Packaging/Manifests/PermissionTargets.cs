using System.Globalization;
using System.Text.RegularExpressions;

namespace Estream.Marketplace.Manifests;

/// <summary>Validates the targets of permissions: hosts, ports, names, folders, intervals. All targets are ASCII, so the approved text is
/// unambiguous.</summary>
internal static partial class PermissionTargets
{
    private const int MaxPort = 65_535;

    public static bool IsHost(string target)
    {
        int colon = target.LastIndexOf(':');
        string host = colon < 0 ? target : target[..colon];
        return host.Length <= 253 && Host().IsMatch(host) && (colon < 0 || IsPort(target[(colon + 1)..]));
    }

    public static bool IsPort(string? target) =>
        target is { Length: > 0 } && target[0] != '0' && int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port <= MaxPort;

    public static bool IsName(string? target) => target is not null && Name().IsMatch(target);

    public static bool IsCapability(string? target) => target is not null && Capability().IsMatch(target);

    /// <summary>Returns whether the target is an interval of at least one second and at most a day.</summary>
    public static bool IsInterval(string? target) =>
        target is not null && Interval().IsMatch(target) && TimeOf(target) <= TimeSpan.FromDays(1);

    /// <summary>Returns the time of a target of <see cref="IsInterval"/>.</summary>
    public static TimeSpan TimeOf(string interval) => int.Parse(interval.AsSpan(0, interval.Length - 1), CultureInfo.InvariantCulture)
        * interval[^1] switch { 's' => TimeSpan.FromSeconds(1), 'm' => TimeSpan.FromMinutes(1), _ => TimeSpan.FromHours(1) };

    public static bool IsTool(string? target) => target is not null && Tool().IsMatch(target);

    /// <summary>Returns the absolute folder after a prefix; null if there is none.</summary>
    public static string? Folder(string? target, string beginning) =>
        target is not null && target.StartsWith(beginning, StringComparison.Ordinal) && AbsoluteFolder()
            .IsMatch(target.AsSpan(beginning.Length))
        && !target.Contains("/..", StringComparison.Ordinal) && !target.Contains("/.", StringComparison.Ordinal)
            ? target[beginning.Length..]
            : null;

    [GeneratedRegex(@"\A(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Host();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[A-Z][A-Z0-9_]{1,40}\z")]
    private static partial Regex Capability();

    [GeneratedRegex(@"\A[1-9][0-9]{0,4}[smh]\z")]
    private static partial Regex Interval();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,63}/[A-Za-z0-9_.-]{1,64}\z")]
    private static partial Regex Tool();

    [GeneratedRegex(@"\A(/[A-Za-z0-9._-]+)+\z", RegexOptions.NonBacktracking)]
    private static partial Regex AbsoluteFolder();
}
