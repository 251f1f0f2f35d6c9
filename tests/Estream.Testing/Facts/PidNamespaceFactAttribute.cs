using Xunit;

namespace Estream.Testing;

/// <summary>A test that starts processes in a pid namespace of their own (<see cref="PidNamespace"/>); skipped where the user may
/// not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PidNamespaceFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

    /// <summary>Looks once whether such a namespace can be made.</summary>
    public PidNamespaceFactAttribute()
    {
        Skip = s_skipReason.Value;
    }

    private static string? FindSkipReason()
    {
        try
        {
            PidNamespace.Probe();
            return null;
        }
        catch (Exception refusal)
        {
            return $"a pid namespace of its own needs root (CAP_SYS_ADMIN) and unshare of util-linux: {refusal.Message}";
        }
    }
}

/// <summary>Processes that see other processes by other numbers, or not at all, as those of a container do. Only where
/// <see cref="PidNamespaceFactAttribute"/> lets a test run.</summary>
public static class PidNamespace
{
    private static readonly string[] s_options = ["--pid", "--fork", "--kill-child", "--mount-proc"];

    /// <summary>What the process started here is called in its own namespace: it is the first one there.</summary>
    public const int ProcessId = 1;

    /// <summary>Starts an assembly of this repository in a namespace of its own. Killing what is returned kills it as well, a moment
    /// later.</summary>
    public static ChildProcess StartDotnet(string assembly, params string[] arguments) =>
        ChildProcess.Start("unshare", [.. s_options, "dotnet", assembly, .. arguments]);

    internal static void Probe() => ChildProcess.Run("unshare", [.. s_options, "true"]).EnsureSuccess();
}
