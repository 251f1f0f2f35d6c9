using Xunit;

namespace Estream.Testing;

/// <summary>A test that starts processes in their own pid namespace (<see cref="PidNamespace"/>); skipped if the user may not create
/// one.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PidNamespaceFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

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
            return $"a separate pid namespace needs root (CAP_SYS_ADMIN) and unshare of util-linux: {refusal.Message}";
        }
    }
}

/// <summary>Starts processes that see other processes under other ids, or not at all, as in a container. Usable only in tests that
/// <see cref="PidNamespaceFactAttribute"/> lets run.</summary>
public static class PidNamespace
{
    private static readonly string[] s_options = ["--pid", "--fork", "--kill-child", "--mount-proc"];

    /// <summary>The id of the started process inside its namespace, where it is the first process.</summary>
    public const int ProcessId = 1;

    /// <summary>Starts an assembly of this repository in its own namespace. Killing the returned process also kills the assembly's process,
    /// a moment later.</summary>
    public static ChildProcess StartDotnet(string assembly, params string[] arguments) =>
        ChildProcess.Start("unshare", [.. s_options, "dotnet", assembly, .. arguments]);

    internal static void Probe() => ChildProcess.Run("unshare", [.. s_options, "true"]).EnsureSuccess();
}
